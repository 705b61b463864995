# SPDX-License-Identifier: GPL-3.0-or-later
"""RteCtrl's HTTP API for GPIO, version 0.5.2 (github.com/3mdeb/RteCtrl, pkg/restServer/restServer.go).

GET /api/v1/gpio lists all lines; GET and PATCH /api/v1/gpio/ID show and set one. PATCH takes
{"state": 0|1, "direction": "in"|"out", "time": seconds}, each optional, a missing state being 0. With a time
the call returns at once, and the opposite state is written when the time is over, whatever happened in
between: such timers are never cancelled.
"""

from __future__ import annotations

import asyncio
import json
from typing import Any

from aiohttp import web

from hwlab_emulator.board.lines import Lines

NOT_READABLE = "can't read GPIO states"
NOT_FOUND = "id not found"
BAD_PARAMETERS = "bad parameters"


def _answer(value: Any, status: int = 200) -> web.Response:
    # The original encodes to the response as it is: text/plain, and a newline at the end.
    return web.Response(text=json.dumps(value, separators=(",", ":")) + "\n", status=status)


def _error(text: str, status: int = 404) -> web.Response:
    return _answer({"error": text}, status)


def _read_request(body: bytes) -> tuple[int, str, int]:
    """State, direction and time as Go's decoder takes them into (uint, string, uint); raises ValueError."""
    text = body.decode(errors="replace").lstrip()
    value, _ = json.JSONDecoder().raw_decode(text)
    if value is None:
        return 0, "", 0
    if not isinstance(value, dict):
        raise ValueError("not an object")
    fields: dict[str, Any] = {"state": 0, "direction": "", "time": 0}
    for key, given in value.items():
        name = key.lower()
        if name not in fields or given is None:
            continue
        if type(given) is not type(fields[name]) or (name != "direction" and given < 0):
            raise ValueError(f"{key} cannot be {given!r}")
        fields[name] = given
    return fields["state"], fields["direction"], fields["time"]


class RteCtrl:
    """The API over a flasher's lines."""

    def __init__(self, lines: Lines) -> None:
        self._lines = lines

    def application(self) -> web.Application:
        """The routes, for aiohttp to serve."""
        application = web.Application()
        application.router.add_get("/api/v1/gpio", self._list)
        application.router.add_get("/api/v1/gpio/{id}", self._get)
        application.router.add_patch("/api/v1/gpio/{id}", self._set)
        return application

    def _number(self, request: web.Request) -> int | web.Response:
        text = request.match_info["id"]
        try:
            number = int(text)
        except ValueError:
            return _error(NOT_FOUND)
        return number if 0 <= number < len(self._lines) else _error(NOT_READABLE)

    async def _list(self, request: web.Request) -> web.Response:
        return _answer([self._lines.describe(number) for number in range(len(self._lines))])

    async def _get(self, request: web.Request) -> web.Response:
        number = self._number(request)
        return number if isinstance(number, web.Response) else _answer(self._lines.describe(number))

    async def _set(self, request: web.Request) -> web.Response:
        number = self._number(request)
        if isinstance(number, web.Response):
            return number
        try:
            state, direction, seconds = _read_request(await request.read())
        except ValueError:
            return _error(BAD_PARAMETERS, 403)
        if direction:
            self._lines.set_direction(number, direction)
        self._lines.set_state(number, bool(state))
        if seconds:
            asyncio.get_running_loop().call_later(seconds, self._lines.set_state, number, not state)
        return _answer(self._lines.describe(number))
