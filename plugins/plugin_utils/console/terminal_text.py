# SPDX-License-Identifier: GPL-3.0-or-later
"""Serial output as readable text: UTF-8, without terminal control sequences, lines ended by LF alone."""

from __future__ import annotations

import codecs
import re

#: Control sequences of ECMA-48 (CSI 5.4, OSC and other strings 5.6, two-character escapes 5.3).
_SEQUENCE = re.compile(
    r"\x1b(?:\[[0-?]*[ -/]*[@-~]|[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\)|[ -/]+[0-~]|[0-OQ-WYZ\\`-~])"
)
#: A sequence that may go on in the next bytes; longer ones are noise, not sequences.
_UNFINISHED = re.compile(r"\x1b(?:\[[0-?]*[ -/]*|[\]PX^_][^\x07\x1b]{0,200}\x1b?|[ -/]*)?\Z")
_LINE_END = re.compile(r"\r*\n\r*|\r+(?=[^\r\n])")
#: C0 controls other than TAB and LF, and DEL: bells, NULs of a floating line, backspaces.
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


class TerminalText:
    """Turns a stream of bytes into text, whatever the places where it was cut."""

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
        self._held = ""
        self._line_start = True

    def feed(self, data: bytes) -> str:
        """The text that is certain by now; the start of a sequence and a trailing CR wait for what
        follows."""
        text = self._held + self._decoder.decode(data)
        text = _SEQUENCE.sub("", text)
        cut = len(text)
        unfinished = _UNFINISHED.search(text)
        if unfinished:
            cut = unfinished.start()
        cut = len(text[:cut].rstrip("\r"))
        self._held = text[cut:]
        ready = text[:cut].lstrip("\r") if self._line_start else text[:cut]
        ready = _CONTROL.sub("", _LINE_END.sub("\n", ready))
        if ready:
            self._line_start = ready.endswith("\n")
        return ready
