# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a frame shows a needle, and which of several needles it shows best.

As in os-autoinst, ppmclibs/tinycv.pm, and for the click point testapi.pm (commit a490955b).
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.hwlab.sut.plugins.plugin_utils.errors import ConfigurationError
from ansible_collections.hwlab.sut.plugins.plugin_utils.screen.area import Area
from ansible_collections.hwlab.sut.plugins.plugin_utils.screen.needle_file import Needle
from ansible_collections.hwlab.sut.plugins.plugin_utils.screen.scene import Scene
from ansible_collections.hwlab.sut.plugins.plugin_utils.screen.search import search
from ansible_collections.hwlab.sut.plugins.plugin_utils.screen.templates import TEMPLATES
from ansible_collections.hwlab.sut.plugins.plugin_utils.video.frame import Picture


@dataclass(frozen=True, slots=True)
class AreaMatch:
    """Where an area was found (pixels of the frame) and how similar it is there (0 to 1)."""

    area: Area
    x: int
    y: int
    similarity: float

    @property
    def ok(self) -> bool:
        """Whether it is as similar as the area asks for."""
        return self.similarity >= self.area.match / 100

    def as_dict(self) -> dict[str, Any]:
        """As plain JSON values, for results and evidence."""
        return {
            "x": self.x,
            "y": self.y,
            "w": self.area.width,
            "h": self.area.height,
            "similarity": round(self.similarity, 4),
            "match": self.area.match / 100,
            "ok": self.ok,
        }


@dataclass(frozen=True, slots=True)
class NeedleMatch:
    """One needle against one frame; `areas` are its match areas in the file's order."""

    needle: Needle
    areas: tuple[AreaMatch, ...]

    @property
    def ok(self) -> bool:
        """Whether all areas are similar enough."""
        return all(area.ok for area in self.areas)

    @property
    def error(self) -> float:
        """Mean over the areas of (1 - similarity) squared: 0 is a perfect match, 1 none at all."""
        return sum((1 - area.similarity) ** 2 for area in self.areas) / len(self.areas)

    @property
    def similarity(self) -> float:
        """One figure from 0 to 1 for logs: 1 - sqrt(error)."""
        return 1 - math.sqrt(self.error)

    @property
    def click_point(self) -> tuple[int, int]:
        """Where to click, in pixels of the frame, for a needle with at most one click point."""
        return self.click_point_of(None)

    def click_point_of(self, point_id: str | None) -> tuple[int, int]:
        """The click point named `point_id` (None: the last one), else the centre of the last match area.

        Raises ConfigurationError when the needle has no click point of that id.
        """
        for found in reversed(self.areas):
            point = found.area.click_point
            if point is not None and (point_id is None or point.id == point_id):
                break
        else:
            if point_id is not None:
                raise ConfigurationError(
                    f"needle {self.needle.name} has no click point {point_id}",
                    evidence={"needle": self.needle.name, "point_id": point_id},
                )
            found, point = self.areas[-1], None
        x = found.area.width / 2 if point is None or point.x is None else point.x
        y = found.area.height / 2 if point is None or point.y is None else point.y
        return int(found.x + x), int(found.y + y)

    def as_dict(self) -> dict[str, Any]:
        """As plain JSON values, for results and evidence."""
        return {
            "needle": self.needle.name,
            "ok": self.ok,
            "similarity": round(self.similarity, 4),
            "error": round(self.error, 6),
            "tags": list(self.needle.tags),
            "workaround": self.needle.workaround,
            "workaround_reason": self.needle.workaround_reason,
            "areas": [area.as_dict() for area in self.areas],
            "click_point": list(self.click_point),
        }


@dataclass(frozen=True, slots=True)
class MatchResult:
    """All needles against one frame, best first; `candidates` holds at least one."""

    candidates: tuple[NeedleMatch, ...]
    ratio: float = field(default=0.0)

    @property
    def best(self) -> NeedleMatch:
        """The needle that matches, or that comes nearest to it."""
        return self.candidates[0]

    @property
    def ok(self) -> bool:
        """Whether a needle matches."""
        return self.best.ok

    @property
    def needle(self) -> Needle:
        """The best needle."""
        return self.best.needle

    @property
    def areas(self) -> tuple[AreaMatch, ...]:
        """The best needle's areas."""
        return self.best.areas

    @property
    def click_point(self) -> tuple[int, int]:
        """The best needle's click point, in pixels of the frame."""
        return self.best.click_point

    def as_dict(self, candidates: int = 5) -> dict[str, Any]:
        """The best needle as plain JSON values, with the next `candidates` ones and their similarities."""
        others = [
            {"needle": match.needle.name, "ok": match.ok, "similarity": round(match.similarity, 4)}
            for match in self.candidates[1 : candidates + 1]
        ]
        return {**self.best.as_dict(), "ratio": self.ratio, "candidates": others}


def match_needle(scene: Scene, needle: Needle, ratio: float = 0.0) -> NeedleMatch:
    """Search all match areas of one needle."""
    gray = scene.gray_without(needle.areas_of("exclude"))
    size = (needle.width, needle.height)
    areas = []
    for area, template in TEMPLATES.of(needle):
        found = search(gray, template, area, size, ratio)
        areas.append(AreaMatch(area, found.x, found.y, found.similarity))
    return NeedleMatch(needle, tuple(areas))


def best(frame: Picture | Scene, needles: Iterable[Needle], ratio: float = 0.0) -> MatchResult:
    """Search all `needles` in a frame (height, width, 3; BGR) and sort them.

    `ratio` from 0 (each area's own margin) to 1 (the whole screen) widens the search. Order: matching ones,
    then smallest error, workarounds, name. Pass a `Scene` to search the same frame more than once. Raises
    ValueError without needles.
    """
    scene = frame if isinstance(frame, Scene) else Scene(frame)
    matches = sorted(
        (match_needle(scene, needle, ratio) for needle in needles),
        key=lambda match: (not match.ok, match.error, not match.needle.workaround, match.needle.name),
    )
    if not matches:
        raise ValueError("no needles to match")
    return MatchResult(tuple(matches), ratio)
