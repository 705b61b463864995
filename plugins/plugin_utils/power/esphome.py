# SPDX-License-Identifier: GPL-3.0-or-later
"""Mains switch with ESPHome's web server: ``/switch/ID`` (https://esphome.io/web-api/, section Switch)."""

from __future__ import annotations

from ansible_collections.hwlab.sut.plugins.plugin_utils.errors import InfrastructureError
from ansible_collections.hwlab.sut.plugins.plugin_utils.power.follow import follows
from ansible_collections.hwlab.sut.plugins.plugin_utils.power.http import check_url, request_json

#: Switch id of the Sonoff S20 in the Dasharo lab's configuration.
DEFAULT_SWITCH = "sonoff_s20_relay"


class EsphomeMains:
    """The switch `switch_id` of an ESPHome node."""

    def __init__(self, url: str, switch_id: str = DEFAULT_SWITCH, timeout_s: float = 5.0) -> None:
        self.url = check_url(url, "mains_url")
        self.name = f"esphome at {self.url}"
        self._switch = f"{self.url}/switch/{switch_id}"
        self._timeout_s = timeout_s

    def is_on(self) -> bool:
        answer = request_json("GET", self._switch, device=self.name, timeout_s=self._timeout_s, tries=2)
        state = answer.get("state") if isinstance(answer, dict) else None
        if state not in ("ON", "OFF"):
            raise InfrastructureError(f'{self.name} answered {answer!r}, expected {{"state": "ON"}}')
        return bool(state == "ON")

    def turn(self, on: bool) -> None:
        """ESPHome answers with an empty body, so the state is read back."""
        url = f"{self._switch}/turn_{'on' if on else 'off'}"
        request_json("POST", url, device=self.name, timeout_s=self._timeout_s, tries=2)
        if not follows(self.is_on, on):
            raise InfrastructureError(f"{self.name} stayed {'off' if on else 'on'} when told otherwise")
