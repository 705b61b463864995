# SPDX-License-Identifier: GPL-3.0-or-later
"""What tells one mainboard from another."""

from __future__ import annotations

from dataclasses import dataclass

#: Flash chips that a bench can have, by their size in MiB: name, supply voltage.
CHIPS = {16: ("W25Q128FV", "3.3V"), 32: ("W25Q256JW", "1.8V")}


@dataclass(frozen=True)
class Traits:
    """Times in seconds.

    `force_off_s` is the power button override (ACPI specification 6.5, 4.8.2.2.1.2); a chipset debounces its
    buttons for a few tens of milliseconds. With `flashes_in_g3` the chip answers the flasher only while the
    mains are cut and the board has drained: its standby supply disturbs the lines otherwise.
    """

    debounce_s: float = 0.05
    force_off_s: float = 4.0
    after_mains: str = "off"
    """`off`, `on` or `last`: what the board does when the mains come back."""
    flashes_in_g3: bool = True
    drain_s: float = 2.0
    chip_voltage: str = "3.3V"
