# SPDX-License-Identifier: GPL-3.0-or-later
"""The EDID that the KVM's input shows unless told otherwise, and what the SUT's side reads of an EDID.

Offsets and encodings are those of VESA E-EDID Standard, Release A, Revision 2 (EDID 1.4), and CTA-861-G.
"""

from __future__ import annotations

from dataclasses import dataclass

BLOCK = 128
HEADER = bytes.fromhex("00ffffffffffff00")
DTD1 = 54
#: 530 x 300 mm, as a detailed timing has it.
SIZE_MM_LOW, SIZE_MM_HIGH = (530 & 0xFF, 300 & 0xFF), (530 >> 8) << 4 | 300 >> 8


@dataclass(frozen=True)
class Timing:
    """One detailed timing: pixel clock in units of 10 kHz, the rest in pixels and lines."""

    clock: int
    width: int
    h_front: int
    h_sync: int
    h_blank: int
    height: int
    v_front: int
    v_sync: int
    v_blank: int

    def descriptor(self) -> bytes:
        """Return the 18 bytes of a detailed timing descriptor, both syncs positive."""
        return bytes(
            (
                *(self.clock & 0xFF, self.clock >> 8),
                *(self.width & 0xFF, self.h_blank & 0xFF, (self.width >> 8) << 4 | self.h_blank >> 8),
                *(self.height & 0xFF, self.v_blank & 0xFF, (self.height >> 8) << 4 | self.v_blank >> 8),
                *(self.h_front & 0xFF, self.h_sync & 0xFF),
                (self.v_front & 0xF) << 4 | (self.v_sync & 0xF),
                (self.h_front >> 8) << 6
                | (self.h_sync >> 8) << 4
                | (self.v_front >> 4) << 2
                | self.v_sync >> 4,
                *(*SIZE_MM_LOW, SIZE_MM_HIGH, 0, 0, 0x1E),
            )
        )


#: CTA-861 VIC 4.
HD_720P = Timing(7425, 1280, 110, 40, 370, 720, 5, 5, 30)


def with_checksum(block: bytes) -> bytes:
    """Return the 127 bytes of `block` with the byte that makes their sum 0 modulo 256."""
    return block + bytes([-sum(block) % 256])


def _text(tag: int, text: str) -> bytes:
    return bytes((0, 0, 0, tag, 0)) + (text.encode() + b"\n").ljust(13, b" ")


def default_edid() -> bytes:
    """Return 256 bytes: an HDMI sink that prefers 1280x720 and also takes 640x480 to 1024x768."""
    maker = sum((ord(letter) - 64) << shift for letter, shift in zip("HWL", (10, 5, 0), strict=True))
    base = (
        HEADER
        + maker.to_bytes(2, "big")
        + (0x4B56).to_bytes(2, "little")
        + (1).to_bytes(4, "little")
        + bytes((1, 36))  # week 1 of 2026
        + bytes((1, 3))  # EDID 1.3, as HDMI 1.4 asks
        + bytes((0x80, 53, 30, 120, 0x0E))  # digital; 53x30 cm; gamma 2.2; RGB, sRGB, first timing preferred
        + bytes.fromhex("ee91a3544c99260f5054")  # sRGB primaries
        + bytes((0x21, 0x08, 0x00))  # 640x480, 800x600 and 1024x768 at 60 Hz
        + bytes((0x01, 0x01)) * 8
        + HD_720P.descriptor()
        + _text(0xFC, "HWLAB KVM")
        + bytes((0, 0, 0, 0xFD, 0, 24, 75, 15, 70, 17, 0, 0x0A))
        + b" " * 6
        + _text(0xFF, "CAFEBABE")
        + bytes((1,))
    )
    video = bytes((0x40 | 3, 0x80 | 4, 3, 1))  # VIC 4 native, 3, 1
    vendor = bytes((0x60 | 5, 0x03, 0x0C, 0x00, 0x10, 0x00))  # HDMI 1.4, physical address 1.0.0.0
    quantization = bytes((0xE0 | 2, 0x00, 0x40))  # video capability: RGB range selectable
    blocks = video + vendor + quantization
    extension = (bytes((2, 3, 4 + len(blocks), 0x01)) + blocks).ljust(127, b"\0")
    return with_checksum(base) + with_checksum(extension)


def to_hex(edid: bytes) -> str:
    """Return the text form that v4l2-ctl and kvmd read: 16 bytes a line."""
    return "".join(edid[at : at + 16].hex(" ").upper() + "\n" for at in range(0, len(edid), 16))


def preferred_size(edid: bytes) -> tuple[int, int]:
    """Return width and height in pixels of the first detailed timing, which is the preferred mode.

    Raises ValueError for bytes that are no EDID or have no detailed timing there.
    """
    if len(edid) < BLOCK or edid[:8] != HEADER:
        raise ValueError(f"not an EDID: {len(edid)} bytes that begin with {edid[:8].hex()}")
    timing = edid[DTD1 : DTD1 + 18]
    if timing[0] == 0 and timing[1] == 0:
        raise ValueError("this EDID's first descriptor is no detailed timing")
    return timing[2] | (timing[4] & 0xF0) << 4, timing[5] | (timing[7] & 0xF0) << 4
