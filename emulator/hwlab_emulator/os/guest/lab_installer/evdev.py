# SPDX-License-Identifier: GPL-3.0-or-later
"""Keyboards and absolute pointers, read from the kernel's event devices (linux/input.h)."""

from __future__ import annotations

import fcntl
import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

EVENT = struct.Struct("llHHi")
EV_SYN, EV_KEY, EV_REL, EV_ABS = 0, 1, 2, 3
BTN_LEFT, BTN_TOUCH = 0x110, 0x14A
KEYS = {
    28: "ret",
    96: "ret",
    15: "tab",
    1: "esc",
    14: "backspace",
    57: " ",
    88: "f12",
    103: "up",
    108: "down",
}
SHIFTS = (42, 54)
#: US layout by key code: without and with shift.
ROWS = (
    (2, "1234567890-=", "!@#$%^&*()_+"),
    (16, "qwertyuiop[]", "QWERTYUIOP{}"),
    (30, "asdfghjkl;'`", 'ASDFGHJKL:"~'),
    (43, "\\zxcvbnm,./", "|ZXCVBNM<>?"),
)
TEXT = {
    first + number: pair
    for first, lows, highs in ROWS
    for number, pair in enumerate(zip(lows, highs, strict=True))
}


@dataclass(frozen=True)
class Pointer:
    """The pointer's place as parts of the screen (0 to 1); `pressed` and `released` on a change of the
    left button.
    """

    x: float
    y: float
    pressed: bool = False
    released: bool = False


@dataclass(frozen=True)
class Key:
    """A key that went down: a name of KEYS or one character."""

    name: str


def _range(fd: int, axis: int) -> tuple[int, int]:
    """EVIOCGABS: minimum and maximum of an axis."""
    data = fcntl.ioctl(fd, 0x80184540 + axis, bytes(24))
    _, low, high, *_ = struct.unpack("6i", data)
    return low, high


class Inputs:
    """All event devices, also those that are plugged in later (call `scan` now and then)."""

    def __init__(self) -> None:
        self.devices: dict[str, int] = {}
        self._axes: dict[int, tuple[tuple[int, int], tuple[int, int]]] = {}
        self._shift = False
        self._x = self._y = 0.5

    def scan(self) -> None:
        present = {str(path) for path in Path("/dev/input").glob("event*")}
        for path in present - self.devices.keys():
            try:
                fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
            except OSError:
                continue
            self.devices[path] = fd
            try:
                axes = _range(fd, 0), _range(fd, 1)
                if axes[0][1] > axes[0][0] and axes[1][1] > axes[1][0]:
                    self._axes[fd] = axes
            except OSError:
                pass
        for path in self.devices.keys() - present:
            self._drop(self.devices[path])

    def _drop(self, fd: int) -> None:
        self.devices = {path: other for path, other in self.devices.items() if other != fd}
        self._axes.pop(fd, None)
        os.close(fd)

    def read(self, fd: int) -> Iterator[Pointer | Key]:
        """What the device told since the last call; movements in between are joined."""
        try:
            data = os.read(fd, EVENT.size * 256)
        except BlockingIOError:
            return
        except OSError:
            self._drop(fd)
            return
        moved, button = False, None
        for _, _, kind, code, value in EVENT.iter_unpack(data):
            if kind == EV_ABS and fd in self._axes and code in (0, 1):
                low, high = self._axes[fd][code]
                place = (value - low) / (high - low)
                self._x, self._y = (place, self._y) if code == 0 else (self._x, place)
                moved = True
            elif kind == EV_KEY and code in (BTN_LEFT, BTN_TOUCH) and value in (0, 1):
                button = value
            elif kind == EV_SYN and button is not None:
                # A report's button comes before its place, so the press counts where the whole report says.
                yield Pointer(self._x, self._y, pressed=button == 1, released=button == 0)
                moved, button = False, None
            elif kind == EV_KEY and code in SHIFTS:
                self._shift = value != 0
            elif kind == EV_KEY and value:
                if code in KEYS:
                    yield Key(KEYS[code])
                elif code in TEXT:
                    yield Key(TEXT[code][self._shift])
        if moved:
            yield Pointer(self._x, self._y)
