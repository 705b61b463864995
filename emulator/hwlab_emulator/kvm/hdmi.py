# SPDX-License-Identifier: GPL-3.0-or-later
"""The SUT's end of the HDMI cable.

The socket is a virtio-serial port of the KVM's machine, the frames lie in memory shared with it; what goes
over the port is described in guest/hdmi_cable/__main__.py, its other end.
"""

from __future__ import annotations

import asyncio
import mmap
import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hwlab_emulator.kvm.edid import preferred_size
from hwlab_emulator.kvm.machine import pixels_of
from hwlab_emulator.kvm.picture import Rgb, encode, fit

HEADER = struct.Struct("<4sHHI")
MAGIC = b"HWHD"
#: How long the KVM may take for a frame before it counts as unplugged, in seconds (it boots in a minute).
PATIENCE = 5.0


def header(width: int, height: int, length: int) -> bytes:
    """Return the header of a frame; all 0 says that the signal is gone."""
    return HEADER.pack(MAGIC, width, height, length)


class HdmiCable:
    """Sends frames and learns of the sink's EDID. `on_edid` is called at every change (None: no sink)."""

    def __init__(self, on_edid: Callable[[bytes | None], None] | None = None) -> None:
        self.edid: bytes | None = None
        self.fourcc = "UYVY"
        self._on_edid = on_edid
        self._last: Rgb | None = None
        self._taken: asyncio.Queue[None] = asyncio.Queue()
        self._turn = asyncio.Lock()
        self._writer: asyncio.StreamWriter | None = None
        self._task: asyncio.Task[None] | None = None
        self._again: asyncio.Task[None] | None = None
        self._pixels: NDArray[np.uint8] | None = None

    @property
    def connected(self) -> bool:
        """Whether the KVM's machine holds the other end (its guest may still be booting)."""
        return self._writer is not None

    def preferred_size(self) -> tuple[int, int] | None:
        """Return the sink's preferred width and height in pixels, None without a readable EDID."""
        if self.edid is None:
            return None
        try:
            return preferred_size(self.edid)
        except ValueError:
            return None

    async def connect(self, path: Path) -> None:
        """Plug in: `path` is the port's socket. Raises OSError when no machine listens there."""
        with pixels_of(path).open("r+b") as file:
            self._pixels = np.frombuffer(mmap.mmap(file.fileno(), 0), np.uint8)
        reader, self._writer = await asyncio.open_unix_connection(str(path))
        self._task = asyncio.create_task(self._read(reader))

    async def close(self) -> None:
        """Unplug."""
        for task in (self._again, self._task):
            if task is not None:
                task.cancel()
        if self._writer is not None:
            self._writer.close()
            self._writer = None

    async def send(self, rgb: Rgb) -> bool:
        """Show a frame, an array of height x width x 3 bytes, red first; return once the KVM has taken it.

        A size that HDMI has no timings for is shown in the middle of the next larger one. False when nobody
        took it: the KVM is off or restarting, and whoever feeds the cable should send again later.
        """
        async with self._turn:
            self._last = rgb
            return await self._send(fit(rgb))

    async def no_signal(self) -> bool:
        """End the signal, as a SUT that is switched off does; False when nobody took notice."""
        async with self._turn:
            self._last = None
            return await self._exchange(header(0, 0, 0))

    async def _send(self, rgb: Rgb) -> bool:
        if self._pixels is None:
            return False
        height, width = rgb.shape[:2]
        data = encode(rgb, self.fourcc)
        self._pixels[: data.size] = data
        return await self._exchange(header(width, height, data.size))

    async def _exchange(self, message: bytes) -> bool:
        if self._writer is None:
            return False
        while not self._taken.empty():
            self._taken.get_nowait()
        try:
            self._writer.write(message)
            await self._writer.drain()
            await asyncio.wait_for(self._taken.get(), PATIENCE)
        except (OSError, TimeoutError):
            return False
        return True

    async def _read(self, reader: asyncio.StreamReader) -> None:
        try:
            while True:
                kind = await reader.readexactly(1)
                if kind == b"k":
                    self._taken.put_nowait(None)
                elif kind == b"E":
                    (length,) = struct.unpack("<H", await reader.readexactly(2))
                    self.edid = (await reader.readexactly(length)) or None
                    if self._on_edid is not None:
                        self._on_edid(self.edid)
                elif kind == b"F":
                    self.fourcc = (await reader.readexactly(4)).decode()
                    self._again = asyncio.create_task(self._repeat())
        except (asyncio.IncompleteReadError, OSError):
            self._writer = None
            self.edid = None

    async def _repeat(self) -> None:
        """Send the last frame in the format now wanted."""
        async with self._turn:
            if self._last is not None:
                await self._send(fit(self._last))
