# SPDX-License-Identifier: GPL-3.0-or-later
"""Levels of a picture: what a capture chip delivers as 16 to 235 becomes the 0 to 255 that the SUT drew.

A TC358743 asked for UYVY delivers limited range (ITU-R BT.601-7, 2.5.3: 219 steps, black at 16, white at
235), and ustreamer encodes it as if it were full range: black arrives as 16, needles made elsewhere do not
match (github.com/pikvm/ustreamer, src/libs/frame and encoders/cpu: no range in its conversion).
"""

from __future__ import annotations

import cv2
import numpy as np

from ansible_collections.hwlab.sut.plugins.plugin_utils.video.frame import Picture

BLACK, STEPS = 16, 219
_FULL = np.clip(np.round((np.arange(256) - BLACK) * 255 / STEPS), 0, 255).astype(np.uint8)


def full_range(picture: Picture) -> Picture:
    """`picture` (any shape, limited range) in full range; what is outside of 16 to 235 is clipped."""
    return np.asarray(cv2.LUT(picture, _FULL), np.uint8)
