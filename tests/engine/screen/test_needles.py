# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading needles: what is accepted, and what each broken one is told."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import cv2
import pytest

from ansible_collections.hwlab.sut.plugins.plugin_utils.errors import ConfigurationError
from ansible_collections.hwlab.sut.plugins.plugin_utils.screen.area import Area, ClickPoint
from ansible_collections.hwlab.sut.plugins.plugin_utils.screen.needle import NeedleSet, load_needles
from ansible_collections.hwlab.sut.plugins.plugin_utils.screen.needle_file import BrokenNeedle, read_needle
from ansible_collections.hwlab.sut.plugins.plugin_utils.screen.new_needle import write_needle

from .drawing import screen

AREA = {"xpos": 10, "ypos": 20, "width": 30, "height": 40, "type": "match"}


def write(folder: Path, name: str = "n", area: Any = None, **fields: Any) -> Path:
    document = {"area": [AREA] if area is None else area, "tags": ["a", "b"], "properties": [], **fields}
    folder.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(folder / f"{name}.png"), screen("text"))
    path = folder / f"{name}.json"
    path.write_text(json.dumps(document))
    return path


def test_a_needle_has_the_defaults_of_openqa(tmp_path: Path) -> None:
    needle = read_needle(write(tmp_path, properties=["workaround", {"name": "x", "value": "y"}]))
    assert needle.areas == (Area(10, 20, 30, 40, "match", 96.0, 50, None),)
    assert (needle.name, needle.width, needle.height, needle.tags) == ("n", 640, 480, ("a", "b"))
    assert needle.properties == {"workaround": None, "x": "y"}


def test_zero_means_default_and_fractions_are_cut(tmp_path: Path) -> None:
    needle = read_needle(
        write(tmp_path, area=[{**AREA, "margin": 0, "match": 0, "xpos": 10.7, "ypos": "21"}])
    )
    assert needle.areas == (Area(10, 21, 30, 40),)


@pytest.mark.parametrize(
    ("point", "read"),
    [
        ("center", ClickPoint()),
        ({"xpos": 4, "ypos": 5.5}, ClickPoint(4, 5.5)),
        ({"xpos": 200, "ypos": -3, "id": "ok"}, ClickPoint(200, -3, "ok")),
    ],
)
def test_click_points_may_lie_beside_their_area(tmp_path: Path, point: Any, read: ClickPoint) -> None:
    assert read_needle(write(tmp_path, area=[{**AREA, "click_point": point}])).areas[0].click_point == read


@pytest.mark.parametrize(
    ("name", "properties", "reason"),
    [
        ("n", [{"name": "workaround", "value": "known"}], "known"),
        ("boot-bsc123-old", ["workaround"], "bsc#123"),
        ("n", ["workaround"], None),
        ("boot-bsc123-old", [], None),
    ],
)
def test_a_workaround_has_a_reason(tmp_path: Path, name: str, properties: Any, reason: str | None) -> None:
    needle = read_needle(write(tmp_path, name, properties=properties))
    assert needle.workaround_reason == reason
    assert needle.workaround == bool(properties)


@pytest.mark.parametrize(
    ("area", "field", "problem"),
    [
        ([], "area", "must be a list of at least one area"),
        ("x", "area", "must be a list"),
        ([3], r"area\[0\]", "must be an object, is 3"),
        ([{**AREA, "type": "exlude"}], r"area\[0\].type", 'is "exlude"; known are match, exclude, ocr'),
        ([{**AREA, "margin": -3}], r"area\[0\].margin", "is -3; must be 0 or more"),
        ([{**AREA, "match": 101}], r"area\[0\].match", "is 101; .* at most 100"),
        ([{**AREA, "match": "high"}], r"area\[0\].match", 'must be a number, is "high"'),
        ([{**AREA, "xpos": -1}], r"area\[0\].xpos", "is -1; must be 0 or more"),
        ([AREA, {**AREA, "width": 0}], r"area\[1\].width", "is 0; must be 1 or more"),
        ([{**AREA, "xpos": True}], r"area\[0\].xpos", "must be a number, is true"),
        ([{**AREA, "xpos": 620}], r"area\[0\]", "30x40 at 620,20 reaches outside the picture of 640x480"),
        ([{**AREA, "ypos": 441}], r"area\[0\]", "reaches outside"),
        ([{**AREA, "type": "ocr"}], "area", "no area of type match"),
        ([{**AREA, "type": "exclude"}], "area", "no area of type match"),
        ([{**AREA, "click_point": "middle"}], r"area\[0\].click_point", 'must be "center" or an object'),
        (
            [{**AREA, "click_point": {"xpos": 1}}],
            r"area\[0\].click_point.ypos",
            "must be a number, is missing",
        ),
        (
            [{**AREA, "click_point": {"xpos": -11, "ypos": 1}}],
            r"area\[0\].click_point",
            "outside the picture",
        ),
        ([{**AREA, "click_point": "center"}] * 2, r"area\[0\].click_point", "give each an id"),
        (
            [{**AREA, "click_point": {"xpos": 1, "ypos": 1, "id": "a"}}] * 2,
            r"area\[1\].click_point",
            "give each an id",
        ),
    ],
)
def test_a_broken_area_is_named(tmp_path: Path, area: Any, field: str, problem: str) -> None:
    path = write(tmp_path, area=area)
    with pytest.raises(BrokenNeedle, match=f"^{path}: {field}: .*{problem}"):
        read_needle(path)


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"tags": "a"}, "tags: must be a list"),
        ({"tags": ["a", "b c"]}, r'tags\[1\]: must be a word without blanks, is "b c"'),
        ({"tags": [7]}, r"tags\[0\]"),
        ({"properties": {"a": 1}}, "properties: must be a list"),
        ({"properties": [{"value": 1}]}, r"properties\[0\]: must be a name"),
    ],
)
def test_broken_tags_and_properties_are_named(tmp_path: Path, fields: Any, says: str) -> None:
    with pytest.raises(BrokenNeedle, match=says):
        read_needle(write(tmp_path, **fields))


