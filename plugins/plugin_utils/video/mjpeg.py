# SPDX-License-Identifier: GPL-3.0-or-later
"""Pictures out of a byte stream of type multipart/x-mixed-replace, as MJPEG servers send it.

Format: RFC 2046, section 5.1 (multipart); the subtype is Netscape's, each part replaces the one before.
Servers differ: lines may end in LF alone; Content-Length may be missing, then the next boundary ends the
part.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import cv2
import numpy as np

from ansible_collections.hwlab.sut.plugins.plugin_utils.video.frame import Picture

#: Longest block of header lines, and largest part, that are believed.
MAX_HEADERS = 64 * 1024
MAX_PART = 64 * 1024 * 1024

_START_OF_IMAGE = b"\xff\xd8"
_END_OF_IMAGE = b"\xff\xd9"


class MjpegError(ValueError):
    """The bytes are no such stream; the message says where."""


@dataclass(frozen=True, slots=True)
class Part:
    """One part: headers with names in lower case, and the undecoded body."""

    headers: Mapping[str, str]
    body: bytes


def boundary_of(content_type: str) -> str:
    """The boundary that a Content-Type names, without leading dashes; raises MjpegError if it names none."""
    kind, *parameters = content_type.split(";")
    if not kind.strip().lower().startswith("multipart/"):
        raise MjpegError(f"the server sends {kind.strip() or 'nothing'}, not multipart/x-mixed-replace")
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "boundary" and (boundary := value.strip().strip('"').removeprefix("--")):
            return boundary
    raise MjpegError(f"the Content-Type names no boundary: {content_type.strip()}")


def parse_headers(block: bytes) -> dict[str, str]:
    """Header lines as a dict with names in lower case; lines without a colon are passed over."""
    pairs = (line.partition(":") for line in block.decode("latin-1").splitlines())
    return {name.strip().lower(): value.strip() for name, colon, value in pairs if colon}


def head_end(data: bytes | bytearray, start: int = 0) -> tuple[int, int] | None:
    """Where a header block ends and what follows it begins; None while its empty line has not come."""
    ends = ((data.find(mark, start), len(mark)) for mark in (b"\r\n\r\n", b"\n\n"))
    return min(((end, end + size) for end, size in ends if end >= 0), default=None)


class MultipartParser:
    """Cuts a stream into parts, however its bytes are split over reads."""

    def __init__(self, boundary: str) -> None:
        self._delimiter = b"--" + boundary.encode("latin-1")
        self._data = bytearray()
        self._headers: dict[str, str] | None = None
        #: How far the data was searched in vain: a slow part is not searched from its start each time.
        self._searched = 0

    def feed(self, data: bytes) -> list[Part]:
        """Take the next bytes and return the parts that they complete; raises MjpegError."""
        self._data += data
        parts = []
        while (part := self._next()) is not None:
            parts.append(part)
        return parts

    def _next(self) -> Part | None:
        if self._headers is None and not self._read_headers():
            return None
        assert self._headers is not None
        length = self._headers.get("content-length")
        body = self._by_boundary() if length is None else self._by_length(length)
        if body is None:
            return None
        part = Part(self._headers, body)
        self._headers = None
        return part

    def _read_headers(self) -> bool:
        start = self._data.find(self._delimiter)
        if start < 0:
            if len(self._data) > MAX_HEADERS:
                raise MjpegError(
                    f"no boundary {self._delimiter.decode('latin-1')} within {MAX_HEADERS} bytes"
                )
            return False
        start += len(self._delimiter)
        if self._data[start : start + 2] == b"--":
            raise MjpegError("the server ended the stream")
        end = head_end(self._data, start)
        if end is None:
            if len(self._data) - start > MAX_HEADERS:
                raise MjpegError(f"a part's headers do not end within {MAX_HEADERS} bytes")
            return False
        self._headers = parse_headers(bytes(self._data[start : end[0]]))
        del self._data[: end[1]]
        self._searched = 0
        return True

    def _by_length(self, text: str) -> bytes | None:
        if not text.isdecimal() or int(text) > MAX_PART:
            raise MjpegError(f"a part names the length {text}; at most {MAX_PART} is believed")
        length = int(text)
        if len(self._data) < length:
            return None
        return self._take(length)

    def _by_boundary(self) -> bytes | None:
        end = self._data.find(b"\n" + self._delimiter, self._searched)
        if end < 0:
            if len(self._data) > MAX_PART:
                raise MjpegError(f"a part does not end within {MAX_PART} bytes")
            self._searched = max(0, len(self._data) - len(self._delimiter))
            return None
        body = self._take(end)
        return body[:-1] if body.endswith(b"\r") else body

    def _take(self, length: int) -> bytes:
        body = bytes(memoryview(self._data)[:length])
        del self._data[:length]
        self._searched = 0
        return body


def decode_jpeg(body: bytes) -> Picture | None:
    """The picture (height, width, 3; BGR) of a whole JPEG; None for anything else, a cut one included.

    OpenCV fills up a JPEG that ends early with gray, which looks like a picture; so its end marker is looked
    for first. Bytes after it are padding of the capture device.
    """
    if not body.startswith(_START_OF_IMAGE) or body.rfind(_END_OF_IMAGE) < 0:
        return None
    picture = cv2.imdecode(np.frombuffer(body, np.uint8), cv2.IMREAD_COLOR)
    return None if picture is None else np.asarray(picture, np.uint8)
