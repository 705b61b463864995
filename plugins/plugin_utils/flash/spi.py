# SPDX-License-Identifier: GPL-3.0-or-later
"""Who drives the SPI lines, and how to let go of them."""

from __future__ import annotations

from ansible_collections.hwlab.sut.plugins.plugin_utils.errors import HwlabError
from ansible_collections.hwlab.sut.plugins.plugin_utils.power.rtectrl import Line, RteCtrl

#: In the order of release: the lines first, so that nothing drives a chip without supply.
_RELEASE = (Line.SPI_LINES, Line.SPI_VCC, Line.SPI_VOLTAGE)


def spi_driven(rte: RteCtrl) -> bool:
    """True while the flasher drives the chip: the SUT cannot boot then."""
    return rte.state(Line.SPI_LINES) or rte.state(Line.SPI_VCC)


def release_spi(rte: RteCtrl, keep_going: bool = False) -> None:
    """Let go of the chip; with `keep_going`, a line that does not follow does not keep the others."""
    for line in _RELEASE:
        try:
            rte.set(line, False)
        except HwlabError:
            if not keep_going:
                raise
