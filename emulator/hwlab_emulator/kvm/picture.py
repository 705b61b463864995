# SPDX-License-Identifier: GPL-3.0-or-later
"""Frames as they go over HDMI and as a capture chip delivers them."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

#: A frame: height x width x 3 bytes, red first.
Rgb = NDArray[np.uint8]

#: Width and height of the progressive timings that Linux knows by name (linux/v4l2-dv-timings.h: CTA-861 and
#: VESA DMT), up to what the shared memory holds; vivid offers these.
SIZES = (
    *((640, 350), (640, 400), (640, 480), (720, 400), (720, 480), (720, 576), (800, 600), (848, 480)),
    *((1024, 768), (1152, 864), (1280, 720), (1280, 768), (1280, 800), (1280, 960), (1280, 1024)),
    *((1360, 768), (1366, 768), (1400, 1050), (1440, 900), (1600, 900), (1600, 1200), (1680, 1050)),
    *((1792, 1344), (1856, 1392), (1920, 1080), (1920, 1200)),
)


def fit(rgb: Rgb) -> Rgb:
    """Return the frame, with a black border if its size is none that HDMI has timings for.

    Raises ValueError for a frame larger than any of them.
    """
    height, width = rgb.shape[:2]
    if (width, height) in SIZES:
        return rgb
    larger = [size for size in SIZES if size[0] >= width and size[1] >= height]
    if not larger:
        raise ValueError(f"no HDMI timings hold a frame of {width}x{height}")
    wide, high = min(larger, key=lambda size: size[0] * size[1])
    framed = np.zeros((high, wide, 3), np.uint8)
    top, left = (high - height) // 2, (wide - width) // 2
    framed[top : top + height, left : left + width] = rgb
    return framed


def encode(rgb: Rgb, fourcc: str) -> NDArray[np.uint8]:
    """Return the frame's bytes as the PiKVM's chip delivers them, RGB3 or UYVY.

    UYVY is BT.601 in the limited range, black at 16 and white at 235 (Linux, drivers/media/i2c/tc358743.c,
    MASK_VOUT_COLOR_601_YCBCR_LIMITED), RGB3 has the full range.
    """
    if fourcc == "RGB3":
        return np.ascontiguousarray(rgb).reshape(-1)
    if fourcc == "UYVY":
        return cv2.cvtColor(rgb, cv2.COLOR_RGB2YUV_UYVY).reshape(-1).astype(np.uint8, copy=False)
    raise ValueError(f"no frames in {fourcc}")
