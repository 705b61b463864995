# SPDX-License-Identifier: GPL-3.0-or-later
"""A stream of frames into a video output."""

from __future__ import annotations

import fcntl
import mmap
import struct

from .v4l2 import DQBUF, FIELD_NONE, MEMORY_MMAP, OUTPUT, QBUF, QUERYBUF, REQBUFS, STREAMOFF, STREAMON, Device


class OutputStream:
    """Streaming output with buffers in the driver's memory (write() is refused by vivid)."""

    BUFFERS = 3

    def __init__(self, device: Device, frame_bytes: int) -> None:
        self.device = device
        self.frame_bytes = frame_bytes
        self.streaming = False
        self._request(self.BUFFERS)
        self.maps = [self._map(index) for index in range(self.BUFFERS)]
        self.free = list(range(self.BUFFERS))

    def _request(self, count: int) -> None:
        data = bytearray(struct.pack("<IIIIBBBB", count, OUTPUT, MEMORY_MMAP, 0, 0, 0, 0, 0))
        fcntl.ioctl(self.device.number, REQBUFS, data)

    def _buffer(self, index: int = 0) -> bytearray:
        data = bytearray(88)
        struct.pack_into("<IIIII", data, 0, index, OUTPUT, self.frame_bytes, 0, FIELD_NONE)
        struct.pack_into("<I", data, 60, MEMORY_MMAP)
        return data

    def _map(self, index: int) -> mmap.mmap:
        data = self._buffer(index)
        fcntl.ioctl(self.device.number, QUERYBUF, data)
        (offset,) = struct.unpack_from("<I", data, 64)
        (length,) = struct.unpack_from("<I", data, 72)
        protection = mmap.PROT_READ | mmap.PROT_WRITE
        return mmap.mmap(self.device.number, length, mmap.MAP_SHARED, protection, offset=offset)

    def _collect(self) -> None:
        """Take back every buffer that has been shown."""
        while True:
            data = self._buffer()
            try:
                fcntl.ioctl(self.device.number, DQBUF, data)
            except BlockingIOError:
                return
            self.free.append(struct.unpack_from("<I", data)[0])

    def put(self, frame: memoryview) -> bool:
        """Queue a frame; False when every buffer is still in use."""
        if not self.free:
            self._collect()
        if not self.free:
            return False
        index = self.free.pop(0)
        self.maps[index][: self.frame_bytes] = frame
        fcntl.ioctl(self.device.number, QBUF, self._buffer(index))
        if not self.streaming:
            fcntl.ioctl(self.device.number, STREAMON, struct.pack("<i", OUTPUT))
            self.streaming = True
        return True

    def replace(self, frame: memoryview) -> None:
        """Put a frame in the place of all that are queued."""
        for index in range(self.BUFFERS):
            if index not in self.free:
                self.maps[index][: self.frame_bytes] = frame

    def close(self) -> None:
        """Stop and give the buffers back."""
        fcntl.ioctl(self.device.number, STREAMOFF, struct.pack("<i", OUTPUT))
        for mapped in self.maps:
            mapped.close()
        self._request(0)
