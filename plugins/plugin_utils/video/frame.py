# SPDX-License-Identifier: GPL-3.0-or-later
"""One picture of the SUT's screen, as a frame source hands it out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

#: A picture in OpenCV's layout: shape (height, width, 3), channels blue, green, red, one byte each.
Picture: TypeAlias = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """A decoded picture with its arrival time (`time.monotonic()` seconds, of the moment its last byte
    arrived here), its number within its source (counted from 1, frames skipped undecoded included) and
    the name of that source."""

    bgr: Picture
    time: float
    number: int
    source: str

    @property
    def width(self) -> int:
        """Pixels per row."""
        return int(self.bgr.shape[1])

    @property
    def height(self) -> int:
        """Rows."""
        return int(self.bgr.shape[0])
