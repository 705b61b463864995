# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether the screen changed or stands still, by peak signal-to-noise ratio in decibels.

Formula and levels as in os-autoinst: `getPSNR` in ppmclibs/tinycv_impl.cc, backend/baseclass.pm, testapi.pm
(commit a490955b).
"""

from __future__ import annotations

import math

import cv2

from ansible_collections.hwlab.sut.plugins.plugin_utils.video.frame import Picture

#: Two frames at or below this differ enough that needles are worth searching again.
SEARCH_LEVEL = 54.0
#: Below this a screen that is expected to stand still has changed.
STILL_LEVEL = 47.0
#: Below this a screen that is expected to change has done so.
CHANGE_LEVEL = 50.0
#: The same while a string is typed: a single new letter counts.
TYPING_LEVEL = 60.0


def psnr(one: Picture, other: Picture) -> float:
    """Likeness of two pictures in decibels: infinite when equal, 0 when of different size."""
    if one.shape != other.shape:
        return 0.0
    squares = float(cv2.norm(one, other, cv2.NORM_L2SQR))
    if squares == 0:
        return math.inf
    return 10 * math.log10(255.0 * 255.0 * one.size / squares)


class StillnessWatch:
    """Tells for how long the screen has stood still.

    Frames are compared with the one that began the stillness, not with the one before, so that slow drifts
    count as changes. Times are `time.monotonic()` seconds.
    """

    def __init__(self, level: float = STILL_LEVEL) -> None:
        self.level = level
        self._reference: Picture | None = None
        self._since = 0.0

    def add(self, bgr: Picture, time: float) -> float:
        """Take a frame and return the seconds for which the screen has stood still."""
        if self._reference is None or psnr(self._reference, bgr) < self.level:
            self._reference, self._since = bgr, time
        return time - self._since


class NewsWatch:
    """Tells whether a frame differs from the last one that was searched, so that searching is worth its time.

    Each frame that is passed over lowers the bar by 1 dB, so that small differences are looked at in the end.
    """

    def __init__(self, level: float = SEARCH_LEVEL) -> None:
        self.level = level
        self._reference: Picture | None = None
        self._lowest = math.inf

    def is_news(self, bgr: Picture) -> bool:
        """Take a frame; true for the first, and for each that differs enough (it is the reference then)."""
        likeness = -math.inf if self._reference is None else psnr(self._reference, bgr)
        self._lowest = min(min(self._lowest, 10_000.0) - 1, likeness)
        if self._lowest <= self.level:
            self._reference, self._lowest = bgr, math.inf
            return True
        return False
