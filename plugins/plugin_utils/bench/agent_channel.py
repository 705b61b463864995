# SPDX-License-Identifier: GPL-3.0-or-later
"""One attachment to the agent: an ssh process whose standard input and output carry JSON lines."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
from collections.abc import Callable
from typing import Any

from ansible_collections.hwlab.sut.plugins.plugin_utils.bench.agent_start import AgentStarter
from ansible_collections.hwlab.sut.plugins.plugin_utils.bench.config import KvmConfig
from ansible_collections.hwlab.sut.plugins.plugin_utils.bench.protocol import LINE_LIMIT, encode
from ansible_collections.hwlab.sut.plugins.plugin_utils.errors import InfrastructureError

#: Exit statuses of `attach`: no agent runs; the token is not the holder's.
NO_AGENT, OTHER_TOKEN = 4, 5


class ChannelLost(InfrastructureError):
    """The attachment ended. `status` is that of ssh or of the far `attach`."""

    def __init__(self, message: str, status: int | None) -> None:
        super().__init__(message)
        self.status = status


class AgentChannel:
    """Requests and answers over one attachment; it is used until it is lost, then thrown away."""

    def __init__(self, kvm: KvmConfig, process: asyncio.subprocess.Process) -> None:
        self._kvm, self._process = kvm, process
        self._ids = itertools.count(1)
        self._waiting: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._reader: asyncio.Task[None] | None = None
        self._errors: asyncio.Task[bytes] | None = None
        #: Set once the channel is lost; `why` tells the reason then.
        self.lost = asyncio.Event()
        self.why: ChannelLost | None = None
        #: The agent's first line: holder, boot_id, lease.
        self.greeting: dict[str, Any] = {}

    @classmethod
    async def open(
        cls, kvm: KvmConfig, starter: AgentStarter, on_event: Callable[[dict[str, Any]], None]
    ) -> AgentChannel:
        """Attach. Raises ChannelLost when the agent is not there or not ours, or the KVM cannot be
        reached."""
        process = await asyncio.create_subprocess_exec(
            *starter.attach_argv(),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env=kvm.ssh.environment(),
            limit=LINE_LIMIT,
        )
        channel = cls(kvm, process)
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        channel._errors = asyncio.create_task(process.stderr.read())
        try:
            process.stdin.write(starter.token_line)
            async with asyncio.timeout(kvm.ssh.connect_timeout + 15):
                line = await process.stdout.readline()
            greeting = json.loads(line) if line else {}
        except (TimeoutError, ValueError, OSError):
            greeting = {}
        except asyncio.CancelledError:
            process.kill()
            raise
        if greeting.get("event") != "attached":
            await channel._end(str(greeting.get("error", "")))
            assert channel.why is not None
            raise channel.why
        channel.greeting = greeting
        channel._reader = asyncio.create_task(channel._read(on_event), name="agent answers")
        return channel

    async def call(self, method: str, params: dict[str, Any], timeout: float) -> dict[str, Any]:
        """One request. Raises InfrastructureError with the agent's words, ChannelLost when the channel
        ends."""
        if self.why is not None:
            raise self.why
        assert self._process.stdin is not None
        number = next(self._ids)
        answer: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        self._waiting[number] = answer
        try:
            self._process.stdin.write(encode({"id": number, "method": method, "params": params}))
            async with asyncio.timeout(timeout):
                await self._process.stdin.drain()
                message = await answer
        except TimeoutError as error:
            raise InfrastructureError(
                f"{self._kvm.name}: the agent did not answer {method} in {timeout:g} s: the KVM hangs, or "
                "the link to it does",
                evidence={"host": self._kvm.name, "method": method},
            ) from error
        except OSError as error:
            raise ChannelLost(f"{self._kvm.name}: the link to the agent broke: {error}", None) from error
        finally:
            self._waiting.pop(number, None)
        if "error" in message:
            raise InfrastructureError(
                f"{self._kvm.name}: {message['error']}", evidence={"host": self._kvm.name, "method": method}
            )
        return dict(message.get("result") or {})

    async def close(self) -> None:
        if self._reader is not None:
            self._reader.cancel()
        await self._end("closed")

    async def _read(self, on_event: Callable[[dict[str, Any]], None]) -> None:
        assert self._process.stdout is not None
        with contextlib.suppress(OSError, ValueError):
            while line := await self._process.stdout.readline():
                message = json.loads(line)
                waiter = self._waiting.get(message.get("id") or 0)
                if "event" in message:
                    on_event(message)
                elif waiter is not None and not waiter.done():
                    waiter.set_result(message)
        await self._end("")

    async def _end(self, words: str) -> None:
        """Note the loss once, and let everyone who waits know."""
        if self.why is not None:
            return
        if self._process.stdin is not None:
            self._process.stdin.close()
        try:
            async with asyncio.timeout(2.0):
                status = await self._process.wait()
        except TimeoutError:
            self._process.kill()
            status = await self._process.wait()
        stderr = b""
        if self._errors is not None:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(1.0):
                    stderr = await self._errors
        if status == 255 and not words:
            words = self._kvm.ssh.failure(stderr).message
        detail = words or stderr.decode(errors="replace").strip()[-500:] or f"it ended with status {status}"
        self.why = ChannelLost(f"{self._kvm.name}: no link to the agent: {detail}", status)
        self.lost.set()
        for waiter in self._waiting.values():
            if not waiter.done():
                waiter.set_exception(self.why)
