# SPDX-License-Identifier: GPL-3.0-or-later
"""Frames as they go over HDMI and as a capture chip delivers them."""

from __future__ import annotations

from functools import cache

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


@cache
def _bt709() -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """ITU-R BT.709, 3.2 to 3.5: R'G'B' 0..255 to Y'CbCr 16..235 and 16..240."""
    luma = np.array([0.2126, 0.7152, 0.0722])
    rows = [
        luma * 219 / 255,
        (np.array([0, 0, 1]) - luma) / 1.8556 * 224 / 255,
        (np.array([1, 0, 0]) - luma) / 1.5748 * 224 / 255,
    ]
    return np.array(rows, np.float32), np.array([16, 128, 128], np.float32)


def encode(rgb: Rgb, fourcc: str) -> NDArray[np.uint8]:
    """Return the frame's bytes as RGB3 or, limited range and half the colour, as UYVY."""
    if fourcc == "RGB3":
        return np.ascontiguousarray(rgb).reshape(-1)
    if fourcc != "UYVY":
        raise ValueError(f"no frames in {fourcc}")
    matrix, offset = _bt709()
    height, width = rgb.shape[:2]
    ycc = rgb.reshape(-1, 3).astype(np.float32) @ matrix.T + (offset + 0.5)
    ycc = ycc.reshape(height, width // 2, 2, 3)
    out = np.empty((height, width // 2, 4), np.uint8)
    out[..., 0] = ycc[..., 1].mean(axis=2)
    out[..., 2] = ycc[..., 2].mean(axis=2)
    out[..., 1] = ycc[..., 0, 0]
    out[..., 3] = ycc[..., 1, 0]
    return out.reshape(-1)
