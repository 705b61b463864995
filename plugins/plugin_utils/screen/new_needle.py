# SPDX-License-Identifier: GPL-3.0-or-later
"""Making a needle from a screenshot, in the form that openQA and its needle editor read."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ansible_collections.hwlab.sut.plugins.plugin_utils.errors import ConfigurationError
from ansible_collections.hwlab.sut.plugins.plugin_utils.screen.area import DEFAULT_MARGIN, DEFAULT_MATCH, Area
from ansible_collections.hwlab.sut.plugins.plugin_utils.screen.needle_file import (
    BrokenNeedle,
    Needle,
    read_needle,
)
from ansible_collections.hwlab.sut.plugins.plugin_utils.video.frame import Picture
from ansible_collections.hwlab.sut.plugins.plugin_utils.video.recorder import write_png


def write_needle(folder: Path, name: str, bgr: Picture, areas: Sequence[Area], tags: Sequence[str]) -> Needle:
    """Write NAME.png and NAME.json into `folder`, made when missing, and return the needle as read back.

    Raises ConfigurationError, and leaves nothing behind, when the name is taken or the needle would be
    broken.
    """
    if not re.fullmatch(r"[\w.+-]+", name) or name.startswith("."):
        raise ConfigurationError(f"a needle's name has letters, digits, . _ + and - only, not {name!r}")
    paths = folder / f"{name}.json", folder / f"{name}.png"
    for path in paths:
        if path.exists():
            raise ConfigurationError(f"{path} exists; choose another name", evidence={"needle": str(path)})
    document = {"area": [_area(area) for area in areas], "properties": [], "tags": list(tags)}
    folder.mkdir(parents=True, exist_ok=True)
    try:
        write_png(paths[1], bgr)
        paths[0].write_text(json.dumps(document, indent=2) + "\n")
        return read_needle(paths[0])
    except BrokenNeedle as error:
        for path in paths:
            os.unlink(path)
        raise ConfigurationError(str(error), evidence={"needle": name, "field": error.field}) from error


def _area(area: Area) -> dict[str, Any]:
    document: dict[str, Any] = {
        "xpos": area.x,
        "ypos": area.y,
        "width": area.width,
        "height": area.height,
        "type": area.type,
    }
    if area.type == "match" and area.match != DEFAULT_MATCH:
        document["match"] = area.match
    if area.type == "match" and area.margin != DEFAULT_MARGIN:
        document["margin"] = area.margin
    if (point := area.click_point) is not None:
        document["click_point"] = "center" if point.x is None else {"xpos": point.x, "ypos": point.y}
        if point.id is not None and point.x is not None:
            document["click_point"]["id"] = point.id
    return document
