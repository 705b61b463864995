# SPDX-License-Identifier: GPL-3.0-or-later
"""Screenshots of a run as files."""

from __future__ import annotations

import os
import re
from pathlib import Path

import cv2

from ansible_collections.hwlab.sut.plugins.plugin_utils.errors import ConfigurationError
from ansible_collections.hwlab.sut.plugins.plugin_utils.video.frame import Picture

#: zlib level 1 costs a third of OpenCV's default and screens of text compress well anyway.
_PNG_OPTIONS = [cv2.IMWRITE_PNG_COMPRESSION, 1]


def write_png(path: Path, bgr: Picture) -> None:
    """Write a picture (height, width, 3; BGR) as PNG; `path` holds all of it or is not touched."""
    done, data = cv2.imencode(".png", bgr, _PNG_OPTIONS)
    if not done:
        raise ValueError(f"OpenCV cannot write a picture of shape {bgr.shape} as PNG")
    part = path.with_name(f".{path.name}.part")
    part.write_bytes(data.tobytes())
    os.replace(part, path)


def read_picture(path: Path) -> Picture:
    """The picture at `path` (PNG, JPEG, ...) as (height, width, 3), BGR; ConfigurationError if it is none."""
    if not path.is_file():
        raise ConfigurationError(f"the picture {path} does not exist", evidence={"picture": str(path)})
    picture = cv2.imread(str(path), cv2.IMREAD_COLOR)
    if picture is None:
        raise ConfigurationError(
            f"{path} is not a picture that OpenCV reads", evidence={"picture": str(path)}
        )
    return picture  # type: ignore[return-value]


class Recorder:
    """Writes numbered screenshots NNN-<step>.png into `folder`, which is made when the first one comes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._count = 0

    def save(self, bgr: Picture, step: str) -> Path:
        """Write one screenshot of the step named `step` and return its path."""
        self._count += 1
        slug = re.sub(r"[^a-z0-9]+", "-", step.lower()).strip("-")[:60] or "screen"
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / f"{self._count:03}-{slug}.png"
        write_png(path, bgr)
        return path
