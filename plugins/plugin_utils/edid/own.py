# SPDX-License-Identifier: GPL-3.0-or-later
"""The project's own EDID: a display that offers one size, so that firmware, boot loader and installer all
show a picture of the size that the needles have.

Source: VESA E-EDID Standard release A2, section 3. There is no CTA extension, so the SUT sends a DVI signal:
RGB of full range, in which black is black, and no sound.
"""

from __future__ import annotations

from ansible_collections.hwlab.sut.plugins.plugin_utils.edid.edid import BLOCK, HEADER, Edid, checksum
from ansible_collections.hwlab.sut.plugins.plugin_utils.edid.timing import TimingKind, timing_for
from ansible_collections.hwlab.sut.plugins.plugin_utils.errors import ConfigurationError

#: Established timings at 60 Hz: byte and bit of section 3.8.
_ESTABLISHED = {(640, 480): (35, 5), (800, 600): (35, 0), (1024, 768): (36, 3)}
#: Chromaticity of sRGB, section 3.7, as all such displays have it.
_SRGB = bytes.fromhex("ee91a3544c99260f5054")
#: Pixels per inch that the size in millimetres pretends, the usual of desktops without scaling.
_DPI = 96


def make_edid(
    width: int = 1024,
    height: int = 768,
    timing: TimingKind = "dmt",
    *,
    manufacturer: str = "HWL",
    product: int = 1,
    serial: int = 1,
    name: str = "hwlab",
) -> Edid:
    """An EDID 1.4 of one block whose only sizes are `width` x `height` and the 640x480 that all must have.

    `manufacturer` has three capital letters, `name` at most 13 ASCII characters; raises ConfigurationError.
    """
    if len(manufacturer) != 3 or not all("A" <= letter <= "Z" for letter in manufacturer):
        raise ConfigurationError(f"an EDID's manufacturer has three capital letters, not {manufacturer!r}")
    if not (0 < len(name) <= 13 and name.isascii() and name.isprintable()):
        raise ConfigurationError(f"an EDID's name has 1 to 13 ASCII characters, not {name!r}")
    chosen = timing_for(width, height, timing)
    width_mm, height_mm = (round(pixels * 25.4 / _DPI) for pixels in (width, height))
    data = bytearray(BLOCK)
    data[0:8] = HEADER
    letters = 0
    for letter in manufacturer:
        letters = letters << 5 | ord(letter) - ord("A") + 1
    data[8:10] = letters.to_bytes(2, "big")
    data[10:12] = product.to_bytes(2, "little")
    data[12:16] = serial.to_bytes(4, "little")
    data[16:18] = 0, 2026 - 1990  # week unknown, year of the design
    data[18:20] = 1, 4
    data[20] = 0xA1  # digital, 8 bits per colour, DVI
    data[21:23] = round(width_mm / 10), round(height_mm / 10)
    data[23] = 120  # gamma 2.2
    data[24] = 0x06  # sRGB is the default colour space, the first timing is native
    data[25:35] = _SRGB
    for size in ((640, 480), (width, height)):
        if timing == "dmt" and size in _ESTABLISHED or size == (640, 480):
            byte, bit = _ESTABLISHED[size]
            data[byte] |= 1 << bit
    data[38:54] = b"\x01\x01" * 8  # no standard timings
    data[54:72] = chosen.descriptor(width_mm, height_mm)
    data[72:90] = _text(0xFC, name)
    data[90:108] = _text(0xFF, f"{serial:08d}")
    data[108:126] = _descriptor(0x10, bytes(13))
    data[127] = checksum(bytes(data))
    return Edid(bytes(data))


def _descriptor(tag: int, content: bytes) -> bytes:
    return bytes((0, 0, 0, tag, 0)) + content


def _text(tag: int, text: str) -> bytes:
    padded = text.encode("ascii") + (b"\n" if len(text) < 13 else b"")
    return _descriptor(tag, padded.ljust(13))