@pytest.mark.parametrize("text", ["{", "", '{"area": [}', "\x00\xff"])
def test_what_is_not_json_is_named(tmp_path: Path, text: str) -> None:
    path = write(tmp_path)
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(BrokenNeedle, match=f"^{path}: is not JSON"):
        read_needle(path)
    path.write_text("[]")
    with pytest.raises(BrokenNeedle, match="must hold an object with area and tags, not a list"):
        read_needle(path)


def test_a_damaged_picture_is_named(tmp_path: Path) -> None:
    path = write(tmp_path)
    png = path.with_suffix(".png")
    whole = png.read_bytes()
    for data, says in (
        (b"", "is empty"),
        (b"GIF89a", "does not begin as a PNG"),
        (whole[:-20], "ends after .* inside the chunk"),
        (whole[:-12], "ends after .* before its IEND chunk"),
        (whole[:60] + b"\0\0" + whole[62:], "has a wrong checksum in the chunk at byte"),
    ):
        png.write_bytes(data)
        with pytest.raises(BrokenNeedle, match=f"its picture n.png {says}"):
            read_needle(path)
    png.unlink()
    with pytest.raises(BrokenNeedle, match="its picture n.png is missing"):
        read_needle(path)


def test_a_jpeg_under_the_name_of_a_png_is_read_as_openqa_does(tmp_path: Path) -> None:
    path = write(tmp_path)
    data = cv2.imencode(".jpg", screen("text"))[1].tobytes()
    path.with_suffix(".png").write_bytes(data)
    assert (read_needle(path).width, read_needle(path).height) == (640, 480)
    path.with_suffix(".png").write_bytes(data[: len(data) // 2])
    with pytest.raises(BrokenNeedle, match="before its end marker"):
        read_needle(path)


def test_all_broken_needles_of_a_folder_are_listed_at_once(tmp_path: Path) -> None:
    write(tmp_path, "good")
    write(tmp_path / "sub", "bad1", area=[])
    write(tmp_path / "sub", "bad2", tags=[1])
    write(tmp_path / "sub", "good")
    with pytest.raises(ConfigurationError) as caught:
        load_needles(tmp_path)
    problems = caught.value.evidence["problems"]
    assert [problem.split(": ")[0] for problem in problems] == [
        str(tmp_path / "sub" / f"{name}.json") for name in ("bad1", "bad2", "good")
    ]
    assert "same name as" in problems[2]
    assert all(problem in str(caught.value) for problem in problems)
    assert [needle.name for needle in load_needles(tmp_path, strict=False)] == ["good"]


def test_a_folder_without_needles_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="does not exist"):
        load_needles(tmp_path / "none")
    with pytest.raises(ConfigurationError, match="holds no needle"):
        load_needles(tmp_path)


def test_a_folder_that_contains_itself_is_read_once(tmp_path: Path) -> None:
    write(tmp_path)
    (tmp_path / "loop").symlink_to(tmp_path)
    assert len(load_needles(tmp_path)) == 1


@pytest.fixture
def needles(tmp_path: Path) -> NeedleSet:
    for name, tags in (("x", ["a", "b"]), ("y", ["b", "c"]), ("z", ["c"])):
        write(tmp_path, name, tags=tags)
    return load_needles(tmp_path)


@pytest.mark.parametrize(
    ("tags", "names"),
    [("b", "xy"), ("b c", "y"), (["a", "c"], "xyz"), (["a b", "c"], "xyz"), (["a", "nope"], "x")],
)
def test_a_string_means_all_tags_and_a_list_any(needles: NeedleSet, tags: Any, names: str) -> None:
    assert [needle.name for needle in needles.select(tags)] == list(names)


def test_a_tag_that_no_needle_has_is_named_with_near_ones(tmp_path: Path) -> None:
    write(tmp_path, tags=["bootloader"])
    needles = load_needles(tmp_path)
    with pytest.raises(ConfigurationError, match="has the tag bootlaoder; there are bootloader"):
        needles.select("bootlaoder")
    assert needles.missing(["bootloader x", "y"]) == ["x", "y"]
    with pytest.raises(ConfigurationError, match="is named m; did you mean|is named m"):
        needles.named("m")
    assert len(needles.named("n")) == 1


def test_a_new_needle_is_what_was_asked_for(tmp_path: Path) -> None:
    areas = [
        Area(1, 2, 30, 40, match=90, margin=7, click_point=ClickPoint(3, 4, "id")),
        Area(5, 6, 7, 8, "exclude"),
    ]
    made = write_needle(tmp_path / "new", "n-1", screen("text"), areas, ["t"])
    assert (list(made.areas), made.tags) == (areas, ("t",))
    assert [needle.name for needle in load_needles(tmp_path / "new").select("t")] == ["n-1"]
    with pytest.raises(ConfigurationError, match="exists"):
        write_needle(tmp_path / "new", "n-1", screen("other"), areas, ["t"])
    with pytest.raises(ConfigurationError, match="reaches outside"):
        write_needle(tmp_path / "bad", "n", screen("text"), [Area(639, 0, 2, 2)], ["t"])
    assert list((tmp_path / "bad").iterdir()) == []
    with pytest.raises(ConfigurationError, match="name has letters"):
        write_needle(tmp_path, "../n", screen("text"), areas, ["t"])
