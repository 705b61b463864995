# SPDX-License-Identifier: GPL-3.0-or-later
"""What must be true of the flasher before a SUT gets power."""

from __future__ import annotations

from ansible_collections.hwlab.sut.plugins.plugin_utils.bench.context import StepContext
from ansible_collections.hwlab.sut.plugins.plugin_utils.flash.assembly import mark_of
from ansible_collections.hwlab.sut.plugins.plugin_utils.flash.spi import release_spi, spi_driven
from ansible_collections.hwlab.sut.plugins.plugin_utils.power.rtectrl import RteCtrl


class PowerGuard:
    """The flash chip is verified and nobody drives it."""

    def __init__(self, context: StepContext, rte: RteCtrl | None) -> None:
        self._context = context
        self._rte = rte

    def check(self) -> None:
        """Raise InfrastructureError when the chip is in doubt; release SPI lines that a killed run left
        on."""
        mark = mark_of(self._context.config)
        if mark is not None:
            mark.refuse_power()
        if self._rte is not None and spi_driven(self._rte):
            self._context.progress("the flasher still drives the SPI lines: releasing them")
            release_spi(self._rte)
