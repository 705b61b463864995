# SPDX-License-Identifier: GPL-3.0-or-later
"""What the device says of itself."""

from __future__ import annotations

import platform
from pathlib import Path
from typing import Any

from aiohttp import web

from .answers import ValidatorError, answer, flag

PLATFORM = Path("/usr/lib/kvmd/platform")
EXTRAS = Path("/usr/share/kvmd/extras")
VERSION = "4.197"
FIELDS = ("auth", "extras", "fan", "hw", "meta", "system")


class Info:
    """GET /info, with the fields asked for; `legacy=0` tells the platform as system's."""

    def __init__(self, platform_file: Path = PLATFORM) -> None:
        self._platform_file = platform_file

    def routes(self) -> list[web.RouteDef]:
        return [web.get("/info", self.get)]

    def _platform(self) -> dict[str, str]:
        pairs = (line.split("=", 1) for line in self._platform_file.read_text().splitlines() if "=" in line)
        values = {name.removeprefix("PIKVM_").lower(): value.strip() for name, value in pairs}
        return {"type": "rpi", "base": "Virtual bench", **values}

    def state(self, legacy: bool = True) -> dict[str, Any]:
        kernel = platform.uname()
        system: dict[str, Any] = {
            "kvmd": {"version": VERSION},
            "streamer": {"app": "ustreamer", "version": "4.9", "features": {}},
            "kernel": {"system": kernel.system, "release": kernel.release, "machine": kernel.machine},
        }
        if not legacy:
            system["platform"] = self._platform()
        return {
            "auth": {"enabled": True},
            "extras": {},
            "fan": {"monitored": False, "state": None},
            "hw": {"platform": self._platform(), "health": {}},
            "meta": {"server": {"host": kernel.node}},
            "system": system,
        }

    async def get(self, request: web.Request) -> web.Response:
        wanted = [name for name in request.query.get("fields", ",".join(FIELDS)).split(",") if name]
        for name in wanted:
            if name not in FIELDS:
                raise ValidatorError(f"The argument {name!r} is not a valid info field")
        state = self.state(flag(request, "legacy", True))
        return answer({name: state[name] for name in wanted})
