# SPDX-License-Identifier: GPL-3.0-or-later
"""Mains switch with Tasmota: ``/cm?cmnd=Power`` (https://tasmota.github.io/docs/Commands/, Control)."""

from __future__ import annotations

from urllib.parse import quote

from ansible_collections.hwlab.sut.plugins.plugin_utils.errors import InfrastructureError
from ansible_collections.hwlab.sut.plugins.plugin_utils.power.http import check_url, request_json


class TasmotaMains:
    """One relay of a Tasmota device; `outlet` 1 to 8 on devices with several."""

    def __init__(self, url: str, outlet: int | None = None, timeout_s: float = 5.0) -> None:
        self.url = check_url(url, "mains_url")
        self.name = f"tasmota at {self.url}"
        self._word = f"Power{outlet}" if outlet else "Power"
        self._timeout_s = timeout_s

    def is_on(self) -> bool:
        return self._command(self._word)

    def turn(self, on: bool) -> None:
        if self._command(f"{self._word} {'on' if on else 'off'}") != on:
            raise InfrastructureError(f"{self.name} stayed {'off' if on else 'on'} when told otherwise")

    def _command(self, text: str) -> bool:
        url = f"{self.url}/cm?cmnd={quote(text)}"
        answer = request_json("GET", url, device=self.name, timeout_s=self._timeout_s, tries=2)
        # With one relay the key is POWER whichever number was asked for; with several it is POWER<n>.
        for key in (self._word.upper(), "POWER", "POWER1"):
            if isinstance(answer, dict) and answer.get(key) in ("ON", "OFF"):
                return bool(answer[key] == "ON")
        raise InfrastructureError(
            f'{self.name} answered {text!r} with {answer!r}, expected {{"POWER": "ON"}}'
        )
