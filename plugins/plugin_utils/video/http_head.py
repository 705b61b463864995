# SPDX-License-Identifier: GPL-3.0-or-later
"""The head of an HTTP response that arrives over a pipe (RFC 9112, section 4: status line, headers)."""

from __future__ import annotations

from ansible_collections.hwlab.sut.plugins.plugin_utils.video.mjpeg import (
    MAX_HEADERS,
    MjpegError,
    head_end,
    parse_headers,
)


class HttpHead:
    """Collects bytes until the head is complete."""

    def __init__(self) -> None:
        self._data = bytearray()
        #: The Content-Type, once complete.
        self.content_type = ""

    def feed(self, data: bytes) -> bytes | None:
        """Take bytes; None until the head is complete, then what follows it.

        Raises MjpegError when it is no HTTP response, or one with another status than 200.
        """
        self._data += data
        if not self._data.startswith(b"HTTP/"[: len(self._data)]):
            raise MjpegError(f"no HTTP response but {bytes(self._data[:40])!r}")
        end = head_end(self._data)
        if end is None:
            if len(self._data) > MAX_HEADERS:
                raise MjpegError(f"the response's headers do not end within {MAX_HEADERS} bytes")
            return None
        status, _, lines = bytes(self._data[: end[0]]).partition(b"\n")
        words = status.decode("latin-1").strip().split(" ", 2)
        if words[1:2] != ["200"]:
            raise MjpegError(f"HTTP status {' '.join(words[1:]) or 'missing'}")
        self.content_type = parse_headers(lines).get("content-type", "")
        return bytes(self._data[end[1] :])
