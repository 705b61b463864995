# SPDX-License-Identifier: GPL-3.0-or-later
"""The pictures of needles: prepared crops for matching, whole pictures for showing.

Crops are a few kilobytes each, so they are kept for all needles once used; of whole pictures only the few
shown last are.
"""

from __future__ import annotations

from functools import lru_cache
from typing import cast

import cv2

from ansible_collections.hwlab.sut.plugins.plugin_utils.errors import ConfigurationError
from ansible_collections.hwlab.sut.plugins.plugin_utils.screen.area import Area
from ansible_collections.hwlab.sut.plugins.plugin_utils.screen.needle_file import Needle
from ansible_collections.hwlab.sut.plugins.plugin_utils.screen.scene import Gray, prepared, without
from ansible_collections.hwlab.sut.plugins.plugin_utils.video.frame import Picture


@lru_cache(maxsize=8)
def _read(path: str, stamp: tuple[int, int]) -> Picture:
    picture = cv2.imread(path, cv2.IMREAD_COLOR)
    if picture is None:
        raise ConfigurationError(f"{path}: OpenCV cannot decode this picture", evidence={"picture": path})
    return cast(Picture, picture)


def needle_picture(needle: Needle) -> Picture:
    """The needle's whole picture as stored; not to be changed."""
    status = needle.png_path.stat()
    return _read(str(needle.png_path), (status.st_mtime_ns, status.st_size))


class Templates:
    """Prepared crops of the match areas of needles."""

    def __init__(self) -> None:
        self._crops: dict[str, tuple[Needle, tuple[tuple[Area, Gray], ...]]] = {}

    def of(self, needle: Needle) -> tuple[tuple[Area, Gray], ...]:
        """Each match area of the needle with its crop; read from the disk at the first use."""
        key = str(needle.png_path)
        kept = self._crops.get(key)
        if kept is None or kept[0] != needle:
            kept = self._crops[key] = (needle, self._cut(needle))
        return kept[1]

    @staticmethod
    def _cut(needle: Needle) -> tuple[tuple[Area, Gray], ...]:
        picture = needle_picture(needle)
        if excluded := needle.areas_of("exclude"):
            picture = without(picture, excluded)
        gray = prepared(picture)
        return tuple(
            (area, gray[area.y : area.y + area.height, area.x : area.x + area.width].copy())
            for area in needle.areas_of("match")
        )


#: The crops of the process; needles are few and do not change within a run.
TEMPLATES = Templates()
