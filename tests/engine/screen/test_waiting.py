# SPDX-License-Identifier: GPL-3.0-or-later
"""What a wait needs: how wide to search, whether the screen changed, and the picture of a failure."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from ansible_collections.hwlab.sut.plugins.plugin_utils.screen.change import NewsWatch, StillnessWatch, psnr
from ansible_collections.hwlab.sut.plugins.plugin_utils.screen.failure import failure_picture, write_failure
from ansible_collections.hwlab.sut.plugins.plugin_utils.screen.match import best
from ansible_collections.hwlab.sut.plugins.plugin_utils.screen.widening import search_again, search_ratio
from ansible_collections.hwlab.sut.plugins.plugin_utils.video.recorder import read_picture

from .conftest import MakeNeedle
from .drawing import blank, box, noisy, screen


@pytest.mark.parametrize(
    ("left", "ratio"),
    [
        (30, 1),
        (29.9, 0.02),
        (26, 0.02),
        (25.99, 1),
        (25, 1),
        (24.9, 0.02),
        (0.5, 1),
        (0, 1),
        (-0.1, 1),
        (-7, 1),
    ],
)
def test_every_fifth_second_covers_the_screen(left: float, ratio: float) -> None:
    assert search_ratio(left) == ratio


@pytest.mark.parametrize(
    ("unchanged", "left", "searched", "again"),
    [
        (False, 12, 1.0, True),
        (True, 12, None, True),
        (True, 12, 0.02, False),
        (True, 12, 1.0, False),
        (True, 10, 0.02, True),
        (True, 10, 1.0, False),
        (True, -1, 1.0, True),
    ],
)
def test_the_same_picture_is_searched_again_only_when_wider(
    unchanged: bool, left: float, searched: float | None, again: bool
) -> None:
    assert search_again(unchanged, left, searched) is again


def test_psnr_has_the_values_of_its_formula() -> None:
    assert psnr(blank(), blank()) == math.inf
    assert psnr(blank(), blank(320, 240)) == 0
    black, white = blank(colour=(0, 0, 0)), blank(colour=(255, 255, 255))
    assert psnr(black, white) == pytest.approx(0)
    assert psnr(black, blank(colour=(1, 1, 1))) == pytest.approx(48.13, abs=0.01)


def test_stillness_is_counted_from_the_last_change() -> None:
    watch = StillnessWatch()
    shown = [watch.add(noisy(screen("one"), 0.5, seed), float(seed)) for seed in range(4)]
    assert shown == [0, 1, 2, 3]
    assert [watch.add(screen("two"), time) for time in (4.0, 5.0)] == [0, 1]


def test_a_slow_drift_is_no_stillness() -> None:
    watch = StillnessWatch()
    still = [watch.add(blank(colour=(step, step, step)), float(step)) for step in range(1, 12)]
    assert max(still) < 3


def test_news_are_changes_and_after_some_frames_small_differences_too() -> None:
    watch = NewsWatch()
    news = [watch.is_news(screen(text)) for text in ("one", "one", "two", "two")]
    assert news == [True, False, True, False]
    changed = screen("two")
    changed[0, 0] += 100
    likeness = psnr(screen("two"), changed)
    assert 54 < likeness < 70
    frames = [watch.is_news(changed) for _ in range(20)]
    assert frames.index(True) == math.ceil(likeness - 54)


def test_the_failure_shows_both_pictures_and_what_differs(make_needle: MakeNeedle, tmp_path: Path) -> None:
    shown, stored = screen("Reboot"), screen("Install")
    needles = [make_needle("n1", stored, box(1), box(2)), make_needle("n2", noisy(stored, 3), box(1))]
    result = best(shown, needles)
    assert not result.ok
    before = shown.copy()
    write_failure(tmp_path / "failure.png", shown, result)
    assert np.array_equal(shown, before)
    picture = read_picture(tmp_path / "failure.png")
    assert picture.shape[1] == 1280
    assert picture.shape[0] > 480
    # Somewhere below the two pictures stands the expected crop, enlarged by a whole factor or as it is.
    x, y, width, height = box(1)
    crop = stored[y : y + height, x : x + width]
    if result.needle.name == "n2":
        crop = noisy(stored, 3)[y : y + height, x : x + width]
    rows = picture[480:]
    factor = min(int(min(1280 / (3 * width + 12), 240 / height)), 4)
    hits = [
        np.array_equal(rows[top : top + height * factor : factor, : width * factor : factor], crop)
        for top in range(len(rows) - height * factor)
    ]
    assert any(hits)


def test_the_failure_of_a_smaller_screen_is_drawn_too(make_needle: MakeNeedle) -> None:
    needle = make_needle("n", screen("Install"), box(1))
    small = blank(200, 40)
    assert failure_picture(small, best(small, [needle])).shape[1] == 840
