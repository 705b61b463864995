# SPDX-License-Identifier: GPL-3.0-or-later
"""The flasher's lines around a flash: power, voltage, Vcc, SPI, and back whatever happens."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from ansible_collections.hwlab.sut.plugins.plugin_utils.flash.spi import release_spi
from ansible_collections.hwlab.sut.plugins.plugin_utils.power.controller import PowerController
from ansible_collections.hwlab.sut.plugins.plugin_utils.power.rtectrl import Line, RteCtrl
from ansible_collections.hwlab.sut.plugins.plugin_utils.power.timings import Clock


@dataclass(frozen=True)
class SpiTimings:
    """Seconds to settle; defaults are those of osfv-scripts 0.8.3, libs/rte.py."""

    voltage_s: float = 2.0
    vcc_s: float = 2.0
    lines_s: float = 10.0
    release_s: float = 2.0


@dataclass
class SpiSequence:
    """Makes the chip of one SUT reachable.

    `mains_state` G3: the board is cut from the mains while its chip is flashed; S5: it keeps standby power.
    """

    rte: RteCtrl
    power: PowerController
    voltage: str
    mains_state: str
    clock: Clock
    progress: Callable[[str], None]
    timings: SpiTimings = SpiTimings()

    @contextmanager
    def chip(self) -> Iterator[None]:
        """While inside, the flasher drives the chip; the lines are released at the end, however it ends.

        Raises InfrastructureError when a line does not follow. Mains that were cut stay cut: `power_back`
        gives them back once the content is known to be good.
        """
        self.power.ensure("forced_off")
        if self.mains_state == "G3" and self.power.has_mains():
            self.power.mains(False)
        if self.mains_state == "S5" and not self.power.has_mains():
            self.power.mains(True)
        try:
            self._drive(Line.SPI_VOLTAGE, self.voltage == "3.3V", self.timings.voltage_s)
            self._drive(Line.SPI_VCC, True, self.timings.vcc_s)
            self._drive(Line.SPI_LINES, True, self.timings.lines_s)
            self.progress(f"SPI lines on at {self.voltage}")
            yield
        except BaseException:
            # The first error is the one to report; release as well as it goes.
            release_spi(self.rte, keep_going=True)
            raise
        release_spi(self.rte)
        self.progress("SPI lines released")
        self.clock.sleep(self.timings.release_s)

    def power_back(self) -> None:
        """Give the mains back."""
        if not self.power.has_mains():
            self.power.mains(True)

    def _drive(self, line: Line, on: bool, settle_s: float) -> None:
        self.rte.set(line, on)
        self.clock.sleep(settle_s)
