# SPDX-License-Identifier: GPL-3.0-or-later
"""The absolute pointer: positions in pixels of the SUT's picture, buttons, wheel."""

from __future__ import annotations

from .device import Reporter
from .errors import GadgetError
from .hid import Resolution, tablet_report

#: Buttons of a mask: bit 0 left, 1 right, 2 middle; the rest are the mouse's extra ones.
BUTTONS_MAX = 0xFF


class Tablet:
    """A tablet behind a device. Remembers position and buttons, since every report holds all of them."""

    def __init__(self, device: Reporter, resolution: Resolution) -> None:
        self._device = device
        self.resolution = resolution
        self._x, self._y = resolution.position(resolution.width // 2, resolution.height // 2)
        self._buttons = 0

    def move(self, x: int, y: int) -> None:
        self.update(x=x, y=y)

    def set_buttons(self, mask: int) -> None:
        self.update(buttons=mask)

    def update(
        self, x: int | None = None, y: int | None = None, buttons: int | None = None, wheel: int = 0
    ) -> None:
        """One report; what is None stays as it was. x and y in pixels, wheel in notches (up is positive)."""
        if (x is None) != (y is None):
            raise GadgetError("a position needs both x and y")
        if buttons is not None and not 0 <= buttons <= BUTTONS_MAX:
            raise GadgetError(f"button mask {buttons} is not in 0..{BUTTONS_MAX} (1 left, 2 right, 4 middle)")
        if not -127 <= wheel <= 127:
            raise GadgetError(f"wheel {wheel} is not in -127..127")
        if x is not None and y is not None:
            self._x, self._y = self.resolution.position(x, y)
        if buttons is not None:
            self._buttons = buttons
        self._device.send(tablet_report(self._buttons, self._x, self._y, wheel))

    def release(self) -> None:
        """All buttons up; sends nothing when none is down."""
        if self._buttons:
            self.set_buttons(0)
