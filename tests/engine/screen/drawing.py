# SPDX-License-Identifier: GPL-3.0-or-later
"""Screens with text on them."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

Picture = npt.NDArray[np.uint8]


def blank(width: int = 640, height: int = 480, colour: tuple[int, int, int] = (60, 30, 20)) -> Picture:
    return np.full((height, width, 3), colour, np.uint8)


def write(picture: Picture, text: str, x: int, y: int) -> Picture:
    """Text with its base line at y; returns the picture."""
    cv2.putText(picture, text, (x, y), cv2.FONT_HERSHEY_SIMPLEX, 0.8, (230, 230, 230), 2, cv2.LINE_AA)
    return picture


def screen(*lines: str) -> Picture:
    """One line of text at x 100 for each 60 rows from y 60."""
    picture = blank()
    for number, line in enumerate(lines, 1):
        write(picture, line, 100, 60 * number)
    return picture


def box(line: int) -> tuple[int, int, int, int]:
    """The area of a line of `screen`: x, y, width, height."""
    return 95, 60 * line - 30, 200, 42


def noisy(picture: Picture, sigma: float, seed: int = 1) -> Picture:
    noise = np.random.default_rng(seed).normal(0, sigma, picture.shape)
    return np.clip(picture + noise, 0, 255).astype(np.uint8)
