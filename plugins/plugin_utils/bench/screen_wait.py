# SPDX-License-Identifier: GPL-3.0-or-later
"""Waiting until a needle shows: every new frame is looked at once, the newest only."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ansible_collections.hwlab.sut.plugins.plugin_utils.bench.video_stream import VideoStream
from ansible_collections.hwlab.sut.plugins.plugin_utils.errors import InfrastructureError, TestError
from ansible_collections.hwlab.sut.plugins.plugin_utils.screen.change import NewsWatch
from ansible_collections.hwlab.sut.plugins.plugin_utils.screen.failure import write_failure
from ansible_collections.hwlab.sut.plugins.plugin_utils.screen.match import MatchResult, NeedleMatch, best
from ansible_collections.hwlab.sut.plugins.plugin_utils.screen.needle import NeedleSet
from ansible_collections.hwlab.sut.plugins.plugin_utils.screen.scene import Scene
from ansible_collections.hwlab.sut.plugins.plugin_utils.screen.widening import (
    EVERYWHERE,
    search_again,
    search_ratio,
)
from ansible_collections.hwlab.sut.plugins.plugin_utils.video.frame import Frame

_REPORT_EVERY = 30.0
#: A wait wakes up so often even when no frame comes, to widen its search and to see its deadline.
_TICK = 0.5


@dataclass
class Look:
    """What the last search saw: the frame, its matches, and how wide it was."""

    frame: Frame
    scene: Scene
    result: MatchResult
    ratio: float


class ScreenWait:
    """One wait for any needle of a set, at most `timeout` seconds."""

    def __init__(
        self,
        video: VideoStream,
        needles: NeedleSet,
        tags: list[str],
        timeout: float,
        progress: Callable[[str], None],
    ) -> None:
        self._video, self._needles, self._tags = video, needles, tags
        self._timeout, self._progress = timeout, progress
        self._began = time.monotonic()
        self._look: Look | None = None
        self._news = NewsWatch()
        self._told = self._began
        self.frames = 0

    @property
    def waited(self) -> float:
        return time.monotonic() - self._began

    @property
    def look(self) -> Look | None:
        """The last search."""
        return self._look

    async def run(self) -> Look | None:
        """The look that shows a needle; None when the time is over."""
        number = 0
        while True:
            frame = self._video.latest()
            left = self._timeout - self.waited
            if frame is not None:
                unchanged = frame.number == number or not self._news.is_news(frame.bgr)
                if frame.number != number:
                    number = frame.number
                    self.frames += 1
                searched = self._look.ratio if self._look else None
                if search_again(unchanged, left, searched):
                    look = await self._search(frame, left, unchanged)
                    if look.result.ok:
                        return look
            if left <= 0:
                return None
            self._report()
            await self._video.next(number, min(_TICK, max(left, 0.01)))

    async def _search(self, frame: Frame, left: float, unchanged: bool) -> Look:
        ratio = search_ratio(left)
        # An unchanged picture is searched again in the very frame that was prepared before.
        scene = self._look.scene if unchanged and self._look else Scene(frame.bgr)
        result = await asyncio.to_thread(best, scene, self._needles, ratio)
        self._look = Look(frame, scene, result, ratio)
        return self._look

    def _report(self) -> None:
        if time.monotonic() - self._told < _REPORT_EVERY:
            return
        self._told = time.monotonic()
        nearest = "no picture"
        if self._look:
            match = self._look.result.best
            nearest = f"closest is {match.needle.name} at {match.similarity:.2f}"
        self._progress(f"waiting for {' or '.join(self._tags)} since {self.waited:.0f} s; {nearest}")

    async def failure(self, picture: Path) -> TestError | InfrastructureError:
        """The error of a wait that found nothing; writes the failure's picture when there was one."""
        wanted = " or ".join(self._tags)
        evidence: dict[str, Any] = {
            "tags": self._tags,
            "waited": round(self.waited, 1),
            "frames": self.frames,
        }
        missing = await self._video.still_missing()
        if self._look is None or missing:
            why = missing or "no frame arrived"
            return InfrastructureError(
                f"screen {wanted} did not show in {self._timeout:g} s: {why}", evidence=evidence
            )
        look = self._look
        await asyncio.to_thread(write_failure, picture, look.frame.bgr, look.result)
        evidence |= {
            "picture": str(picture),
            "candidates": [candidate(m) for m in look.result.candidates[:5]],
        }
        near = ", ".join(f"{m.needle.name} {m.similarity:.2f}" for m in look.result.candidates[:3])
        return TestError(
            f"no needle with the tag {wanted} matched in {self._timeout:g} s ({self.frames} frames looked "
            "at); "
            f"closest: {near}. See {picture}",
            evidence=evidence,
        )


def candidate(match: NeedleMatch) -> dict[str, Any]:
    """A needle's match as plain values."""
    areas = [{**area.as_dict()} for area in match.areas]
    return {"needle": match.needle.name, "similarity": round(match.similarity, 4), "areas": areas}


async def search_everywhere(frame: Frame, needles: NeedleSet) -> MatchResult:
    """One look at the whole screen."""
    return await asyncio.to_thread(best, Scene(frame.bgr), needles, EVERYWHERE)
