# SPDX-License-Identifier: GPL-3.0-or-later
"""From the SUT's screen to the HDMI cable: frames that changed, and the end of the signal."""

from __future__ import annotations

import asyncio
import os
import re
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from hwlab_emulator.board.sut import Sut
from hwlab_emulator.qmp import QmpError

#: Seconds between frames while the picture moves, and once it has stood still for a while.
MOVING_S, STANDING_S = 0.08, 0.2
STILL_AFTER_S = 1.0
#: How soon a cable that took nothing is tried again.
RETRY_S = 0.5


class Cable(Protocol):
    """What the pump feeds; both are False when nobody took it."""

    async def send(self, rgb: NDArray[np.uint8]) -> bool: ...

    async def no_signal(self) -> bool: ...


def read_ppm(data: bytes) -> NDArray[np.uint8]:
    """Return the height x width x 3 bytes of a binary PPM (netpbm, ppm(5), maxval 255); raises ValueError."""
    header = re.match(rb"P6\s+(\d+)\s+(\d+)\s+255\s", data)
    if header is None:
        raise ValueError("not a PPM of 8 bits")
    width, height = int(header[1]), int(header[2])
    size = width * height * 3
    if len(data) < header.end() + size:
        raise ValueError("a PPM cut short")
    return np.frombuffer(data, np.uint8, size, header.end()).reshape(height, width, 3)


class PicturePump:
    """Follows the SUT's screen until cancelled."""

    def __init__(self, sut: Sut, cable: Cable, shows: Callable[[], bool]) -> None:
        """`shows`: whether the board would send a picture now."""
        self._sut, self._cable, self._shows = sut, cable, shows
        self.frozen = False
        """Fault: the picture on the cable does not change any more."""
        self.cut = False
        """Fault: no signal, whatever the SUT does."""
        self.frames = 0
        self.size: tuple[int, int] | None = None
        """Width and height of what is on the cable."""
        self._last: bytes | None = None
        self._told_off = False
        self._changed_at = 0.0

    def cable_is_new(self) -> None:
        """Somebody plugged the cable in again: whatever was sent is forgotten."""
        self._last, self._told_off = None, False

    async def run(self) -> None:
        """Pump."""
        folder = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
        with tempfile.TemporaryDirectory(prefix="hwlab-", dir=folder) as name:
            target = Path(name) / "screen.ppm"
            while True:
                started = time.monotonic()
                pause = await self._step(target)
                await asyncio.sleep(max(0.01, pause - (time.monotonic() - started)))

    async def _step(self, target: Path) -> float:
        """Do one frame; return how long to wait for the next."""
        if self.cut or not (self._shows() and self._sut.running):
            return await self._signal_off()
        if self.frozen:
            return STANDING_S
        data = b""
        with suppress(QmpError, OSError):
            await self._sut.dump_screen(target)
            data = target.read_bytes()
        if not data:
            return STANDING_S
        if data == self._sut.unlit:
            return await self._signal_off()
        now = time.monotonic()
        if data != self._last:
            frame = read_ppm(data)
            if not await self._cable.send(frame):
                return RETRY_S
            self._last, self._told_off, self._changed_at = data, False, now
            self.size = (frame.shape[1], frame.shape[0])
            self.frames += 1
        return MOVING_S if now - self._changed_at < STILL_AFTER_S else STANDING_S

    async def _signal_off(self) -> float:
        self._last, self.size = None, None
        if not self._told_off:
            self._told_off = await self._cable.no_signal()
            return STANDING_S if self._told_off else RETRY_S
        return STANDING_S
