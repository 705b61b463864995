# SPDX-License-Identifier: GPL-3.0-or-later
"""vivid as the capture chip of a PiKVM, with a cable in it.

A capture chip delivers nothing unless it is set to what arrives, so vivid drops every frame while its timings
or its format are not those of the signal.
"""

from __future__ import annotations

import contextlib
import re
import select

from .stream import OutputStream
from .v4l2 import CAPTURE, OUTPUT, open_when_there, size_of

#: What the PiKVM's chip can deliver; the first until a program asks for another.
FORMATS = ("UYVY", "RGB3")
#: vivid's "DV Timings Signal Mode".
NO_SIGNAL, SELECTED_TIMINGS = 1, 4


class Input:
    """vivid as a capture chip with a cable in it."""

    def __init__(self) -> None:
        self.sink = open_when_there("/dev/kvmd-video", CAPTURE)
        self.source = open_when_there("/dev/hwlab-hdmi-source", OUTPUT)
        self.names = self.sink.controls()
        self._set("Loop Video", 1)
        self._set("OSD Text Mode", 2)
        self.modes = self.sink.menu(self.names["DV Timings"])
        with contextlib.suppress(OSError):  # A program that holds the input has chosen its format.
            self.sink.set_format(*self.sink.format()[:2], FORMATS[0])
        self.stream: OutputStream | None = None
        self.shown: tuple[int, int, str] | None = None
        self.dropping = False
        self.no_signal()

    def _set(self, name: str, value: int) -> None:
        self.sink.set_control(self.names[name], value)

    def _drop(self, drop: bool) -> None:
        if drop != self.dropping:
            self._set("Percentage of Dropped Buffers", 100 if drop else 0)
            self.dropping = drop

    def mode(self, width: int, height: int) -> int:
        """Return the index of vivid's timings of this size, those nearest to 60 Hz; raises ValueError."""
        best, distance = -1, 1000
        for index, name in enumerate(self.modes):
            found = re.fullmatch(r"(\d+)x(\d+)p(\d+)", name)
            if (
                found
                and (int(found[1]), int(found[2])) == (width, height)
                and abs(int(found[3]) - 60) < distance
            ):
                best, distance = index, abs(int(found[3]) - 60)
        if best < 0:
            raise ValueError(f"no HDMI timings of {width}x{height}")
        return best

    def no_signal(self) -> None:
        self._drop(True)
        self._set("DV Timings Signal Mode", NO_SIGNAL)
        self.shown = None

    def _change(self, width: int, height: int, fourcc: str) -> None:
        mode = self.mode(width, height)
        self._drop(True)
        if self.stream is not None:
            self.stream.close()
            self.stream = None
        if self.shown is None or self.shown[:2] != (width, height):
            self._set("DV Timings", mode)
            self._set("DV Timings Signal Mode", SELECTED_TIMINGS)
        self.source.set_timings(self.sink.seen_timings())
        self.stream = OutputStream(self.source, self.source.set_format(width, height, fourcc))
        self.shown = (width, height, fourcc)

    def show(self, width: int, height: int, frame: memoryview) -> None:
        """Show a frame; its format follows from its length."""
        fourcc = "UYVY" if len(frame) == 2 * width * height else "RGB3"
        if self.shown != (width, height, fourcc):
            self._change(width, height, fourcc)
        assert self.stream is not None
        while not self.stream.put(frame):
            if self.dropping:
                # vivid takes nothing then; and what is old must not be seen when it delivers again.
                self.stream.replace(frame)
                break
            select.select([], [self.source.number], [], 0.1)
        self.settle()

    def wanted_format(self) -> str:
        """Return the fourcc that the capture side is set to."""
        return self.sink.format()[2]

    def settle(self) -> bool:
        """Deliver frames if and only if the capture side is set to what arrives; return whether it is."""
        if self.shown is None:
            return True
        matches = size_of(self.sink.timings()) == self.shown[:2] and self.sink.format() == self.shown
        self._drop(not matches)
        return matches
