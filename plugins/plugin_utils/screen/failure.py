# SPDX-License-Identifier: GPL-3.0-or-later
"""The picture of a failed match: what was expected, what the screen shows there, and where they differ."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from ansible_collections.hwlab.sut.plugins.plugin_utils.screen.match import AreaMatch, MatchResult
from ansible_collections.hwlab.sut.plugins.plugin_utils.screen.needle_file import Needle
from ansible_collections.hwlab.sut.plugins.plugin_utils.screen.templates import needle_picture
from ansible_collections.hwlab.sut.plugins.plugin_utils.video.frame import Picture
from ansible_collections.hwlab.sut.plugins.plugin_utils.video.recorder import write_png

_GREEN, _RED, _BLUE, _WHITE, _GRAY = (0, 200, 0), (60, 60, 255), (255, 128, 0), (255, 255, 255), (60, 60, 60)
_FONT = cv2.FONT_HERSHEY_SIMPLEX
#: Rows of text: height in pixels.
_LINE = 22
#: Candidates listed below the pictures.
_LISTED = 8
#: Largest height of one area's strip; higher ones are shown scaled down.
_STRIP = 240


def write_failure(path: Path, bgr: Picture, result: MatchResult) -> None:
    """Write `failure_picture` to `path` as PNG."""
    write_png(path, failure_picture(bgr, result))


def failure_picture(bgr: Picture, result: MatchResult) -> Picture:
    """The screen with the areas of the closest needle drawn in, beside it the needle; below, per area, the
    expected crop, the crop of the screen and their difference; below, the closest candidates.

    Green: an area similar enough, red: one that is not, blue: where the needle has it. Shape (height, width,
    3), BGR; the width is that of both pictures.
    """
    closest = result.best
    stored = needle_picture(closest.needle).copy()
    screen = bgr.copy()
    for found in closest.areas:
        area = found.area
        colour = _GREEN if found.ok else _RED
        _box(stored, area.x, area.y, area.width, area.height, _BLUE)
        _box(screen, area.x, area.y, area.width, area.height, _BLUE)
        _box(screen, found.x, found.y, area.width, area.height, colour)
    for area in closest.needle.areas_of("exclude"):
        _box(stored, area.x, area.y, area.width, area.height, _GRAY)
    width = screen.shape[1] + stored.shape[1]
    rows = [
        _beside(
            _under(_caption(f"screen {bgr.shape[1]}x{bgr.shape[0]}", screen.shape[1]), screen),
            _under(_caption(f"needle {closest.needle.name}", stored.shape[1]), stored),
        )
    ]
    for number, found in enumerate(closest.areas):
        text = (
            f"area {number}: similarity {found.similarity:.3f}, needs {found.area.match / 100:.2f}, "
            f"found at {found.x},{found.y}, stored at {found.area.x},{found.area.y}: "
            "expected, seen, difference"
        )
        rows += [
            _caption(text, width, _GREEN if found.ok else _RED),
            _strip(bgr, closest.needle, found, width),
        ]
    rows.append(_caption("closest candidates:", width))
    for match in result.candidates[:_LISTED]:
        lowest = min(area.similarity for area in match.areas)
        rows.append(
            _caption(f"  {match.similarity:.3f}  (lowest area {lowest:.3f})  {match.needle.name}", width)
        )
    return np.vstack([_padded(row, width) for row in rows])


def _strip(bgr: Picture, needle: Needle, found: AreaMatch, width: int) -> Picture:
    """One area three times, enlarged or shrunk by a whole factor so that it can be read."""
    area = found.area
    expected = _crop(needle_picture(needle), area.x, area.y, area.width, area.height)
    seen = _crop(bgr, found.x, found.y, area.width, area.height)
    # Three times the difference: one that fails a needle is often too faint to be seen.
    difference = cv2.convertScaleAbs(cv2.absdiff(expected, seen), alpha=3)
    gap = np.full((area.height, 6, 3), 128, np.uint8)
    row = np.hstack([expected, gap, seen, gap, np.asarray(difference, np.uint8)])
    factor = min(width / row.shape[1], _STRIP / row.shape[0], 4.0)
    if factor >= 1:
        factor = int(factor)
    size = (max(1, int(row.shape[1] * factor)), max(1, int(row.shape[0] * factor)))
    mode = cv2.INTER_NEAREST if factor >= 1 else cv2.INTER_AREA
    return np.asarray(cv2.resize(row, size, interpolation=mode), np.uint8)


def _crop(picture: Picture, x: int, y: int, width: int, height: int) -> Picture:
    """The rectangle; black where it reaches outside the picture."""
    crop = np.zeros((height, width, 3), np.uint8)
    part = picture[y : y + height, x : x + width]
    crop[: part.shape[0], : part.shape[1]] = part
    return crop


def _box(picture: Picture, x: int, y: int, width: int, height: int, colour: Sequence[int]) -> None:
    cv2.rectangle(picture, (x - 1, y - 1), (x + width, y + height), colour, 1)


def _caption(text: str, width: int, colour: Sequence[int] = _WHITE) -> Picture:
    row = np.full((_LINE, width, 3), 30, np.uint8)
    plain = text.encode("ascii", "replace").decode()
    cv2.putText(row, plain, (6, _LINE - 7), _FONT, 0.5, colour, 1, cv2.LINE_AA)
    return row


def _under(upper: Picture, lower: Picture) -> Picture:
    return np.vstack([upper, lower])


def _beside(left: Picture, right: Picture) -> Picture:
    height = max(left.shape[0], right.shape[0])
    return np.hstack([_taller(left, height), _taller(right, height)])


def _taller(picture: Picture, height: int) -> Picture:
    missing = np.zeros((height - picture.shape[0], picture.shape[1], 3), np.uint8)
    return np.vstack([picture, missing])


def _padded(row: Picture, width: int) -> Picture:
    missing = np.zeros((row.shape[0], width - row.shape[1], 3), np.uint8)
    return np.hstack([row, missing])
