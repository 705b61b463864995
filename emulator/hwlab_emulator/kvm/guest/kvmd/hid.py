# SPDX-License-Identifier: GPL-3.0-or-later
"""Keyboard and mouse of the gadget.

Reports: the boot keyboard's 8 bytes (HID 1.11, appendix B.1) and the absolute mouse's 6: buttons,
X and Y (0..32767, little-endian), wheel.
"""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

from aiohttp import web

from .answers import ValidatorError, answer, choice, flag, number
from .keys import EN_US, MODIFIERS, STICKY, USAGES
from .reports import ReportNode

KEYBOARD, MOUSE = Path("/dev/kvmd-hid-keyboard"), Path("/dev/kvmd-hid-mouse")
UDC = Path("/sys/class/udc")
PRINT_LIMIT = 1024
KEYS_IN_REPORT = 6
BUTTONS = {"left": 1, "right": 2, "middle": 4, "up": 8, "down": 16}
LOW, HIGH = -32768, 32767


class Hid:
    """What is pressed, where the pointer is, and the two nodes."""

    def __init__(self, keyboard: Path = KEYBOARD, mouse: Path = MOUSE, udc: Path = UDC) -> None:
        self.keyboard, self.mouse, self._udc = ReportNode(keyboard), ReportNode(mouse), udc
        self._down: list[str] = []
        self._buttons = 0
        self._at = (0, 0)

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/hid", self.get),
            web.get("/hid/keymaps", self.keymaps),
            web.post("/hid/print", self.print),
            web.post("/hid/reset", self.reset),
            web.post("/hid/set_connected", self.set_connected),
            web.post("/hid/set_params", self.set_params),
            web.post("/hid/events/send_key", self.send_key),
            web.post("/hid/events/send_shortcut", self.send_shortcut),
            web.post("/hid/events/send_mouse_button", self.send_mouse_button),
            web.post("/hid/events/send_mouse_move", self.send_mouse_move),
            web.post("/hid/events/send_mouse_relative", self.send_mouse_relative),
            web.post("/hid/events/send_mouse_wheel", self.send_mouse_wheel),
        ]

    def state(self) -> dict[str, Any]:
        online = any(path.read_text().strip() == "configured" for path in self._udc.glob("*/state"))
        nothing: dict[str, Any] = {"available": [], "active": ""}
        leds = {"caps": False, "scroll": False, "num": False}
        return {
            "enabled": True,
            "online": online,
            "busy": False,
            "connected": None,
            "keyboard": {"online": online, "leds": leds, "outputs": nothing},
            "mouse": {"online": online, "absolute": True, "outputs": nothing},
            "jiggler": {"enabled": False, "active": False, "interval": 60},
        }

    def key(self, name: str, state: bool) -> None:
        """Press or release one key. Raises ValidatorError for a name that is no web code."""
        if name not in USAGES and name not in MODIFIERS:
            raise ValidatorError(f"The argument {name!r} is not a valid Keyboard key")
        if state and name not in self._down:
            self._down.append(name)
        elif not state and name in self._down:
            self._down.remove(name)
        self.keyboard.put(self._keyboard_report())

    def _keyboard_report(self) -> bytes:
        modifiers = sum(MODIFIERS[name] for name in self._down if name in MODIFIERS)
        usages = [USAGES[name] for name in self._down if name not in MODIFIERS][:KEYS_IN_REPORT]
        return bytes((modifiers, 0, *usages)).ljust(8, b"\0")

    def move(self, x: int, y: int) -> None:
        """Put the pointer at x, y (-32768..32767, the centre is 0, 0; what is beyond is at the edge)."""
        self._at = (min(max(x, LOW), HIGH), min(max(y, LOW), HIGH))
        self._mouse()

    def button(self, name: str, state: bool) -> None:
        """Press or release a mouse button of BUTTONS."""
        self._buttons = self._buttons | BUTTONS[name] if state else self._buttons & ~BUTTONS[name]
        self._mouse()

    def _mouse(self, wheel: int = 0) -> None:
        x, y = ((value + 32768) // 2 for value in self._at)
        self.mouse.put(struct.pack("<BHHb", self._buttons, x, y, wheel))

    def clear(self) -> None:
        """All released and nothing queued: what kvmd does when any websocket opens or closes."""
        self.keyboard.clear()
        self.mouse.clear()
        if self._down:
            self._down.clear()
            self.keyboard.put(self._keyboard_report())
        if self._buttons:
            self._buttons = 0
            self._mouse()

    async def get(self, request: web.Request) -> web.Response:
        return answer(self.state())

    async def keymaps(self, request: web.Request) -> web.Response:
        return answer({"keymaps": {"default": "en-us", "available": ["en-us"]}})

    async def print(self, request: web.Request) -> web.Response:
        limit = number(request, "limit", 0, 1 << 30, PRINT_LIMIT)
        if request.query.get("keymap", "en-us") != "en-us":
            raise ValidatorError(f"The argument {request.query['keymap']!r} is not a valid keymap")
        text = await request.text()
        for character in text[:limit] if limit else text:
            key, shift = EN_US.get(character, ("", False))
            if not key:
                continue
            if shift:
                self.key("ShiftLeft", True)
            self.key(key, True)
            self.key(key, False)
            if shift:
                self.key("ShiftLeft", False)
        return answer()

    async def send_key(self, request: web.Request) -> web.Response:
        name = request.query.get("key", "")
        if "state" in request.query:
            self.key(name, flag(request, "state"))
        else:
            self.key(name, True)
            if name not in STICKY or flag(request, "finish", False):
                self.key(name, False)
        return answer()

    async def send_shortcut(self, request: web.Request) -> web.Response:
        names = [name.strip() for name in request.query.get("keys", "").split(",") if name.strip()]
        for name in names:
            if name not in USAGES and name not in MODIFIERS:
                raise ValidatorError(f"The argument {name!r} is not a valid Keyboard key")
        for name in names:
            self.key(name, True)
        for name in reversed(names):
            self.key(name, False)
        return answer()

    async def send_mouse_button(self, request: web.Request) -> web.Response:
        name = choice(request, "button", tuple(BUTTONS))
        if "state" in request.query:
            self.button(name, flag(request, "state"))
        else:
            self.button(name, True)
            self.button(name, False)
        return answer()

    async def send_mouse_move(self, request: web.Request) -> web.Response:
        far = 1 << 31
        self.move(number(request, "to_x", -far, far), number(request, "to_y", -far, far))
        return answer()

    async def send_mouse_relative(self, request: web.Request) -> web.Response:
        number(request, "delta_x", LOW, HIGH), number(request, "delta_y", LOW, HIGH)
        return answer()  # an absolute mouse drops it without a word

    async def send_mouse_wheel(self, request: web.Request) -> web.Response:
        number(request, "delta_x", -127, 127, 0)
        self._mouse(number(request, "delta_y", -127, 127))
        return answer()

    async def reset(self, request: web.Request) -> web.Response:
        self.clear()
        return answer()

    async def set_connected(self, request: web.Request) -> web.Response:
        flag(request, "connected")
        return answer()

    async def set_params(self, request: web.Request) -> web.Response:
        return answer()
