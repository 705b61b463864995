# SPDX-License-Identifier: GPL-3.0-or-later
"""One console line for a whole run: read without pause, logged, connected again when it goes."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from pathlib import Path

from ansible_collections.hwlab.sut.plugins.plugin_utils.console.log_writer import LogWriter
from ansible_collections.hwlab.sut.plugins.plugin_utils.console.received import Received
from ansible_collections.hwlab.sut.plugins.plugin_utils.console.terminal_text import TerminalText
from ansible_collections.hwlab.sut.plugins.plugin_utils.console.transport import Transport
from ansible_collections.hwlab.sut.plugins.plugin_utils.errors import HwlabError, InfrastructureError
from ansible_collections.hwlab.sut.plugins.plugin_utils.tasks import end

#: Seconds before the next try to connect: short at first, since a port server needs a moment to let go.
_BACK_OFF = (0.3, 0.5, 1.0, 2.0, 4.0)
#: Seconds that a connection must last before it counts as one.
_SETTLE = 0.4


class ConsoleLine:
    """Owns the connection to one serial line.

    `make_transport` is called for every connection. `start` begins; `close` ends; in between the line tries
    to stay connected for ever and `problem` says why it is not.
    """

    def __init__(self, name: str, make_transport: Callable[[], Transport], log_folder: Path) -> None:
        self.name = name
        self.received = Received()
        self.bytes_received = 0
        self.problem = "not opened yet"
        #: Where the last wait ended; see waiting.py.
        self.last_match = 0
        self.log = LogWriter(log_folder, name)
        self._make_transport = make_transport
        self._transport: Transport | None = None
        self._text = TerminalText()
        self._news = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    @property
    def connected(self) -> bool:
        return self._transport is not None

    def start(self) -> None:
        if self._task is None:
            self._task = asyncio.create_task(self._keep_reading(), name=f"console {self.name}")

    async def close(self) -> None:
        """Stop reading, end the connection, finish the log."""
        await end(self._task)
        self.log.close()

    async def opened(self, timeout: float) -> None:
        """Wait until the line is connected; InfrastructureError with the reason when `timeout` s pass."""
        deadline = time.monotonic() + timeout
        while not self.connected:
            if not await self.wait_for_news(deadline - time.monotonic()):
                raise InfrastructureError(
                    f"console {self.name} is not connected after {timeout:g} s: {self.problem}",
                    evidence={"console": self.name, "log": str(self.log.path)},
                )

    async def wait_for_news(self, timeout: float) -> bool:
        """Wait until something is received or the connection changes; False when `timeout` s pass first."""
        if timeout <= 0:
            return False
        try:
            async with asyncio.timeout(timeout):
                await self._news.wait()
        except TimeoutError:
            return False
        return True

    async def send(self, data: bytes, delay: float = 0.0, timeout: float = 10.0) -> None:
        """Send bytes, `delay` seconds after each one when given; waits for a lost line to come back."""
        await self.opened(timeout)
        pieces = [data[i : i + 1] for i in range(len(data))] if delay else [data]
        for piece in pieces:
            transport = self._transport
            try:
                if transport is None:
                    raise ConnectionError("the line is not connected")
                await transport.write(piece)
            except ConnectionError as error:
                raise InfrastructureError(
                    f"console {self.name} went away while sending: {error}", evidence={"console": self.name}
                ) from error
            await asyncio.sleep(delay)

    async def _keep_reading(self) -> None:
        tries = 0
        while True:
            transport = self._make_transport()
            before = self.bytes_received
            try:
                await transport.open()
                problem = await self._read(transport)
            except HwlabError as error:
                problem = error.message
            finally:
                self._transport = None
                await transport.close()
            tries = 0 if self.bytes_received > before else tries + 1
            self._tell(problem, problem)
            await asyncio.sleep(_BACK_OFF[min(tries, len(_BACK_OFF) - 1)])

    async def _read(self, transport: Transport) -> str:
        first = asyncio.create_task(transport.read())
        try:
            # A port server that refuses says so at once: only a connection that survives this is one.
            await asyncio.wait({first}, timeout=_SETTLE)
            if first.done() and not first.result():
                return f"{transport.where} ended the connection at once; connecting again"
            self._transport = transport
            self._tell(f"connected to {transport.where}", "")
            self._take(await first)
        finally:
            first.cancel()
        while data := await transport.read():
            self._take(data)
        return f"{transport.where} ended the connection; connecting again"

    def _take(self, data: bytes) -> None:
        self.bytes_received += len(data)
        text = self._text.feed(data)
        self.log.received(data, text)
        self.received.append(text)
        self._wake()

    def _tell(self, remark: str, problem: str) -> None:
        if remark != self.problem or not problem:
            self.log.remark(remark)
        self.problem = problem
        self._wake()

    def _wake(self) -> None:
        """Wake everyone who waits now; those who come later wait for the next news."""
        news, self._news = self._news, asyncio.Event()
        news.set()
