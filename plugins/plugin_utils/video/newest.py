# SPDX-License-Identifier: GPL-3.0-or-later
"""The newest picture of a stream: kept undecoded, decoded once when somebody asks for it."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable

from ansible_collections.hwlab.sut.plugins.plugin_utils.video.frame import Frame, Picture
from ansible_collections.hwlab.sut.plugins.plugin_utils.video.source import SourceState


class NewestFrame:
    """State and newest picture of a source, written by its thread and read by any other.

    `decode` turns a picture's bytes into a picture, or None when they are broken; such a frame counts in
    `broken` and the one decoded before stays the newest.
    """

    def __init__(self, source: str, decode: Callable[[bytes], Picture | None]) -> None:
        self.source = source
        self.broken = 0
        self.state = SourceState.STARTING
        self.reason = ""
        self._decode = decode
        self._changed = threading.Condition()
        self._decoding = threading.Lock()
        self._data = b""
        self._number = 0
        self._time = -math.inf
        self._frame: Frame | None = None
        self._tried = 0

    @property
    def age(self) -> float:
        """Seconds since the newest picture arrived; infinite before the first."""
        return time.monotonic() - self._time

    def put(self, data: bytes, arrived: float) -> None:
        """Take a picture of the SUT's screen: the source is live."""
        with self._changed:
            self._data, self._time = data, arrived
            self._number += 1
            self.state, self.reason = SourceState.LIVE, ""
            self._changed.notify_all()

    def set_state(self, state: SourceState, reason: str = "") -> None:
        """Note that there is no picture now, and why."""
        with self._changed:
            self.state, self.reason = state, reason
            self._changed.notify_all()

    def latest(self) -> Frame | None:
        """The newest frame while live, else None."""
        return self.last() if self.state is SourceState.LIVE else None

    def last(self) -> Frame | None:
        """The newest frame that could be decoded, whatever the state."""
        with self._decoding:
            with self._changed:
                data, number, arrived = self._data, self._number, self._time
            if number > self._tried:
                self._tried = number
                picture = self._decode(data)
                if picture is None:
                    self.broken += 1
                else:
                    self._frame = Frame(picture, arrived, number, self.source)
            return self._frame

    def wait(self, after: int, timeout: float) -> Frame | None:
        """The newest frame as soon as its number is above `after` and the source is live."""
        deadline = time.monotonic() + timeout
        seen = after
        while True:
            newest = self._await(seen, deadline)
            frame = self.latest()
            if frame is not None and frame.number > after:
                return frame
            if time.monotonic() >= deadline:
                return None
            seen = max(seen, newest)

    def _await(self, seen: int, deadline: float) -> int:
        """Sleep until a picture above number `seen` is there; returns the newest picture's number."""
        with self._changed:
            self._changed.wait_for(
                lambda: self.state is SourceState.LIVE and self._number > seen,
                max(0.0, deadline - time.monotonic()),
            )
            return self._number
