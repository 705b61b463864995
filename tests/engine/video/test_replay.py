# SPDX-License-Identifier: GPL-3.0-or-later
"""Recorded material as a source, and what is recorded."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from ansible_collections.hwlab.sut.plugins.plugin_utils.errors import ConfigurationError
from ansible_collections.hwlab.sut.plugins.plugin_utils.video import replay
from ansible_collections.hwlab.sut.plugins.plugin_utils.video.recorder import Recorder, read_picture
from ansible_collections.hwlab.sut.plugins.plugin_utils.video.replay import ReplaySource, recorded_pictures
from ansible_collections.hwlab.sut.plugins.plugin_utils.video.source import FrameSource, SourceState

from .mjpeg_server import numbered


class Clock:
    """Time that passes only while somebody sleeps; stands in for the module `time`."""

    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(replay, "time", clock)
    return clock


def test_a_folder_is_played_in_the_order_of_names_and_keeps_the_last(tmp_path: Path, clock: Clock) -> None:
    for number in (30, 10, 20):
        cv2.imwrite(str(tmp_path / f"{number}.png"), numbered(number))
    (tmp_path / "notes.txt").write_text("no picture")
    source: FrameSource = ReplaySource(tmp_path, fps=10)
    assert source.latest() is None
    source.start()
    seen: list[int] = []
    number = 0
    while (frame := source.wait(number, 0.4)) is not None:
        number = frame.number
        seen.append(int(frame.bgr.mean()))
    assert seen == [10, 20, 30]
    assert source.state is SourceState.LIVE
    frame = source.latest()
    assert frame is not None
    assert frame.number == 3
    source.close()
    assert source.latest() is None
    last = source.last()
    assert last is not None
    assert last.number == 3


def test_frames_that_nobody_asked_for_are_passed_over(tmp_path: Path, clock: Clock) -> None:
    for number in range(20):
        cv2.imwrite(str(tmp_path / f"{number:02}.png"), numbered(number * 10))
    source = ReplaySource(tmp_path, fps=50)
    source.start()
    clock.sleep(0.21)
    frame = source.latest()
    assert frame is not None
    assert frame.number == 11
    assert int(frame.bgr.mean()) == (frame.number - 1) * 10


def test_a_video_file_is_played(tmp_path: Path) -> None:
    path = tmp_path / "video.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 4, (320, 240))
    for number in (50, 100, 150):
        writer.write(numbered(number))
    writer.release()
    means = [int(picture.mean()) for picture in recorded_pictures(path)]
    assert means == pytest.approx([50, 100, 150], abs=2)


def test_what_cannot_be_played_is_refused(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "text.mp4").write_text("no video")
    for name, says in (
        ("empty", "holds no picture"),
        ("text.mp4", "not a video"),
        ("none", "does not exist"),
    ):
        with pytest.raises(ConfigurationError, match=says):
            ReplaySource(tmp_path / name).start()
    with pytest.raises(ConfigurationError, match="more than 0"):
        ReplaySource(tmp_path, fps=0)


def test_screenshots_are_numbered_and_lossless(tmp_path: Path) -> None:
    picture = np.random.default_rng(1).integers(0, 256, (48, 64, 3), dtype=np.uint8)
    recorder = Recorder(tmp_path / "screens")
    paths = [recorder.save(picture, step) for step in ("Match the boot menu!", "--")]
    assert [path.name for path in paths] == ["001-match-the-boot-menu.png", "002-screen.png"]
    assert sorted(path.name for path in (tmp_path / "screens").iterdir()) == [path.name for path in paths]
    assert np.array_equal(read_picture(paths[0]), picture)


def test_a_file_that_is_no_picture_is_named(tmp_path: Path) -> None:
    (tmp_path / "x.png").write_text("no picture")
    for name in ("x.png", "missing.png"):
        with pytest.raises(ConfigurationError, match=name):
            read_picture(tmp_path / name)
