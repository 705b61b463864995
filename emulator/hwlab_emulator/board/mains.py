# SPDX-License-Identifier: GPL-3.0-or-later
"""The mains switch, a single-relay Sonoff, with each of the three firmwares that labs put on it.

Tasmota (tasmota.github.io/docs/Commands): GET or POST /cm?cmnd=Power [on|off|toggle|0|1|2].
ESPHome (esphome.io/web-api): GET /switch/ID, POST /switch/ID/turn_on|turn_off|toggle.
eWeLink DIY (github.com/itead/Sonoff_Devices_DIY_Tools, protocol documents 1.4 and 2.0):
POST /zeroconf/switch and /zeroconf/info. The documents differ in the form of info's data: a string that holds
JSON in 1.4, an object in 2.0.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import count
from typing import Any

from aiohttp import web

#: The switch's id in the lab's ESPHome configuration.
ESPHOME_SWITCH = "sonoff_s20_relay"
DEVICE_ID = "1000000077"


class MainsSwitch:
    """One relay: `get` tells its state, `put` switches it."""

    def __init__(
        self, get: Callable[[], bool], put: Callable[[bool], None], diy_protocol: str = "2.0"
    ) -> None:
        self._get, self._put = get, put
        self._diy_protocol = diy_protocol
        self._sequence = count(1)

    def open_firmware(self) -> web.Application:
        """Tasmota's and ESPHome's routes, which do not collide."""
        application = web.Application()
        application.router.add_route("*", "/cm", self._tasmota)
        application.router.add_get("/switch/{id}", self._esphome_state)
        application.router.add_post("/switch/{id}/{action}", self._esphome_action)
        return application

    def maker_firmware(self) -> web.Application:
        """The maker's firmware in DIY mode."""
        application = web.Application()
        application.router.add_post("/zeroconf/{command}", self._diy)
        return application

    async def _tasmota(self, request: web.Request) -> web.Response:
        values = {**request.query, **(await request.post())}
        words = str(values.get("cmnd", "")).split()
        if not words:
            return web.json_response({"WARNING": "Enter command cmnd="})
        command, argument = words[0].lower(), " ".join(words[1:]).lower()
        if command not in ("power", "power0", "power1"):
            return web.json_response({"Command": "Unknown"})
        if argument in ("on", "1", "true"):
            self._put(True)
        elif argument in ("off", "0", "false"):
            self._put(False)
        elif argument in ("toggle", "2"):
            self._put(not self._get())
        return web.json_response({"POWER": "ON" if self._get() else "OFF"})

    async def _esphome_state(self, request: web.Request) -> web.Response:
        if request.match_info["id"] != ESPHOME_SWITCH:
            return web.Response(status=404)
        state = self._get()
        return web.json_response(
            {"id": f"switch-{ESPHOME_SWITCH}", "value": state, "state": "ON" if state else "OFF"}
        )

    async def _esphome_action(self, request: web.Request) -> web.Response:
        wanted = {"turn_on": True, "turn_off": False, "toggle": not self._get()}
        action = request.match_info["action"]
        if request.match_info["id"] != ESPHOME_SWITCH or action not in wanted:
            return web.Response(status=404)
        self._put(wanted[action])
        return web.Response()

    async def _diy(self, request: web.Request) -> web.Response:
        try:
            body = json.loads(await request.read())
            data = body["data"]
        except (ValueError, KeyError, TypeError):
            return self._diy_answer(400)
        if body.get("deviceid") not in ("", None, DEVICE_ID):
            return self._diy_answer(404)
        command = request.match_info["command"]
        if command == "switch":
            if not isinstance(data, dict) or data.get("switch") not in ("on", "off"):
                return self._diy_answer(422)
            self._put(data["switch"] == "on")
            return self._diy_answer(0)
        if command == "info":
            return self._diy_answer(0, self._diy_info())
        return self._diy_answer(404)

    def _diy_info(self) -> str | dict[str, Any]:
        info = {
            "switch": "on" if self._get() else "off",
            **{"startup": "on", "pulse": "off", "pulseWidth": 500, "ssid": "lab", "otaUnlock": False},
        }
        if self._diy_protocol == "1.4":
            return json.dumps(info)
        return {**info, "fwVersion": "3.5.0", "deviceid": DEVICE_ID, "signalStrength": -50}

    def _diy_answer(self, error: int, data: str | dict[str, Any] | None = None) -> web.Response:
        answer: dict[str, Any] = {"seq": next(self._sequence), "error": error}
        if data is not None:
            answer["data"] = data
        return web.json_response(answer)
