# SPDX-License-Identifier: GPL-3.0-or-later
"""One needle and how it is read: NAME.json beside NAME.png, as in os-autoinst (needle.pm, commit a490955b).

os-autoinst drops a broken needle with a warning; here it is an error, since a needle that is silently missing
looks like a broken SUT. Numbers that os-autoinst takes are taken: fractions are cut off, 0 for `margin` or
`match` means the default, unknown fields are ignored.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ansible_collections.hwlab.sut.plugins.plugin_utils.screen.area import (
    AREA_TYPES,
    DEFAULT_MARGIN,
    DEFAULT_MATCH,
    Area,
    AreaType,
    ClickPoint,
)
from ansible_collections.hwlab.sut.plugins.plugin_utils.screen.picture_file import (
    NotAPicture,
    picture_size,
)

_ISSUE_IN_NAME = re.compile(r"\S+-(bsc|poo|bnc|boo)(\d+)-\S+")


class BrokenNeedle(ValueError):
    """A needle that cannot be used; the message names the file and the field."""

    def __init__(self, path: Path, field: str | None, problem: str) -> None:
        super().__init__(f"{path}: {field + ': ' if field else ''}{problem}")
        self.path = path
        self.field = field


@dataclass(frozen=True, slots=True)
class Needle:
    """A reference picture of `width` x `height` pixels, the areas of it that count, and its tags.

    `properties` maps a property's name to its value (None when it has none).
    """

    name: str
    json_path: Path
    png_path: Path
    width: int
    height: int
    areas: tuple[Area, ...]
    tags: tuple[str, ...]
    properties: Mapping[str, str | None]

    def areas_of(self, kind: AreaType) -> tuple[Area, ...]:
        """The areas of one type, in the file's order."""
        return tuple(area for area in self.areas if area.type == kind)

    @property
    def workaround(self) -> bool:
        """Whether the needle shows a known defect that a test may pass over."""
        return "workaround" in self.properties

    @property
    def workaround_reason(self) -> str | None:
        """The workaround's value, else the issue that the name holds (`x-bsc123-y` gives `bsc#123`)."""
        if not self.workaround:
            return None
        if value := self.properties["workaround"]:
            return value
        found = _ISSUE_IN_NAME.search(self.name)
        return f"{found[1]}#{found[2]}" if found else None


