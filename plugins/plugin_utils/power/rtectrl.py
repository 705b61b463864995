# SPDX-License-Identifier: GPL-3.0-or-later
"""RteCtrl, the GPIO server of the RTE (https://github.com/3mdeb/RteCtrl, version 0.5.2).

``GET /api/v1/gpio/ID`` answers ``{"id", "state", "description", "direction"}``; ``PATCH`` of the same takes
``{"state": 0|1, "direction": "out"|"in", "time": seconds}``. With `time` (whole seconds) the server inverts
the state later by itself and answers at once; that timer cannot be cancelled.
"""

from __future__ import annotations

import math
from enum import IntEnum
from typing import Any

from ansible_collections.hwlab.sut.plugins.plugin_utils.errors import InfrastructureError
from ansible_collections.hwlab.sut.plugins.plugin_utils.power.http import check_url, request_json


class Line(IntEnum):
    """GPIO ids of RteCtrl.cfg; open-collector outputs (1 to 12) are asserted by 1 and high-impedance at 0."""

    RELAY = 0
    SPI_LINES = 1
    #: 1 gives 3.3 V to the chip, 0 leaves 1.8 V.
    SPI_VOLTAGE = 2
    SPI_VCC = 3
    RESET = 8
    POWER = 9
    CLEAR_CMOS = 11
    WRITE_PROTECT = 12
    #: EXT0, where the SUT's power LED is wired.
    POWER_LED = 13


class RteCtrl:
    """Client of one RteCtrl."""

    def __init__(self, url: str, timeout_s: float = 5.0) -> None:
        self.url = check_url(url, "flasher_api")
        self.device = f"RteCtrl of the flasher ({self.url})"
        self._timeout_s = timeout_s

    def state(self, line: Line) -> bool:
        """True when GPIO `line` is 1."""
        return self._state_in(self._call("GET", line, None, tries=2), line)

    def set(self, line: Line, on: bool) -> None:
        """Drive `line` to 1 or 0 and check that the answer says so."""
        answer = self._call("PATCH", line, {"state": int(on), "direction": "out"}, tries=2)
        if self._state_in(answer, line) != on:
            raise InfrastructureError(
                f"{self.device} left GPIO {int(line)} ({line.name}) at {answer['state']} when asked for "
                f"{int(on)}. Check RteCtrl.cfg on the flasher."
            )

    def pulse(self, line: Line, seconds: float) -> int:
        """Assert `line` and let RteCtrl release it; returns the whole seconds that it will stay asserted."""
        whole = max(1, math.ceil(seconds))
        self._call("PATCH", line, {"state": 1, "direction": "out", "time": whole}, tries=1)
        return whole

    def _call(self, method: str, line: Line, body: Any, tries: int) -> Any:
        url = f"{self.url}/api/v1/gpio/{int(line)}"
        return request_json(
            method, url, device=self.device, body=body, timeout_s=self._timeout_s, tries=tries
        )

    def _state_in(self, answer: Any, line: Line) -> bool:
        if not isinstance(answer, dict) or answer.get("state") not in (0, 1):
            raise InfrastructureError(f"{self.device} did not tell the state of GPIO {int(line)}: {answer!r}")
        return bool(answer["state"])


class RteButton:
    """Power or reset button pressed by an open-collector output of the RTE."""

    def __init__(self, rte: RteCtrl, line: Line) -> None:
        self._rte = rte
        self._line = line

    def press(self, seconds: float) -> None:
        """Hold for `seconds`, rounded up: RteCtrl counts whole seconds."""
        self._rte.pulse(self._line, seconds)


class RteLed:
    """Power LED read by the RTE's EXT0 input."""

    def __init__(self, rte: RteCtrl, active_low: bool = False) -> None:
        self._rte = rte
        self._active_low = active_low

    def lit(self) -> bool | None:
        return self._rte.state(Line.POWER_LED) != self._active_low
