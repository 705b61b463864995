# SPDX-License-Identifier: GPL-3.0-or-later
"""Mains switch with the maker's firmware in DIY mode
(https://github.com/itead/Sonoff_Devices_DIY_Tools, protocol documents 1.4 and 2.0)."""

from __future__ import annotations

import json
from typing import Any

from ansible_collections.hwlab.sut.plugins.plugin_utils.errors import InfrastructureError
from ansible_collections.hwlab.sut.plugins.plugin_utils.power.follow import follows
from ansible_collections.hwlab.sut.plugins.plugin_utils.power.http import check_url, request_json


class EwelinkMains:
    """A single-channel device; `url` is usually ``http://ADDRESS:8081``."""

    def __init__(self, url: str, timeout_s: float = 5.0) -> None:
        self.url = check_url(url, "mains_url")
        self.name = f"ewelink_diy at {self.url}"
        self._timeout_s = timeout_s

    def is_on(self) -> bool:
        data = self._post("info", {}).get("data")
        if isinstance(data, str):  # protocol 1.4 packs the object into a string, 2.0 does not
            try:
                data = json.loads(data)
            except ValueError:
                data = None
        state = data.get("switch") if isinstance(data, dict) else None
        if state not in ("on", "off"):
            raise InfrastructureError(f"{self.name} did not tell the state of its switch: {data!r}")
        return bool(state == "on")

    def turn(self, on: bool) -> None:
        self._post("switch", {"switch": "on" if on else "off"})
        if not follows(self.is_on, on):
            raise InfrastructureError(f"{self.name} stayed {'off' if on else 'on'} when told otherwise")

    def _post(self, path: str, data: dict[str, str]) -> dict[str, Any]:
        url = f"{self.url}/zeroconf/{path}"
        body = {"deviceid": "", "data": data}
        answer = request_json("POST", url, device=self.name, body=body, timeout_s=self._timeout_s, tries=2)
        if not isinstance(answer, dict) or answer.get("error") != 0:
            raise InfrastructureError(
                f"{self.name} refused {path}: {answer!r} (error 0 is success; 401 means that DIY mode is off)"
            )
        return answer
