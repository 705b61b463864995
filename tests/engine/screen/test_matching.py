# SPDX-License-Identifier: GPL-3.0-or-later
"""Needles on frames: verdict, place, similarity and choice."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from ansible_collections.hwlab.sut.plugins.plugin_utils.errors import ConfigurationError
from ansible_collections.hwlab.sut.plugins.plugin_utils.screen.area import Area
from ansible_collections.hwlab.sut.plugins.plugin_utils.screen.match import best, match_needle
from ansible_collections.hwlab.sut.plugins.plugin_utils.screen.scene import Gray, Scene, prepared
from ansible_collections.hwlab.sut.plugins.plugin_utils.screen.search import (
    Found,
    margin_for,
    search,
    similarity_of,
)

from .conftest import MakeNeedle
from .drawing import Picture, blank, box, noisy, screen, write

LINES = ("GNU GRUB", "Install", "Rescue", "Reboot")


def moved(picture: Picture, right: int, down: int) -> Picture:
    """The picture shifted, with its background where nothing came from."""
    matrix = np.array([[1, 0, right], [0, 1, down]], np.float32)
    size = (picture.shape[1], picture.shape[0])
    colour = [int(value) for value in picture[0, 0]]
    return np.asarray(cv2.warpAffine(picture, matrix, size, borderValue=colour), np.uint8)


def reference(scene: Gray, template: Gray, area: Area, ratio: float) -> list[tuple[float, int, int]]:
    """All places within the margin with their exact sums of squares, best first: the search, the slow way."""
    margin = margin_for(area, ratio)
    height, width = template.shape
    places = []
    for y in range(max(0, area.y - margin), min(scene.shape[0], area.y + height + margin) - height + 1):
        for x in range(max(0, area.x - margin), min(scene.shape[1], area.x + width + margin) - width + 1):
            there = scene[y : y + height, x : x + width].astype(np.int64)
            places.append((float(((there - template) ** 2).sum()), x, y))
    return sorted(places)


@pytest.mark.parametrize("seed", range(8))
def test_the_best_place_within_the_margin_is_found(seed: int) -> None:
    dice = np.random.default_rng(seed)
    picture = np.asarray(
        cv2.GaussianBlur(dice.integers(0, 256, (90, 120, 3), dtype=np.uint8), (0, 0), 2), np.uint8
    )
    area = Area(
        int(dice.integers(0, 80)), int(dice.integers(0, 60)), 24, 16, margin=int(dice.integers(1, 25))
    )
    shown = prepared(noisy(moved(picture, *(int(step) for step in dice.integers(-30, 30, 2))), 6, seed))
    template = prepared(picture)[area.y : area.y + 16, area.x : area.x + 24]
    found = search(shown, template, area, (120, 90), 0)
    least, x, y = reference(shown, template, area, 0)[0]
    assert found.similarity == pytest.approx(similarity_of(least, 24 * 16), abs=1e-4)
    assert (found.x, found.y) == (x, y)


def test_similarity_follows_the_scale_of_openqa() -> None:
    means = (0, 2, 17.2, 40, 382, 10_000)
    got = [similarity_of(mean * 500, 500) for mean in means]
    assert got == pytest.approx([1, 1, 0.96, 0.9, 0, 0], abs=1e-4)


@pytest.mark.parametrize(("ratio", "margin"), [(0, 50), (0.02, 69), (1, 1024), (0.5, 537)])
def test_the_ratio_widens_the_margin(ratio: float, margin: int) -> None:
    assert margin_for(Area(0, 0, 1, 1, margin=50), ratio) == margin


def test_a_needle_matches_its_own_picture_exactly(make_needle: MakeNeedle) -> None:
    shown = screen(*LINES)
    needle = make_needle("n", shown, box(1), box(3))
    for ratio in (0, 0.02, 1):
        result = best(shown, [needle], ratio)
        assert result.ok
        assert [(area.x, area.y, area.similarity) for area in result.areas] == [
            (*box(1)[:2], 1.0),
            (*box(3)[:2], 1.0),
        ]
        assert result.best.error == 0


@pytest.mark.parametrize(("right", "down"), [(0, 0), (50, 0), (-50, 50), (13, -7), (0, 49)])
def test_a_shift_within_the_margin_is_followed(make_needle: MakeNeedle, right: int, down: int) -> None:
    shown = screen(*LINES)
    needle = make_needle("n", shown, box(2))
    result = best(moved(shown, right, down), [needle])
    assert result.ok
    assert (result.areas[0].x, result.areas[0].y) == (box(2)[0] + right, box(2)[1] + down)


def test_beyond_the_margin_only_a_wider_search_finds_it(make_needle: MakeNeedle) -> None:
    shown = screen("", "", "Continue")
    needle = make_needle("n", shown, (95, 150, 200, 42))
    far = moved(shown, 180, 120)
    assert not best(far, [needle], 0).ok
    assert not best(far, [needle], 0.02).ok
    result = best(far, [needle], 1)
    assert result.ok
    assert (result.areas[0].x, result.areas[0].y) == (275, 270)


@pytest.mark.parametrize("quality", [95, 80, 60])
def test_noise_and_compression_are_forgiven(make_needle: MakeNeedle, quality: int) -> None:
    shown = screen(*LINES)
    needle = make_needle("n", shown, box(2))
    data = cv2.imencode(".jpg", noisy(shown, 3), [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
    assert best(np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8), [needle]).ok


def test_other_text_is_no_match(make_needle: MakeNeedle) -> None:
    needle = make_needle("n", screen(*LINES), box(2))
    result = best(screen("GNU GRUB", "Restore", "Rescue", "Reboot"), [needle])
    assert not result.ok
    assert result.areas[0].similarity < 0.9


def test_all_areas_are_needed_and_the_error_is_their_mean(make_needle: MakeNeedle) -> None:
    shown = screen(*LINES)
    needle = make_needle("n", shown, box(1), box(2))
    match = best(screen("GNU GRUB", "", "Rescue"), [needle]).best
    assert [area.ok for area in match.areas] == [True, False]
    assert not match.ok
    assert match.error == pytest.approx((1 - match.areas[1].similarity) ** 2 / 2)
    assert match.similarity == pytest.approx(1 - match.error**0.5)


def test_an_area_names_its_own_bar(make_needle: MakeNeedle) -> None:
    shown = screen(*LINES)
    names = ("xpos", "ypos", "width", "height")
    area = {**dict(zip(names, box(2), strict=True)), "type": "match"}
    seen = noisy(shown, 22)
    similarity = best(seen, [make_needle("n", shown, area)]).areas[0].similarity
    assert 0.5 < similarity < 0.96
    for percent, ok in ((similarity * 100 - 1, True), (similarity * 100 + 1, False)):
        assert best(seen, [make_needle("n", shown, {**area, "match": percent})]).ok is ok


def test_excluded_parts_do_not_count(make_needle: MakeNeedle) -> None:
    names = ("xpos", "ypos", "width", "height")
    whole = {**dict(zip(names, (90, 20, 400, 110), strict=True)), "type": "match"}
    clock = {**dict(zip(names, box(2), strict=True)), "type": "exclude"}
    stored, shown = screen("Login", "12:34:56"), screen("Login", "23:59:01")
    assert not best(shown, [make_needle("with", stored, whole)]).ok
    assert best(shown, [make_needle("without", stored, whole, clock)]).areas[0].similarity == 1.0
    before = shown.copy()
    best(shown, [make_needle("without", stored, whole, clock)])
    assert np.array_equal(shown, before), "the frame must not be painted on"


@pytest.mark.parametrize("order", [1, -1])
def test_the_best_needle_is_chosen_whatever_their_order(make_needle: MakeNeedle, order: int) -> None:
    shown = screen(*LINES)
    needles = [
        make_needle("b-exact", shown, box(1)),
        make_needle("a-exact", shown, box(1)),
        make_needle("z-workaround", shown, box(1), properties=["workaround"]),
        make_needle("noisy", noisy(shown, 12), box(1)),
        make_needle("other", screen("Something"), box(1)),
    ]
    result = best(shown, needles[::order])
    names = [match.needle.name for match in result.candidates]
    assert names == ["z-workaround", "a-exact", "b-exact", "noisy", "other"]
    assert result.needle.name == "z-workaround"


def test_a_frame_of_another_size(make_needle: MakeNeedle) -> None:
    stored = screen(*LINES)
    needle = make_needle("n", stored, box(1))
    small = best(stored[:50, :200], [needle])
    assert not small.ok
    assert (small.areas[0].x, small.areas[0].y, small.areas[0].similarity) == (0, 0, 0.0)
    # The stored place moves with the size of the screen, the text does not grow.
    large = blank(1280, 960)
    write(large, LINES[0], 200, 2 * 30 + 30)
    result = best(large, [needle])
    assert result.ok
    assert (result.areas[0].x, result.areas[0].y) == (195, 60)


def test_an_area_that_fills_the_screen_and_one_at_each_edge(make_needle: MakeNeedle) -> None:
    shown = screen(*LINES)
    areas = [(0, 0, 640, 480), (0, 0, 20, 20), (620, 460, 20, 20), (0, 460, 640, 20)]
    for number, area in enumerate(areas):
        needle = make_needle(f"n{number}", shown, area)
        assert best(shown, [needle], 1).best.error == 0
        result = best(noisy(shown, 2), [needle], 1)
        assert result.ok
    assert not best(blank(colour=(250, 250, 250)), [make_needle("n", shown, areas[0])], 1).ok


def test_many_equal_places_are_no_trouble(make_needle: MakeNeedle) -> None:
    needle = make_needle("n", screen(*LINES), box(1))
    result = best(blank(colour=(0, 0, 0)), [needle], 1)
    assert not result.ok


def test_of_equal_places_the_one_openqa_takes_is_taken() -> None:
    # Two equal buttons; the stored place shows neither. Distances are measured from places within the
    # searched region to the stored place on the screen.
    template = np.zeros((10, 10), np.uint8)
    template[2:8, 2:8] = 200
    scene = np.zeros((100, 300), np.uint8)
    area = Area(150, 40, 10, 10, margin=60)
    for x in (100, 190):
        scene[40:50, x : x + 10] = template
    # Region from x 90: the places are 10 and 100 in it, 140 and 50 from the stored 150.
    assert search(scene, template, area, (300, 100), 0) == Found(190, 40, 1.0)
    scene[40:50, 190:200] = 0
    assert search(scene, template, area, (300, 100), 0) == Found(100, 40, 1.0)


def test_a_scene_is_prepared_once(make_needle: MakeNeedle, monkeypatch: pytest.MonkeyPatch) -> None:
    from ansible_collections.hwlab.sut.plugins.plugin_utils.screen import scene as module

    calls: list[Picture] = []

    def counted(bgr: Picture) -> Gray:
        calls.append(bgr)
        return prepared(bgr)

    monkeypatch.setattr(module, "prepared", counted)
    shown = screen(*LINES)
    needles = [make_needle(f"n{number}", shown, box(number)) for number in (1, 2, 3)]
    scene = Scene(shown)
    for needle in needles:
        assert match_needle(scene, needle).ok
    assert len(calls) == 1


def test_a_changed_needle_file_is_read_again(make_needle: MakeNeedle) -> None:
    first, second = screen("first"), screen("other")
    assert best(first, [make_needle("n", first, box(1))]).ok
    replaced = make_needle("n", second, (94, *box(1)[1:]))
    assert best(second, [replaced]).ok
    assert not best(first, [replaced]).ok


def test_click_points(make_needle: MakeNeedle) -> None:
    shown = screen(*LINES)
    names = ("xpos", "ypos", "width", "height")
    one, two = ({**dict(zip(names, box(line), strict=True)), "type": "match"} for line in (1, 2))
    here = moved(shown, 7, 9)
    x, y = box(1)[0] + 7, box(1)[1] + 9
    assert best(here, [make_needle("a", shown, one, two)]).click_point == (x + 100, y + 60 + 21)
    assert best(here, [make_needle("b", shown, {**one, "click_point": "center"}, two)]).click_point == (
        x + 100,
        y + 21,
    )
    point = {"xpos": 3.6, "ypos": -2}
    assert best(here, [make_needle("c", shown, {**one, "click_point": point}, two)]).click_point == (
        x + 3,
        y - 2,
    )
    several = make_needle(
        "d",
        shown,
        {**one, "click_point": {**point, "id": "up"}},
        {**two, "click_point": {"xpos": 1, "ypos": 1, "id": "down"}},
    )
    match = best(here, [several]).best
    assert match.click_point_of("up") == (x + 3, y - 2)
    assert match.click_point_of("down") == match.click_point == (x + 1, y + 61)
    with pytest.raises(ConfigurationError, match="no click point left"):
        match.click_point_of("left")


def test_results_are_plain_json(make_needle: MakeNeedle) -> None:
    import json

    shown = screen(*LINES)
    result = best(shown, [make_needle("n", shown, box(1)), make_needle("m", screen("x"), box(1))], 0.02)
    told = json.loads(json.dumps(result.as_dict()))
    assert told["needle"] == "n"
    assert told["areas"][0] | {"ok": True} == told["areas"][0]
    assert [other["needle"] for other in told["candidates"]] == ["m"]


def test_without_needles_or_with_no_picture_there_is_nothing_to_match(make_needle: MakeNeedle) -> None:
    with pytest.raises(ValueError, match="no needles"):
        best(screen("x"), [])
    with pytest.raises(ValueError, match="shape"):
        best(screen("x")[:, :, 0], [make_needle("n", screen("x"), box(1))])
