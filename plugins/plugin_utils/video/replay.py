# SPDX-License-Identifier: GPL-3.0-or-later
"""Frames of recorded material: a folder of pictures in the order of their names, or a video file."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np

from ansible_collections.hwlab.sut.plugins.plugin_utils.errors import ConfigurationError
from ansible_collections.hwlab.sut.plugins.plugin_utils.video.frame import Frame, Picture
from ansible_collections.hwlab.sut.plugins.plugin_utils.video.recorder import read_picture
from ansible_collections.hwlab.sut.plugins.plugin_utils.video.source import SourceState

_SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".ppm", ".bmp", ".webp"})


def recorded_pictures(path: Path) -> Iterator[Picture]:
    """All pictures of a folder or video file, decoded one by one; ConfigurationError when there are none."""
    if path.is_dir():
        files = sorted(file for file in path.iterdir() if file.suffix.lower() in _SUFFIXES)
        if not files:
            raise ConfigurationError(f"the folder {path} holds no picture", evidence={"replay": str(path)})
        yield from map(read_picture, files)
        return
    if not path.is_file():
        raise ConfigurationError(f"{path} does not exist; nothing to replay", evidence={"replay": str(path)})
    video = cv2.VideoCapture(str(path))
    try:
        read, picture = video.read()
        if not read:
            raise ConfigurationError(
                f"{path} is not a video that OpenCV reads", evidence={"replay": str(path)}
            )
        while read:
            yield np.asarray(picture, np.uint8)
            read, picture = video.read()
    finally:
        video.release()


class ReplaySource:
    """A `FrameSource` that plays pictures at `fps` from the moment of `start` and then keeps the last one.

    Frames that nobody asked for in their time are passed over, as in a live stream.
    """

    def __init__(self, path: Path | str, fps: float = 4.0, name: str = "replay") -> None:
        if not fps > 0:
            raise ConfigurationError(f"frames per second must be more than 0, not {fps}")
        self.name = name
        self.state = SourceState.STARTING
        self.reason = ""
        self._fps = fps
        self._pictures = recorded_pictures(Path(path))
        self._lock = threading.Lock()
        self._begun = math.inf
        self._frame: Frame | None = None
        self._ended = False

    @property
    def age(self) -> float:
        """Seconds since the newest frame's time; infinite before the first."""
        frame = self._frame
        return math.inf if frame is None else time.monotonic() - frame.time

    def start(self) -> None:
        """Begin to play; raises ConfigurationError when there is nothing to play."""
        with self._lock:
            if self.state is SourceState.STARTING:
                self._begun = time.monotonic()
                self._advance(1)
                self.state = SourceState.LIVE

    def latest(self) -> Frame | None:
        """The frame of this moment; None before `start` and after `close`."""
        with self._lock:
            if self.state is SourceState.LIVE:
                self._advance(int((time.monotonic() - self._begun) * self._fps) + 1)
                return self._frame
            return None

    def last(self) -> Frame | None:
        """The newest frame ever."""
        frame = self.latest()
        return self._frame if frame is None else frame

    def wait(self, after: int, timeout: float) -> Frame | None:
        """The newest frame as soon as its number is above `after`; None after `timeout` seconds."""
        deadline = time.monotonic() + timeout
        while True:
            frame = self.latest()
            if frame is not None and frame.number > after:
                return frame
            rest = deadline - time.monotonic()
            if rest <= 0:
                return None
            time.sleep(min(rest, 0.25 / self._fps))

    def close(self) -> None:
        """End playing."""
        with self._lock:
            self._pictures = iter(())
            self.state, self.reason = SourceState.DEAD, "closed"

    def _advance(self, number: int) -> None:
        while not self._ended and (self._frame is None or self._frame.number < number):
            picture = next(self._pictures, None)
            if picture is None:
                self._ended = True
                return
            shown = 1 if self._frame is None else self._frame.number + 1
            self._frame = Frame(picture, self._begun + (shown - 1) / self._fps, shown, self.name)
