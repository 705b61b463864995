# SPDX-License-Identifier: GPL-3.0-or-later
"""What changes by itself on a bench: lock lights, the gadget's state, the picture's size, ustreamer's
life."""

from __future__ import annotations

from typing import Any

from ..gadget.composite import NAME
from . import v4l2
from .bench import Bench
from .errors import AgentError


class Watcher:
    """Compares with what it saw last; gives events for what differs."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench
        self._seen: dict[str, dict[str, Any]] = {}

    def quick(self) -> list[dict[str, Any]]:
        """Cheap looks, several a second."""
        events = []
        if self._bench.controller.lock.acquire(blocking=False):
            try:
                events += self._differs("leds", self._bench.controller.leds()._asdict())
            finally:
                self._bench.controller.lock.release()
        tree = self._bench.composite.tree
        udc = tree.bound_to(NAME)
        events += self._differs("gadget", {"udc": udc, "state": tree.state(udc) if udc else "not attached"})
        return events

    def picture(self) -> list[dict[str, Any]]:
        """Asks the capture chip; while video runs only."""
        video = self._bench.video
        if video is None:
            self._seen.pop("video", None)
            return []
        if not video.alive():
            self._bench.video = None
            return [{"event": "video", "stopped": f"ustreamer has ended: {video.log_tail()}"}]
        try:
            return self._differs("video", v4l2.query_timings(video.options.device))
        except AgentError:
            return []  # a device without timings has nothing to follow

    def _differs(self, kind: str, facts: dict[str, Any]) -> list[dict[str, Any]]:
        if self._seen.get(kind) == facts:
            return []
        first = kind not in self._seen
        self._seen[kind] = facts
        return [] if first and kind != "video" else [{"event": kind, **facts}]
