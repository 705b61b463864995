# SPDX-License-Identifier: GPL-3.0-or-later
"""Needles drawn by the tests."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import pytest

from ansible_collections.hwlab.sut.plugins.plugin_utils.screen.needle_file import Needle, read_needle
from ansible_collections.hwlab.sut.plugins.plugin_utils.video.frame import Picture

MakeNeedle = Callable[..., Needle]


@pytest.fixture
def make_needle(tmp_path: Path) -> MakeNeedle:
    """Write a needle with the picture and areas (xpos, ypos, width, height, then further fields)."""

    def make(
        name: str, picture: Picture, *areas: tuple[int, int, int, int] | dict[str, Any], **fields: Any
    ) -> Needle:
        names = ("xpos", "ypos", "width", "height")
        listed = [
            area if isinstance(area, dict) else dict(zip(names, area, strict=True), type="match")
            for area in areas
        ]
        document = {"area": listed, "tags": ["tag"], "properties": [], **fields}
        cv2.imwrite(str(tmp_path / f"{name}.png"), picture)
        (tmp_path / f"{name}.json").write_text(json.dumps(document))
        return read_needle(tmp_path / f"{name}.json")

    return make
