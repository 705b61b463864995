# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a file is a whole picture, and its size, without decoding it.

Formats: W3C, Portable Network Graphics Specification, sections 5.2 (signature), 5.3 (chunks), 11.2.2 (IHDR);
ITU-T T.81 (JPEG), annex B. Some published needles hold a JPEG under the name of a PNG, and OpenCV, with which
os-autoinst reads them, looks at the content only.
"""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

_PNG = b"\x89PNG\r\n\x1a\n"
_JPEG = b"\xff\xd8\xff"
#: Start of frame markers: C0 to CF without DHT (C4), JPG (C8) and DAC (CC).
_START_OF_FRAME = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_END_OF_IMAGE = b"\xff\xd9"


class NotAPicture(ValueError):
    """The file is no PNG or JPEG, or not a whole one; the message says where it breaks."""


def picture_size(path: Path) -> tuple[int, int]:
    """Width and height in pixels of the PNG or JPEG at `path`.

    A truncated file, and a PNG with a wrong checksum, are found here and not at the moment when the picture
    is needed. Raises `NotAPicture`, and `OSError` when the file cannot be read.
    """
    data = path.read_bytes()
    if data.startswith(_PNG):
        return _png_size(data)
    if data.startswith(_JPEG):
        return _jpeg_size(data)
    raise NotAPicture("does not begin as a PNG does" if data else "is empty")


def _png_size(data: bytes) -> tuple[int, int]:
    offset = len(_PNG)
    size: tuple[int, int] | None = None
    while True:
        if offset + 12 > len(data):
            raise NotAPicture(f"ends after {len(data)} bytes, before its IEND chunk")
        length, kind = struct.unpack_from(">I4s", data, offset)
        end = offset + 12 + length
        if end > len(data):
            raise NotAPicture(f"ends after {len(data)} bytes, inside the chunk at byte {offset}")
        (crc,) = struct.unpack_from(">I", data, end - 4)
        if zlib.crc32(data[offset + 4 : end - 4]) != crc:
            raise NotAPicture(f"has a wrong checksum in the chunk at byte {offset}")
        if size is None:
            if kind != b"IHDR" or length != 13:
                raise NotAPicture("does not begin with an IHDR chunk")
            width, height = struct.unpack_from(">II", data, offset + 8)
            size = (width, height)
        if kind == b"IEND":
            return size
        offset = end


def _jpeg_size(data: bytes) -> tuple[int, int]:
    if _END_OF_IMAGE not in data[-64:]:
        raise NotAPicture(f"ends after {len(data)} bytes, before its end marker")
    offset = 2
    while offset + 9 <= len(data) and data[offset] == 0xFF:
        marker = data[offset + 1]
        if marker in _START_OF_FRAME:
            height, width = struct.unpack_from(">HH", data, offset + 5)
            return width, height
        offset += 2 + struct.unpack_from(">H", data, offset + 2)[0]
    raise NotAPicture(f"has no frame header up to byte {offset}")
