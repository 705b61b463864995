# SPDX-License-Identifier: GPL-3.0-or-later
"""Waiting for a needle on a recorded screen that changes while we wait."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from ansible_collections.hwlab.sut.plugins.plugin_utils.bench.screen_wait import ScreenWait
from ansible_collections.hwlab.sut.plugins.plugin_utils.bench.video_stream import VideoStream
from ansible_collections.hwlab.sut.plugins.plugin_utils.errors import InfrastructureError, TestError
from ansible_collections.hwlab.sut.plugins.plugin_utils.screen.needle import NeedleSet, load_needles
from ansible_collections.hwlab.sut.plugins.plugin_utils.video.frame import Picture
from ansible_collections.hwlab.sut.plugins.plugin_utils.video.replay import ReplaySource
from ansible_collections.hwlab.sut.plugins.plugin_utils.video.source import FrameSource

FPS = 10.0


def _screen(words: str) -> Picture:
    picture = np.full((768, 1024, 3), (90, 60, 30), np.uint8)
    cv2.putText(picture, words, (200, 300), cv2.FONT_HERSHEY_SIMPLEX, 2, (255, 255, 255), 3)
    return picture


@pytest.fixture
def needles(tmp_path: Path) -> NeedleSet:
    area = {"type": "match", "xpos": 190, "ypos": 240, "width": 600, "height": 90, "match": 95}
    for name in ("booting", "login"):
        cv2.imwrite(str(tmp_path / f"{name}.png"), _screen(name))
        (tmp_path / f"{name}.json").write_text(json.dumps({"tags": [name], "area": [area]}))
    return load_needles(tmp_path)


async def _stream(folder: Path, screens: list[str]) -> VideoStream:
    folder.mkdir()
    for number, words in enumerate(screens):
        cv2.imwrite(str(folder / f"{number:03d}.png"), _screen(words))

    async def make() -> FrameSource:
        return ReplaySource(folder, fps=FPS)

    stream = VideoStream(make, lambda what, **values: None)
    await stream.start()
    return stream


def test_the_frame_that_shows_the_needle_ends_the_wait(tmp_path: Path, needles: NeedleSet) -> None:
    async def main() -> None:
        stream = await _stream(tmp_path / "r", ["booting"] * 10 + ["login"] * 5)
        waiting = ScreenWait(stream, needles.select("login"), ["login"], 60, lambda text: None)
        look = await waiting.run()
        await stream.close()
        assert look is not None
        assert look.result.needle.name == "login"
        assert look.frame.number > 10

    asyncio.run(main())


def test_a_needle_that_never_shows_fails_with_a_picture(tmp_path: Path, needles: NeedleSet) -> None:
    async def main() -> None:
        stream = await _stream(tmp_path / "r", ["booting"])
        waiting = ScreenWait(stream, needles.select("login"), ["login"], 0.6, lambda text: None)
        assert await waiting.run() is None
        error = await waiting.failure(tmp_path / "failure.png")
        await stream.close()
        assert isinstance(error, TestError)
        assert "no needle with the tag login matched in 0.6 s" in error.message
        assert error.evidence["candidates"][0]["needle"] == "login"
        assert error.evidence["candidates"][0]["similarity"] < 0.95
        picture = cv2.imread(str(tmp_path / "failure.png"))
        assert picture is not None
        assert picture.shape[1] >= 1024

    asyncio.run(main())


def test_a_wait_without_a_picture_is_the_benchs_fault(tmp_path: Path, needles: NeedleSet) -> None:
    async def main() -> None:
        stream = await _stream(tmp_path / "r", ["booting"])
        await stream.close()
        waiting = ScreenWait(stream, needles, ["login"], 0.3, lambda text: None)
        assert await waiting.run() is None
        error = await waiting.failure(tmp_path / "failure.png")
        assert isinstance(error, InfrastructureError)
        assert "not running" in error.message

    asyncio.run(main())
