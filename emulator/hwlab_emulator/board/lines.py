# SPDX-License-Identifier: GPL-3.0-or-later
"""The flasher's GPIO lines and where each is wired to on the board.

Numbers, names and directions are those of RteCtrl's configuration (github.com/3mdeb/RteCtrl,
config/RteCtrl.cfg); what they are wired to is the Dasharo lab's use of them (osfv-scripts, libs/rte.py).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

#: RteCtrl's description and direction of each id.
NAMES = (
    *(("relay", "out"), ("oc3", "out"), ("oc2", "out"), ("oc1", "out"), ("oc6", "out"), ("oc5", "out")),
    *(("oc4", "out"), ("apu_wdt", "out"), ("apu_rst", "out"), ("apu_pwr", "out"), ("apu_modesw", "out")),
    *(("apu_clr_cmos", "out"), ("apu_wp", "out"), ("ext0", "in"), ("ext1", "in"), ("ext2", "in")),
    *(("ext3", "in"), ("led1", "in"), ("led2", "in"), ("led3", "in")),
)
RELAY, SPI_LINES, SPI_VOLTAGE, SPI_VCC, RESET, POWER, CLEAR_CMOS, POWER_LED = 0, 1, 2, 3, 8, 9, 11, 13


@dataclass
class _Line:
    description: str
    direction: str
    state: bool = False


class Lines:
    """State of every line; `on_output` (id, state) hears of each change of an output."""

    def __init__(self, on_output: Callable[[int, bool], None], power_led: Callable[[], bool]) -> None:
        self._lines = [_Line(description, direction) for description, direction in NAMES]
        self._on_output = on_output
        self._power_led = power_led

    def __len__(self) -> int:
        return len(self._lines)

    def state(self, number: int) -> bool:
        """The level; that of the power LED's input is the LED's."""
        line = self._lines[number]
        if number == POWER_LED and line.direction == "in":
            return self._power_led()
        return line.state

    def describe(self, number: int) -> dict[str, int | str]:
        """The line as RteCtrl's API shows it."""
        line = self._lines[number]
        state = int(self.state(number))
        return {"id": number, "state": state, "description": line.description, "direction": line.direction}

    def set_direction(self, number: int, direction: str) -> None:
        """`out` or `o`; all else makes an input. An output starts low (Linux, gpio/sysfs.txt)."""
        line = self._lines[number]
        line.direction = "out" if direction in ("out", "o") else "in"
        self._change(number, False)

    def set_state(self, number: int, state: bool) -> None:
        """Drive an output; on an input this does nothing, and nobody is told."""
        if self._lines[number].direction == "out":
            self._change(number, state)

    def _change(self, number: int, state: bool) -> None:
        line = self._lines[number]
        if line.state != state:
            line.state = state
            self._on_output(number, state)
