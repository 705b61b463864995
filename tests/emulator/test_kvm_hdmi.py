# SPDX-License-Identifier: GPL-3.0-or-later
"""The SUT's end of the HDMI cable against a far end that speaks as the guest's program does."""

from __future__ import annotations

import asyncio
import struct
from pathlib import Path

import numpy as np

from hwlab_emulator.kvm.edid import default_edid
from hwlab_emulator.kvm.hdmi import HdmiCable
from hwlab_emulator.kvm.machine import PIXELS_MIB, pixels_of

from ..eventually import eventually_async

#: What the contract of the cable says, byte by byte: magic, width, height, length.
GONE = bytes.fromhex("48574844 0000 0000 00000000")


class FarEnd:
    """Takes every frame and keeps its header and its bytes."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.got: list[tuple[bytes, bytes]] = []
        self.writer: asyncio.StreamWriter | None = None
        pixels_of(path).write_bytes(bytes(PIXELS_MIB << 20))

    async def start(self) -> asyncio.Server:
        return await asyncio.start_unix_server(self._serve, str(self.path))

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.writer = writer
        edid = default_edid()
        writer.write(b"E" + struct.pack("<H", len(edid)) + edid)
        try:
            while header := await reader.readexactly(12):
                (length,) = struct.unpack_from("<I", header, 8)
                self.got.append((header, pixels_of(self.path).read_bytes()[:length]))
                writer.write(b"k")
        except asyncio.IncompleteReadError:
            writer.close()


def test_frames_edid_and_formats(tmp_path: Path) -> None:
    async def run() -> None:
        far = FarEnd(tmp_path / "kvm-hdmi.sock")
        server = await far.start()
        cable = HdmiCable()
        await cable.connect(far.path)
        await eventually_async(lambda: cable.edid is not None)
        assert cable.preferred_size() == (1280, 720)

        frame = np.full((480, 640, 3), (255, 0, 0), np.uint8)
        assert await cable.send(frame)
        head, pixels = far.got[0]
        assert head == bytes.fromhex("48574844 8002 e001 00600900")
        # Red in BT.601, to a unit.
        wanted = np.array([90, 81, 240, 81])
        assert np.abs(np.frombuffer(pixels, np.uint8).reshape(-1, 4) - wanted).max() <= 1

        assert far.writer is not None
        far.writer.write(b"FRGB3")
        await eventually_async(lambda: len(far.got) == 2)
        assert far.got[1] == (bytes.fromhex("48574844 8002 e001 00100e00"), frame.tobytes())

        assert await cable.no_signal()
        assert far.got[2] == (GONE, b"")
        far.writer.write(b"E\0\0")
        await eventually_async(lambda: cable.edid is None)
        assert cable.preferred_size() is None
        await cable.close()
        server.close()

    asyncio.run(run())


def test_nobody_takes_a_frame_when_the_kvm_is_gone(tmp_path: Path) -> None:
    async def run() -> None:
        far = FarEnd(tmp_path / "kvm-hdmi.sock")
        server = await far.start()
        cable = HdmiCable()
        await cable.connect(far.path)
        await eventually_async(lambda: far.writer is not None)
        assert far.writer is not None
        far.writer.close()
        await eventually_async(lambda: not cable.connected)
        assert not await cable.send(np.zeros((480, 640, 3), np.uint8))
        assert not await cable.no_signal()
        server.close()

    asyncio.run(run())
