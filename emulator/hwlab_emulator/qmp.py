# SPDX-License-Identifier: GPL-3.0-or-later
"""QEMU's machine protocol (QEMU, docs/interop/qmp-spec.txt) over a Unix socket."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

#: Answers can be long (query-qmp-schema has 200 kB).
LINE_LIMIT = 1 << 22


class QmpError(Exception):
    """QEMU refused a command, or is gone."""


class Qmp:
    """One connection. Commands are answered in their order; events go to `on_event` (name, data)."""

    def __init__(self, on_event: Callable[[str, dict[str, Any]], None] | None = None) -> None:
        self._on_event = on_event
        self._waiting: list[asyncio.Future[Any]] = []
        self._writer: asyncio.StreamWriter | None = None
        self._task: asyncio.Task[None] | None = None

    async def connect(self, path: Path, timeout: float = 10.0) -> None:
        """Connect, waiting up to `timeout` seconds for QEMU to listen; raises QmpError."""
        deadline = asyncio.get_running_loop().time() + timeout
        while True:
            try:
                reader, writer = await asyncio.open_unix_connection(str(path), limit=LINE_LIMIT)
                break
            except OSError as error:
                if asyncio.get_running_loop().time() > deadline:
                    raise QmpError(f"nothing answers at {path}: {error}") from error
                await asyncio.sleep(0.02)
        self._writer = writer
        await reader.readline()
        self._task = asyncio.create_task(self._read(reader))
        await self.execute("qmp_capabilities")

    async def _read(self, reader: asyncio.StreamReader) -> None:
        reason = "QEMU closed the connection"
        try:
            while line := await reader.readline():
                self._take(json.loads(line))
        except (OSError, ValueError) as error:
            reason = str(error)
        finally:
            self._writer = None
            for future in self._waiting:
                if not future.done():
                    future.set_exception(QmpError(reason))
            self._waiting.clear()

    def _take(self, message: dict[str, Any]) -> None:
        if "event" in message:
            if self._on_event is not None:
                self._on_event(message["event"], message.get("data", {}))
            return
        future = self._waiting.pop(0)
        if future.done():
            return
        if "error" in message:
            future.set_exception(QmpError(message["error"]["desc"]))
        else:
            future.set_result(message["return"])

    async def execute(self, command: str, **arguments: Any) -> Any:
        """Return what `command` returns; raises QmpError. Names with dashes are passed as `a_b`."""
        if self._writer is None:
            raise QmpError("not connected")
        request: dict[str, Any] = {"execute": command}
        if arguments:
            request["arguments"] = {name.replace("_", "-"): value for name, value in arguments.items()}
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._waiting.append(future)
        self._writer.write(json.dumps(request).encode() + b"\n")
        return await future

    async def human(self, line: str) -> str:
        """Return what QEMU's human monitor prints for `line`."""
        answer: str = await self.execute("human-monitor-command", command_line=line)
        return answer

    async def wait_closed(self) -> None:
        """Return when QEMU has closed the connection, as it does when it ends."""
        if self._task is not None:
            await asyncio.wait([self._task])

    async def close(self) -> None:
        """Hang up."""
        if self._writer is not None:
            self._writer.close()
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
