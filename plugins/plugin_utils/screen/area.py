# SPDX-License-Identifier: GPL-3.0-or-later
"""The parts of a needle: areas and click points.

Format and defaults as in os-autoinst, needle.pm and ppmclibs/tinycv.pm (commit a490955b).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

#: Similarity in percent that an area needs when it names none.
DEFAULT_MATCH = 96.0
#: Pixels around its stored position in which an area is searched when it names none.
DEFAULT_MARGIN = 50

AreaType = Literal["match", "exclude", "ocr"]
AREA_TYPES: tuple[AreaType, ...] = ("match", "exclude", "ocr")


@dataclass(frozen=True, slots=True)
class ClickPoint:
    """Where to click, in pixels from the area's top left corner; "center" is kept as x = y = None.

    `id` tells several click points of one needle apart.
    """

    x: float | None = None
    y: float | None = None
    id: str | None = None


@dataclass(frozen=True, slots=True)
class Area:
    """A rectangle of a needle's picture, in pixels.

    `match` is the similarity it needs, in percent; `margin` how far from its stored position it is
    searched. Both mean something for type "match" only.
    """

    x: int
    y: int
    width: int
    height: int
    type: AreaType = "match"
    match: float = DEFAULT_MATCH
    margin: int = DEFAULT_MARGIN
    click_point: ClickPoint | None = None
