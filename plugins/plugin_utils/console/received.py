# SPDX-License-Identifier: GPL-3.0-or-later
"""Everything a console line received since the session began, for searching; bounded in memory.

Positions ("marks") count characters of readable text since the start and only grow; text that has been
dropped for its age is still in the log file.
"""

from __future__ import annotations

from collections import deque

_BLOCK = 1 << 16


class Received:
    """A growing text that forgets its beginning beyond `limit` characters."""

    def __init__(self, limit: int = 8 << 20) -> None:
        self._limit = limit
        self._blocks: deque[str] = deque([""])
        #: Position of the first character still held.
        self.start = 0
        #: Position after the last character.
        self.end = 0

    def append(self, text: str) -> None:
        if len(self._blocks[-1]) >= _BLOCK:
            self._blocks.append("")
        self._blocks[-1] += text
        self.end += len(text)
        while self.end - self.start > self._limit and len(self._blocks) > 1:
            self.start += len(self._blocks.popleft())

    def text(self, since: int = 0, until: int | None = None) -> str:
        """Text between two positions, as far as it is still held; reads only the blocks it needs."""
        until = self.end if until is None else until
        parts: list[str] = []
        end = self.end
        for block in reversed(self._blocks):
            begin = end - len(block)
            if begin < until:
                parts.append(block[max(0, since - begin) : max(0, until - begin)])
            if begin <= since:
                break
            end = begin
        return "".join(reversed(parts))

    def tail(self, lines: int = 20) -> list[str]:
        """The last lines that are not empty, the unfinished one included."""
        text = self.text(max(self.start, self.end - lines * 400))
        return [line for line in text.split("\n") if line.strip()][-lines:]
