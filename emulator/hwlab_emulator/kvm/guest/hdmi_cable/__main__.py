# SPDX-License-Identifier: GPL-3.0-or-later
"""The KVM's end of the HDMI cable: shows the SUT's frames at vivid's input, tells the SUT of the EDID.

/dev/virtio-ports/hwlab.hdmi carries, from the SUT's side, struct "<4sHHI": b"HWHD", width and height in
pixels, and the bytes of a frame that lies in the memory shared through the ivshmem device (all 0: the
signal is gone). To the SUT's side go b"k" when a frame has been taken; b"E", "<H" length and that many bytes
of EDID, at first and at every change (0: the sink is gone); b"F" and a fourcc, RGB3 or UYVY, in which frames
are wanted.
"""

from __future__ import annotations

import glob
import mmap
import os
import select
import struct
import sys
import time

from .input import FORMATS, Input

PORT = "/dev/virtio-ports/hwlab.hdmi"
HEADER = struct.Struct("<4sHHI")
#: How often to look at what programs have set, in seconds: normally, and while the input waits for them.
CALM, WAITING = 0.2, 0.03
UNPLUGGED_PAUSE = 0.1


def shared_memory() -> mmap.mmap:
    """Map the frames' memory: BAR 2 of the ivshmem device (1af4:1110)."""
    for folder in glob.glob("/sys/bus/pci/devices/*"):
        with open(folder + "/vendor") as vendor, open(folder + "/device") as device:
            if (vendor.read().strip(), device.read().strip()) != ("0x1af4", "0x1110"):
                continue
        with open(folder + "/enable", "w") as enable:
            enable.write("1")
        number = os.open(folder + "/resource2", os.O_RDWR | os.O_SYNC)
        return mmap.mmap(number, os.stat(folder + "/resource2").st_size)
    raise SystemExit("hdmi: this machine has no ivshmem device")


class Cable:
    """The port and what it says."""

    def __init__(self) -> None:
        self.port = os.open(PORT, os.O_RDWR | os.O_NONBLOCK)
        self.memory = memoryview(shared_memory())
        self.input = Input()
        self.partial = b""
        self.edid: bytes | None = None
        self.format: str | None = None

    def send(self, data: bytes) -> None:
        """Write to the other end; what nobody waits for is lost, as on a cable."""
        deadline = time.monotonic() + 1.0
        while data and time.monotonic() < deadline:
            try:
                data = data[os.write(self.port, data) :]
            except BlockingIOError:
                time.sleep(0.001)

    def announce(self) -> None:
        """Tell of the EDID and of the format if they are not known at the other end."""
        edid = self.input.source.edid()
        if edid != self.edid:
            self.send(b"E" + struct.pack("<H", len(edid)) + edid)
            self.edid = edid
        wanted = self.input.wanted_format()
        if wanted in FORMATS and wanted != self.format:
            self.send(b"F" + wanted.encode())
            self.format = wanted

    def take(self) -> bool:
        """Read what has come and act on it; False when nothing has."""
        try:
            data = os.read(self.port, 4096)
        except BlockingIOError:
            return False
        self.partial += data
        while len(self.partial) >= HEADER.size:
            magic, width, height, length = HEADER.unpack_from(self.partial)
            if magic != b"HWHD":
                print(f"not understood: {self.partial[: HEADER.size]!r}", file=sys.stderr)
                self.partial = b""
                break
            self.partial = self.partial[HEADER.size :]
            try:
                if width == 0:
                    self.input.no_signal()
                else:
                    self.input.show(width, height, self.memory[:length])
            except (OSError, ValueError) as error:
                print(f"{width}x{height}: {error}", file=sys.stderr)
                self.input.no_signal()
            self.send(b"k")
        return bool(data)

    def run(self) -> None:
        poll = select.poll()
        poll.register(self.port, select.POLLIN)
        while True:
            settled = self.input.settle()
            events = poll.poll(1000 * (CALM if settled else WAITING))
            if not self.take() and any(event & select.POLLHUP for _, event in events):
                # Nobody is at the other end: whoever comes next wants to be told everything.
                self.edid = self.format = None
                self.partial = b""
                time.sleep(UNPLUGGED_PAUSE)
                continue
            self.announce()


if __name__ == "__main__":
    Cable().run()
