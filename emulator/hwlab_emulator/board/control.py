# SPDX-License-Identifier: GPL-3.0-or-later
"""The board's own socket, for people at the bench and for tests: status, screenshots, buttons, faults.

JSON lines: {"method": NAME, "params": {}} -> {"result": ANY} or {"error": TEXT}.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

Method = Callable[..., Awaitable[Any]]


class BoardError(Exception):
    """The board refused."""


async def serve(socket: Path, methods: dict[str, Method]) -> asyncio.Server:
    """Serve `methods` on a socket that only its owner can open."""
    socket.unlink(missing_ok=True)

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while line := await reader.readline():
                writer.write(json.dumps(await _answer(line, methods)).encode() + b"\n")
                await writer.drain()
        writer.close()

    server = await asyncio.start_unix_server(talk, str(socket))
    socket.chmod(0o600)
    return server


async def _answer(line: bytes, methods: dict[str, Method]) -> dict[str, Any]:
    try:
        request = json.loads(line)
        name, params = request["method"], request.get("params", {})
        if name not in methods:
            return {"error": f"no method {name!r}: {', '.join(methods)}"}
        return {"result": await methods[name](**params)}
    except BoardError as error:
        return {"error": str(error)}
    except (ValueError, KeyError, TypeError) as error:
        return {"error": f"bad request: {error}"}


async def call(socket: Path, method: str, timeout: float = 10.0, **params: Any) -> Any:
    """Call a method of the board behind `socket`; raises BoardError, OSError when no board runs."""
    reader, writer = await asyncio.open_unix_connection(str(socket))
    try:
        writer.write(json.dumps({"method": method, "params": params}).encode() + b"\n")
        line = await asyncio.wait_for(reader.readline(), timeout)
    finally:
        writer.close()
    if not line:
        raise BoardError("the board hung up")
    answer = json.loads(line)
    if "error" in answer:
        raise BoardError(answer["error"])
    return answer["result"]
