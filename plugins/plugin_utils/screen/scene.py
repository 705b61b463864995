# SPDX-License-Identifier: GPL-3.0-or-later
"""A picture made ready for matching: gray and blurred once, whatever number of needles is searched in it.

Preparation as in os-autoinst, ppmclibs/tinycv_impl.cc (commit a490955b): gray, then a Gaussian of 3x3.
os-autoinst blurs only the region it searches, reading the pixels around it too, so blurring the whole picture
gives the same there, if the rounding is the same: OpenCV rounds halves to even when it blurs a region, as
`sepFilter2D` does, and up in `GaussianBlur` of a whole picture. (os-autoinst gets the latter when the region
covers more than half of the picture, for the screen and not for the needle; here both are always equal.)
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import TypeAlias, cast

import cv2
import numpy as np
import numpy.typing as npt

from ansible_collections.hwlab.sut.plugins.plugin_utils.screen.area import Area
from ansible_collections.hwlab.sut.plugins.plugin_utils.video.frame import Picture

#: A gray picture: shape (height, width), one byte each.
Gray: TypeAlias = npt.NDArray[np.uint8]

_EXCLUDED = (0, 255, 0)

#: Gaussian of three taps, sigma 0.8, as OpenCV has it.
_KERNEL = np.array([0.25, 0.5, 0.25], np.float32)


def prepared(bgr: Picture) -> Gray:
    """The gray and blurred form of a picture in which matching takes place."""
    return cast(Gray, cv2.sepFilter2D(cv2.cvtColor(bgr, cv2.COLOR_BGR2GRAY), -1, _KERNEL, _KERNEL))


def without(bgr: Picture, areas: Iterable[Area]) -> Picture:
    """A copy in which the areas are painted over, as both pictures are before a needle with exclude areas is
    compared; areas that reach outside are left out, as in os-autoinst."""
    painted = bgr.copy()
    for area in areas:
        if area.x + area.width <= bgr.shape[1] and area.y + area.height <= bgr.shape[0]:
            painted[area.y : area.y + area.height, area.x : area.x + area.width] = _EXCLUDED
    return painted


class Scene:
    """One frame to be searched. `bgr` has shape (height, width, 3) and must not change afterwards."""

    def __init__(self, bgr: Picture) -> None:
        if bgr.ndim != 3 or bgr.shape[2] != 3 or bgr.dtype != np.uint8:
            raise ValueError(
                f"a picture has shape (height, width, 3) of bytes, not {bgr.shape} of {bgr.dtype}"
            )
        self.bgr = bgr

    @cached_property
    def gray(self) -> Gray:
        """The prepared picture; computed at the first use and kept."""
        return prepared(self.bgr)

    def gray_without(self, areas: tuple[Area, ...]) -> Gray:
        """The prepared picture after painting `areas` over."""
        return prepared(without(self.bgr, areas)) if areas else self.gray
