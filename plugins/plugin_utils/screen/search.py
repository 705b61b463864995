# SPDX-License-Identifier: GPL-3.0-or-later
"""Where one area of a needle is in a scene, and how similar it is there.

The algorithm is that of os-autoinst, `search_TEMPLATE` in ppmclibs/tinycv_impl.cc (commit a490955b): verdict,
position and similarity agree with it up to the rounding of the correlation, so needles keep their meaning.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from ansible_collections.hwlab.sut.plugins.plugin_utils.screen.area import Area
from ansible_collections.hwlab.sut.plugins.plugin_utils.screen.scene import Gray

#: How much larger than the best sum of squared differences another point's may be and still count as equal.
SLACK = np.float32(10)


@dataclass(frozen=True, slots=True)
class Found:
    """Best place of an area: top left corner in pixels of the scene, similarity from 0 to 1."""

    x: int
    y: int
    similarity: float


NOWHERE = Found(0, 0, 0.0)


def margin_for(area: Area, ratio: float) -> int:
    """Pixels to search around the stored position; `ratio` 1 reaches 1024, so all of most screens."""
    return int(area.margin + ratio * (1024 - area.margin))


def similarity_of(squared_difference: float, pixels: int) -> float:
    """Similarity for a sum of squared gray differences over `pixels`.

    A mean of 2 or less gives 1, 40 gives 0.9, 382 or more gives 0.
    """
    return min(1.0, max(0.0, 0.9 + (40 - squared_difference / pixels) / 380))


def search(scene: Gray, template: Gray, area: Area, needle_size: tuple[int, int], ratio: float) -> Found:
    """Find `template`, the prepared crop of `area`, in the prepared `scene`.

    `needle_size` (width, height) is that of the needle's picture: where it differs from the scene's, the
    stored position is scaled, the crop is not. An area that does not fit into the scene is `NOWHERE`.
    """
    height, width = scene.shape
    if area.x + area.width > width or area.y + area.height > height:
        return NOWHERE
    home_x = area.x * width // needle_size[0]
    home_y = area.y * height // needle_size[1]
    margin = margin_for(area, ratio)
    left, top = max(0, home_x - margin), max(0, home_y - margin)
    right = min(width, home_x + area.width + margin)
    bottom = min(height, home_y + area.height + margin)
    if right - left < area.width or bottom - top < area.height:
        return NOWHERE

    home: float | None = None
    if home_x + area.width <= width and home_y + area.height <= height:
        home = _squared_difference(scene, template, home_x, home_y)
        if home == 0:
            return Found(home_x, home_y, 1.0)
    if (right - left, bottom - top) == (area.width, area.height):
        x, y = 0, 0
    else:
        field = cv2.matchTemplate(scene[top:bottom, left:right], template, cv2.TM_SQDIFF)
        start = None if home is None else field[home_y - top, home_x - left]
        x, y = _nearest_minimum(np.asarray(field, dtype=np.float32), start, home_x, home_y)
    x, y = x + left, y + top
    difference = home if home is not None and (x, y) == (home_x, home_y) else None
    if difference is None:
        difference = _squared_difference(scene, template, x, y)
    return Found(x, y, similarity_of(difference, area.width * area.height))


def _squared_difference(scene: Gray, template: Gray, x: int, y: int) -> float:
    height, width = template.shape
    return float(cv2.norm(scene[y : y + height, x : x + width], template, cv2.NORM_L2SQR))


def _nearest_minimum(
    field: npt.NDArray[np.float32], start: np.float32 | None, home_x: int, home_y: int
) -> tuple[int, int]:
    """Of all about equally good points the one nearest to the stored position, as (x, y) within `field`.

    os-autoinst walks the field row by row with a running bound, the best value so far plus 10 in single
    precision, that begins with the value at the stored position; each new best drops the points before it.
    It then measures the distance between these points, which count from the corner of the searched region,
    and the stored position, which counts from the corner of the screen. Both are kept, since they decide
    which of several equal buttons is clicked.
    """
    bounds = field + SLACK
    best = int(bounds.argmin())
    bound = bounds.flat[best]
    first = best
    if start is not None and not bound < start + SLACK:
        bound, first = start + SLACK, 0
    points = np.flatnonzero(field.ravel()[first:] <= bound) + first
    if len(points) == 1:
        nearest = int(points[0])
    else:
        rows, columns = np.divmod(points, field.shape[1])
        nearest = int(points[((columns - home_x) ** 2 + (rows - home_y) ** 2).argmin()])
    return nearest % field.shape[1], nearest // field.shape[1]
