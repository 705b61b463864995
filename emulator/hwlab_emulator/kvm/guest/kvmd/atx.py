# SPDX-License-Identifier: GPL-3.0-or-later
"""The ATX header: LEDs read from the board's wires, buttons pressed over them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from aiohttp import web

from .answers import ApiError, answer, choice, flag

WIRES = Path("/run/hwlab-wires.sock")
CLICK_SECONDS, LONG_CLICK_SECONDS = 0.1, 5.5
#: After a press kvmd stays busy this long.
SETTLE_SECONDS = 1.0
RECONNECT_SECONDS = 3.0


class AtxIsBusyError(ApiError):
    status, message = 409, "Performing another ATX operation, please try again later"


class Atx:
    """State of the header and what to do with it."""

    def __init__(self, changed: Callable[[], None], wires: Path = WIRES) -> None:
        self._changed, self._path = changed, wires
        self._writer: asyncio.StreamWriter | None = None
        self._leds = {"power": False, "hdd": False}
        self._pressed: str | None = None
        self._task: asyncio.Task[None] | None = None

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/atx", self.get),
            web.post("/atx/power", self.power),
            web.post("/atx/click", self.click),
        ]

    def state(self) -> dict[str, Any]:
        acts = {"power": self._pressed == "power", "reset": self._pressed == "reset"}
        busy = self._pressed is not None
        return {"enabled": True, "busy": busy, "acts": acts, "leds": dict(self._leds)}

    async def follow(self) -> None:
        """Follow the LEDs until cancelled."""
        while True:
            try:
                reader, self._writer = await asyncio.open_unix_connection(self._path)
                while line := await reader.readline():
                    message = json.loads(line)
                    if "led" in message:
                        self._leds.update(message["led"])
                        self._changed()
            except (OSError, ValueError):
                pass
            self._writer = None
            await asyncio.sleep(RECONNECT_SECONDS)

    async def get(self, request: web.Request) -> web.Response:
        return answer(self.state())

    async def power(self, request: web.Request) -> web.Response:
        action = choice(request, "action", ("on", "off", "off_hard", "reset_hard"))
        wait = flag(request, "wait", False)
        on = self._leds["power"]
        button, seconds, wanted = {
            "on": ("power", CLICK_SECONDS, not on),
            "off": ("power", CLICK_SECONDS, on),
            "off_hard": ("power", LONG_CLICK_SECONDS, on),
            "reset_hard": ("reset", CLICK_SECONDS, on),
        }[action]
        if wanted:
            await self._press(button, seconds, wait)
        return answer()

    async def click(self, request: web.Request) -> web.Response:
        name = choice(request, "button", ("power", "power_long", "reset"))
        seconds = LONG_CLICK_SECONDS if name == "power_long" else CLICK_SECONDS
        await self._press(name.removesuffix("_long"), seconds, flag(request, "wait", False))
        return answer()

    async def _press(self, button: str, seconds: float, wait: bool) -> None:
        if self._pressed is not None:
            raise AtxIsBusyError
        self._pressed = button
        if self._writer:
            self._writer.write(json.dumps({"press": button, "seconds": seconds}).encode() + b"\n")
        self._task = asyncio.create_task(self._release(seconds + SETTLE_SECONDS))
        self._changed()
        if wait:
            await asyncio.shield(self._task)

    async def _release(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
        self._pressed = None
        self._changed()