def read_needle(path: Path) -> Needle:
    """The needle of the JSON file `path`; raises `BrokenNeedle` at its first problem."""
    try:
        document = json.loads(path.read_bytes())
    except OSError as error:
        raise BrokenNeedle(path, None, f"cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise BrokenNeedle(path, None, f"is not JSON: {error}") from error
    if not isinstance(document, dict):
        raise BrokenNeedle(path, None, f"must hold an object with area and tags, not a {_kind(document)}")
    png = path.with_suffix(".png")
    try:
        size = picture_size(png)
    except FileNotFoundError:
        raise BrokenNeedle(path, None, f"its picture {png.name} is missing beside it") from None
    except NotAPicture as error:
        raise BrokenNeedle(path, None, f"its picture {png.name} {error}") from error
    except OSError as error:
        raise BrokenNeedle(path, None, f"its picture {png.name} cannot be read: {error.strerror}") from error
    return Needle(
        name=path.stem,
        json_path=path,
        png_path=png,
        width=size[0],
        height=size[1],
        areas=_areas(path, document.get("area"), size),
        tags=_tags(path, document.get("tags")),
        properties=_properties(path, document.get("properties")),
    )


def _areas(path: Path, value: Any, size: tuple[int, int]) -> tuple[Area, ...]:
    if not isinstance(value, list) or not value:
        raise BrokenNeedle(path, "area", f"must be a list of at least one area, is {_shown(value)}")
    areas = tuple(_area(path, f"area[{number}]", item, size) for number, item in enumerate(value))
    if not any(area.type == "match" for area in areas):
        raise BrokenNeedle(path, "area", "has no area of type match, so nothing would be compared")
    points = [(number, area.click_point) for number, area in enumerate(areas) if area.click_point]
    seen: set[str | None] = set()
    for number, point in points:
        if (len(points) > 1 and point.id is None) or point.id in seen:
            raise BrokenNeedle(
                path,
                f"area[{number}].click_point",
                "is one of several; give each an id of its own",
            )
        seen.add(point.id)
    return areas


def _area(path: Path, field: str, value: Any, size: tuple[int, int]) -> Area:
    if not isinstance(value, dict):
        raise BrokenNeedle(path, field, f"must be an object, is {_shown(value)}")
    kind = value.get("type") or "match"
    if kind not in AREA_TYPES:
        raise BrokenNeedle(path, f"{field}.type", f"is {_shown(kind)}; known are {', '.join(AREA_TYPES)}")
    x, y, width, height = (
        int(_number(path, f"{field}.{name}", value.get(name) or 0, least))
        for name, least in (("xpos", 0), ("ypos", 0), ("width", 1), ("height", 1))
    )
    if x + width > size[0] or y + height > size[1]:
        raise BrokenNeedle(
            path,
            field,
            f"{width}x{height} at {x},{y} reaches outside the picture of {size[0]}x{size[1]}",
        )
    match = _number(path, f"{field}.match", value.get("match") or DEFAULT_MATCH, 0)
    if match > 100:
        raise BrokenNeedle(path, f"{field}.match", f"is {match:g}; a similarity in percent is at most 100")
    return Area(
        x=x,
        y=y,
        width=width,
        height=height,
        type=kind,
        match=match,
        margin=int(_number(path, f"{field}.margin", value.get("margin") or DEFAULT_MARGIN, 0)),
        click_point=_click_point(path, f"{field}.click_point", value.get("click_point"), (x, y), size),
    )


def _click_point(
    path: Path, field: str, value: Any, origin: tuple[int, int], size: tuple[int, int]
) -> ClickPoint | None:
    if not value:
        return None
    if value == "center":
        return ClickPoint()
    if not isinstance(value, dict):
        raise BrokenNeedle(
            path, field, f'must be "center" or an object with xpos and ypos, is {_shown(value)}'
        )
    x, y = (_number(path, f"{field}.{name}", value.get(name)) for name in ("xpos", "ypos"))
    # It may lie beside its area: needles point at the list entry next to a label that they can recognise.
    if not (0 <= origin[0] + x <= size[0] and 0 <= origin[1] + y <= size[1]):
        raise BrokenNeedle(
            path, field, f"{x:g},{y:g} from the area lies outside the picture of {size[0]}x{size[1]}"
        )
    return ClickPoint(x, y, None if value.get("id") is None else str(value["id"]))


def _tags(path: Path, value: Any) -> tuple[str, ...]:
    for number, tag in enumerate(_list(path, "tags", value)):
        if not isinstance(tag, str) or not tag or tag.split() != [tag]:
            raise BrokenNeedle(path, f"tags[{number}]", f"must be a word without blanks, is {_shown(tag)}")
    return tuple(dict.fromkeys(value or ()))


def _properties(path: Path, value: Any) -> dict[str, str | None]:
    properties: dict[str, str | None] = {}
    for number, item in enumerate(_list(path, "properties", value)):
        name, content = (item.get("name"), item.get("value")) if isinstance(item, dict) else (item, None)
        if not isinstance(name, str) or not name:
            raise BrokenNeedle(
                path, f"properties[{number}]", f"must be a name or an object with name, is {_shown(item)}"
            )
        properties[name] = None if content is None else str(content)
    return properties


def _list(path: Path, field: str, value: Any) -> list[Any]:
    if value is None:
        return []
    if not isinstance(value, list):
        raise BrokenNeedle(path, field, f"must be a list, is {_shown(value)}")
    return value


def _number(path: Path, field: str, value: Any, least: int | None = None) -> float:
    try:
        number = float("nan" if isinstance(value, bool) or value is None else value)
    except (TypeError, ValueError):
        number = float("nan")
    if not abs(number) <= 1_000_000:
        raise BrokenNeedle(path, field, f"must be a number, is {_shown(value)}")
    if least is not None and number < least:
        raise BrokenNeedle(path, field, f"is {number:g}; must be {least} or more")
    return number


def _kind(value: Any) -> str:
    return {list: "list", str: "string", type(None): "null"}.get(type(value), type(value).__name__)


def _shown(value: Any) -> str:
    text = "missing" if value is None else json.dumps(value)
    return text if len(text) <= 60 else text[:57] + "..."
