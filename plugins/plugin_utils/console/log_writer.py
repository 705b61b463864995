# SPDX-License-Identifier: GPL-3.0-or-later
"""The log of a console line: what came, byte by byte, and as text with the time at which each line began."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path


def iso_ms(moment: datetime) -> str:
    """ISO 8601 in UTC with milliseconds: 2026-03-01T12:00:00.123Z."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


class LogWriter:
    """Writes FOLDER/NAME.raw and FOLDER/NAME.log as bytes come; both can be read at any moment.

    A line of the log is its time of arrival (that of its first character), a space and its text. Lines that
    start with `-- ` after the time are remarks of the session: connected, lost, closed.
    """

    def __init__(self, folder: Path, name: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.path = folder / f"{name}.log"
        self._raw = open(folder / f"{name}.raw", "ab", buffering=0)  # noqa: SIM115 - closed by close()
        self._log = open(self.path, "a", encoding="utf-8", newline="\n")  # noqa: SIM115
        self._line_open = False

    def received(self, data: bytes, text: str) -> None:
        """Add bytes, and the readable text that they made certain."""
        self._raw.write(data)
        moment = iso_ms(datetime.now(UTC))
        for piece in text.splitlines(keepends=True):
            if not self._line_open:
                self._log.write(f"{moment} ")
            self._log.write(piece)
            self._line_open = not piece.endswith("\n")
        self._log.flush()

    def remark(self, words: str) -> None:
        """Add a line of the session's own."""
        if self._log.closed:
            return
        if self._line_open:
            self._log.write("\n")
            self._line_open = False
        self._log.write(f"{iso_ms(datetime.now(UTC))} -- {words}\n")
        self._log.flush()

    def close(self) -> None:
        self.remark("closed")
        self._raw.close()
        self._log.close()
