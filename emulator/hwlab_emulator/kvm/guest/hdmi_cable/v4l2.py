# SPDX-License-Identifier: GPL-3.0-or-later
"""What the HDMI cable needs of Video4Linux: controls, DV timings, formats, EDID.

Numbers and layouts are those of linux/videodev2.h and linux/v4l2-dv-timings.h on a 64-bit machine.
"""

from __future__ import annotations

import ctypes
import errno
import fcntl
import os
import struct
import time

G_FMT, S_FMT = 0xC0D05604, 0xC0D05605
REQBUFS, QUERYBUF, QBUF, DQBUF = 0xC0145608, 0xC0585609, 0xC058560F, 0xC0585611
STREAMON, STREAMOFF = 0x40045612, 0x40045613
S_CTRL, QUERYCTRL, QUERYMENU = 0xC008561C, 0xC0445624, 0xC02C5625
G_EDID = 0xC0285628
S_DV_TIMINGS, G_DV_TIMINGS, QUERY_DV_TIMINGS = 0xC0845657, 0xC0845658, 0x80845663
CAPTURE, OUTPUT, MEMORY_MMAP, FIELD_NONE = 1, 2, 1, 1
NEXT_CTRL = 0x80000000
TIMINGS_BYTES = 132
EDID_BLOCK = 128


class Device:
    """One video node; `kind` is CAPTURE or OUTPUT."""

    def __init__(self, path: str, kind: int) -> None:
        self.number = os.open(path, os.O_RDWR | os.O_NONBLOCK)
        self.kind = kind

    def _ioctl(self, request: int, data: bytearray) -> bytearray:
        fcntl.ioctl(self.number, request, data)
        return data

    def controls(self) -> dict[str, int]:
        """Return the controls' names and numbers."""
        found: dict[str, int] = {}
        last = 0
        while True:
            data = bytearray(68)
            struct.pack_into("<I", data, 0, last | NEXT_CTRL)
            try:
                self._ioctl(QUERYCTRL, data)
            except OSError:
                return found
            (last,) = struct.unpack_from("<I", data)
            found[bytes(data[8:40]).split(b"\0")[0].decode()] = last

    def set_control(self, number: int, value: int) -> None:
        self._ioctl(S_CTRL, bytearray(struct.pack("<Ii", number, value)))

    def menu(self, number: int) -> list[str]:
        """Return the names of a menu's entries, at their indices."""
        names: list[str] = []
        while True:
            data = bytearray(44)
            struct.pack_into("<II", data, 0, number, len(names))
            try:
                self._ioctl(QUERYMENU, data)
            except OSError:
                return names
            names.append(bytes(data[8:40]).split(b"\0")[0].decode())

    def format(self) -> tuple[int, int, str]:
        """Return width, height and fourcc of the current format."""
        data = bytearray(208)
        struct.pack_into("<I", data, 0, self.kind)
        width, height, fourcc = struct.unpack_from("<II4s", self._ioctl(G_FMT, data), 8)
        return int(width), int(height), str(fourcc.decode())

    def set_format(self, width: int, height: int, fourcc: str) -> int:
        """Set the format and return the bytes of a frame; raises ValueError if the driver takes another."""
        data = bytearray(208)
        struct.pack_into("<I", data, 0, self.kind)
        struct.pack_into("<II4sI", data, 8, width, height, fourcc.encode(), FIELD_NONE)
        self._ioctl(S_FMT, data)
        got = struct.unpack_from("<II4s", data, 8)
        if got != (width, height, fourcc.encode()):
            raise ValueError(f"asked for {width}x{height} {fourcc}, got {got}")
        return int(struct.unpack_from("<I", data, 28)[0])

    def timings(self) -> bytearray:
        """Return struct v4l2_dv_timings as it is set."""
        return self._ioctl(G_DV_TIMINGS, bytearray(TIMINGS_BYTES))

    def seen_timings(self) -> bytearray:
        """Return the timings of the signal at a capture device; raises OSError without one."""
        return self._ioctl(QUERY_DV_TIMINGS, bytearray(TIMINGS_BYTES))

    def set_timings(self, timings: bytearray) -> None:
        self._ioctl(S_DV_TIMINGS, bytearray(timings))

    def edid(self) -> bytes:
        """Return the EDID, empty if there is none."""
        buffer = ctypes.create_string_buffer(4 * EDID_BLOCK)
        data = bytearray(struct.pack("<III20xQ", 0, 0, 4, ctypes.addressof(buffer)))
        try:
            self._ioctl(G_EDID, data)
        except OSError as error:
            if error.errno == errno.ENODATA:
                return b""
            raise
        (blocks,) = struct.unpack_from("<I", data, 8)
        return buffer.raw[: blocks * EDID_BLOCK]


def size_of(timings: bytearray) -> tuple[int, int]:
    """Return width and height in pixels of struct v4l2_dv_timings."""
    width, height = struct.unpack_from("<II", timings, 4)
    return width, height


def open_when_there(path: str, kind: int) -> Device:
    """Open a node that udev may still be naming."""
    for _ in range(200):
        if os.path.exists(path):
            break
        time.sleep(0.05)
    return Device(path, kind)
