# SPDX-License-Identifier: GPL-3.0-or-later
"""A serial line behind a command that runs in a pseudo terminal, as LAVA runs its connection commands."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shlex
import signal
import tty
from collections.abc import Sequence

from ansible_collections.hwlab.sut.plugins.plugin_utils.console.transport import check_refusal
from ansible_collections.hwlab.sut.plugins.plugin_utils.errors import InfrastructureError

_CHUNK = 1 << 16
#: Bytes among which a refusal is looked for.
_FIRST_WORDS = 500
#: How long a command that was asked to end may take.
_GRACE = 1.0


class PtyCommand:
    """Runs `argv` with a raw pseudo terminal as its three standard files, in a session of its own."""

    def __init__(self, argv: Sequence[str]) -> None:
        self.where = f"`{shlex.join(argv)}`"
        self._argv = list(argv)
        self._master = -1
        self._process: asyncio.subprocess.Process | None = None
        self._readable = asyncio.Event()
        self._seen = b""

    async def open(self) -> None:
        self._master, terminal = os.openpty()
        try:
            tty.setraw(terminal)
            self._process = await asyncio.create_subprocess_exec(
                *self._argv, stdin=terminal, stdout=terminal, stderr=terminal, start_new_session=True
            )
        except OSError as error:
            self._drop_master()
            raise InfrastructureError(
                f"console command {self.where} cannot start: {error.strerror}: "
                f"is {self._argv[0]} installed on the controller?"
            ) from error
        finally:
            os.close(terminal)
        os.set_blocking(self._master, False)
        asyncio.get_running_loop().add_reader(self._master, self._readable.set)

    async def read(self) -> bytes:
        while self._master >= 0:
            await self._readable.wait()
            try:
                data = os.read(self._master, _CHUNK)
            except BlockingIOError:
                self._readable.clear()
                continue
            except OSError:
                data = b""  # EIO: the last process that held the terminal has ended.
            if data:
                self._look_for_refusal(data)
            return data
        return b""

    async def write(self, data: bytes) -> None:
        while data:
            if self._master < 0:
                raise ConnectionError(f"{self.where} has ended")
            try:
                data = data[os.write(self._master, data) :]
            except BlockingIOError:
                await asyncio.sleep(0.01)
            except OSError as error:
                raise ConnectionError(f"{self.where} has ended") from error

    async def close(self) -> None:
        self._drop_master()
        process, self._process = self._process, None
        if process is None or process.returncode is not None:
            return
        for number in (signal.SIGHUP, signal.SIGTERM, signal.SIGKILL):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, number)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_GRACE / 2):
                    await process.wait()
                return

    def _look_for_refusal(self, data: bytes) -> None:
        """A port server's refusal comes first, or right after what the command itself has to say."""
        if len(self._seen) < _FIRST_WORDS:
            self._seen += data
            for line in self._seen.splitlines():
                check_refusal(line, self.where)

    def _drop_master(self) -> None:
        if self._master >= 0:
            asyncio.get_running_loop().remove_reader(self._master)
            os.close(self._master)
            self._master = -1
            self._readable.set()
