# SPDX-License-Identifier: GPL-3.0-or-later
"""The Linux framebuffer as a picture that is only written where it changes."""

from __future__ import annotations

import fcntl
import mmap
import os
import struct
from pathlib import Path

from PIL import Image, ImageDraw

#: linux/fb.h; linux/kd.h: text is no longer drawn, and keys no longer go to the console.
FBIOGET_VSCREENINFO = 0x4600
KDSETMODE, KD_GRAPHICS = 0x4B3A, 1
KDSKBMODE, K_OFF = 0x4B45, 4
#: Bits for a pixel -> bytes, and Pillow's name of their order; firmware offers both.
LAYOUTS = {24: (3, "BGR"), 32: (4, "BGRX")}
Box = tuple[int, int, int, int]
POINTER = ((0, 0), (0, 17), (4, 13), (7, 19), (10, 18), (7, 12), (12, 12))
POINTER_SIZE = (14, 21)


def take_console() -> None:
    """Put the first virtual terminal into graphics mode."""
    terminal = os.open("/dev/tty1", os.O_RDWR | os.O_NOCTTY)
    fcntl.ioctl(terminal, KDSETMODE, KD_GRAPHICS)
    fcntl.ioctl(terminal, KDSKBMODE, K_OFF)


class Framebuffer:
    """/dev/fb0 with 24 or 32 bits for a pixel, and a pointer drawn over the picture."""

    def __init__(self) -> None:
        self._fd = os.open("/dev/fb0", os.O_RDWR)
        info = fcntl.ioctl(self._fd, FBIOGET_VSCREENINFO, bytes(160))
        self.width, self.height = struct.unpack_from("II", info)
        (depth,) = struct.unpack_from("I", info, 24)
        if depth not in LAYOUTS:
            raise RuntimeError(f"the framebuffer has {depth} bits for a pixel, not 24 or 32")
        self._pixel, self._layout = LAYOUTS[depth]
        self._stride = int(Path("/sys/class/graphics/fb0/stride").read_text())
        self._memory = mmap.mmap(self._fd, self._stride * self.height)
        self.picture = Image.new("RGB", (self.width, self.height))
        self._at: tuple[int, int] | None = None
        self._pointer = Image.new("RGBA", POINTER_SIZE)
        ImageDraw.Draw(self._pointer).polygon(POINTER, fill="white", outline="black")

    def show(self, box: Box | None = None) -> None:
        """Write the part `box` (left, top, right, bottom) of the picture to the screen, or all of it."""
        left, top, right, bottom = box or (0, 0, self.width, self.height)
        left, top = max(left, 0), max(top, 0)
        right, bottom = min(right, self.width), min(bottom, self.height)
        if left >= right or top >= bottom:
            return
        part = self.picture.crop((left, top, right, bottom))
        if self._at:
            part.paste(self._pointer, (self._at[0] - left, self._at[1] - top), self._pointer)
        data = part.tobytes("raw", self._layout)
        size = (right - left) * self._pixel
        for row in range(bottom - top):
            place = (top + row) * self._stride + left * self._pixel
            self._memory[place : place + size] = data[row * size : (row + 1) * size]

    def move_pointer(self, x: int, y: int) -> None:
        """Draw the pointer with its tip at (x, y)."""
        old, self._at = self._at, (x, y)
        width, height = POINTER_SIZE
        for place in (old, self._at):
            if place:
                self.show((place[0], place[1], place[0] + width, place[1] + height))
