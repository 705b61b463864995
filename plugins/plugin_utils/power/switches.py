# SPDX-License-Identifier: GPL-3.0-or-later
"""What a power controller needs of the hardware, whatever is wired: buttons, a LED, the mains."""

from __future__ import annotations

from typing import Protocol


class Button(Protocol):
    """A push button of the SUT's front panel."""

    def press(self, seconds: float) -> None:
        """Hold the button for `seconds`; may return before it is let go.

        Raises InfrastructureError when the device that presses it does not answer.
        """


class Led(Protocol):
    """The SUT's power LED."""

    def lit(self) -> bool | None:
        """True when lit, False when dark, None when the device that sees it cannot tell."""


class Mains(Protocol):
    """The switch that cuts the SUT from the mains."""

    #: How the switch is called in messages, for example ``tasmota at http://sonoff1``.
    name: str

    def is_on(self) -> bool:
        """True when the SUT has mains. Raises InfrastructureError when the switch does not answer."""
        ...

    def turn(self, on: bool) -> None:
        """Give (True) or cut (False) the mains. Raises InfrastructureError when the switch refuses."""
