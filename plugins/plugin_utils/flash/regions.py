# SPDX-License-Identifier: GPL-3.0-or-later
"""Parts of a chip: those that must hold the image, and those that the firmware writes by itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.hwlab.sut.plugins.plugin_utils.errors import ConfigurationError

#: Smallest erase block of the chips in question; regions start and end at multiples of it.
BLOCK = 4096


@dataclass(frozen=True)
class Region:
    """Bytes `start` to `end` (exclusive) of a chip."""

    start: int
    end: int

    @property
    def size(self) -> int:
        return self.end - self.start

    def __str__(self) -> str:
        return f"0x{self.start:x}-0x{self.end:x}"


def size_text(size: int) -> str:
    """`size` in bytes as people read it, exactly."""
    for shift, unit in ((20, "MiB"), (10, "KiB")):
        if size >= 1 << shift and size % (1 << shift) == 0:
            return f"{size >> shift} {unit}"
    return f"{size} bytes"


def parse_regions(value: Any, option: str) -> list[Region]:
    """Regions of ``[{start: 0x0, end: 0x84000}]``, sorted. Raises ConfigurationError naming `option`."""
    regions = []
    for item in value or []:
        try:
            region = Region(int(str(item["start"]), 0), int(str(item["end"]), 0))
        except (KeyError, TypeError, ValueError) as error:
            raise ConfigurationError(
                f"{option}: {item!r} needs start and end, such as 0x0 and 0x84000"
            ) from error
        if region.start % BLOCK or region.end % BLOCK or not 0 <= region.start < region.end:
            raise ConfigurationError(f"{option}: {region} must start before it ends, at multiples of {BLOCK}")
        regions.append(region)
    regions.sort(key=lambda region: region.start)
    for left, right in zip(regions, regions[1:], strict=False):
        if right.start < left.end:
            raise ConfigurationError(f"{option}: {left} and {right} overlap")
    return regions


def outside(regions: Sequence[Region], size: int) -> list[Region]:
    """What of a chip of `size` bytes is not in the sorted `regions`."""
    rest, at = [], 0
    for region in regions:
        if region.end > size:
            raise ConfigurationError(f"volatile region {region} ends behind the chip's {size_text(size)}")
        if region.start > at:
            rest.append(Region(at, region.start))
        at = region.end
    if at < size:
        rest.append(Region(at, size))
    return rest
