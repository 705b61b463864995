# SPDX-License-Identifier: GPL-3.0-or-later
"""What the inventory says of a bench's flash chip."""

from __future__ import annotations

from dataclasses import dataclass

from ansible_collections.hwlab.sut.plugins.plugin_utils.bench.config import BenchConfig
from ansible_collections.hwlab.sut.plugins.plugin_utils.bench.config_reader import Reader
from ansible_collections.hwlab.sut.plugins.plugin_utils.errors import ConfigurationError
from ansible_collections.hwlab.sut.plugins.plugin_utils.flash.host import SshHost
from ansible_collections.hwlab.sut.plugins.plugin_utils.flash.image import parse_size
from ansible_collections.hwlab.sut.plugins.plugin_utils.flash.mark import UnverifiedMark
from ansible_collections.hwlab.sut.plugins.plugin_utils.flash.regions import Region, parse_regions
from ansible_collections.hwlab.sut.plugins.plugin_utils.flash.sequence import SpiTimings
from ansible_collections.hwlab.sut.plugins.plugin_utils.power.timings import read_timings


@dataclass(frozen=True)
class FlashOptions:
    """`flash` of the session's configuration; see read_flash_options for the meaning of each."""

    chip_size: int | None
    mains_state: str
    volatile: tuple[Region, ...]
    folder: str
    mark_folder: str
    timeout_s: float
    timings: SpiTimings


def read_flash_options(config: BenchConfig) -> FlashOptions:
    """Check `flash` of the configuration. Raises ConfigurationError naming the option.

    chip_size: bytes or ``16M``; mains_state: G3 (mains cut while flashing) or S5, default G3 when a mains
    switch is there; volatile: regions that the firmware writes by itself (its variable store); folder: where
    images and jobs live on the flasher; mark_folder: where the mark of an unverified chip lives, must outlive
    a restart;
    timeout: seconds for flashrom; timings: seconds of SpiTimings.
    """
    switched = config.mains is not None and config.mains.driver != "none"
    values = dict(config.flash)
    size, volatile = values.pop("chip_size", None), values.pop("volatile", None)
    reader = Reader(values, "flash")
    options = FlashOptions(
        chip_size=None if size is None else parse_size(size, "flash_chip_size"),
        mains_state=reader.choice("mains_state", ("G3", "S5"), "G3" if switched else "S5"),
        volatile=tuple(parse_regions(volatile, "flash_volatile_regions")),
        folder=reader.text("folder", "/tmp/hwlab-flash"),
        mark_folder=reader.text("mark_folder", "/var/lib/hwlab"),
        timeout_s=reader.number("timeout", 1800.0, 1.0),
        timings=read_timings(reader.mapping("timings"), SpiTimings()),
    )
    reader.done()
    if options.mains_state == "G3" and not switched:
        raise ConfigurationError("flash_mains_state is G3, yet the bench has no mains switch (sut_mains)")
    return options


def mark_of(config: BenchConfig) -> UnverifiedMark | None:
    """The mark on the bench's flasher, or None without a flasher."""
    if config.flasher is None:
        return None
    return UnverifiedMark(SshHost(config.flasher.ssh), config.bench, read_flash_options(config).mark_folder)
