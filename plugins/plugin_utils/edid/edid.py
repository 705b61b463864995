# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading and changing an EDID.

Source: VESA E-EDID Standard release A2 (base block: header 0-7, preferred timing flag in 24, descriptors from
54, number of extensions 126, checksum 127); CTA-861-G, section 7.5 (extension: checksum and native formats).
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from pathlib import Path

from ansible_collections.hwlab.sut.plugins.plugin_utils.edid.timing import (
    Timing,
    TimingKind,
    timing_for,
    timing_of,
)
from ansible_collections.hwlab.sut.plugins.plugin_utils.errors import ConfigurationError

BLOCK = 128
HEADER = bytes.fromhex("00ffffffffffff00")
#: First of the four descriptors of 18 bytes.
FIRST_DESCRIPTOR = 54
#: Bytes that a text file may hold; an EDID's header is none.
_TEXT = re.compile(rb"[\t\n\r -~]*")
_FEATURES, _EXTENSIONS = 24, 126
_PREFERRED_IS_NATIVE = 0x02
_CTA = 0x02
_RANGE_LIMITS = 0xFD


@dataclass(frozen=True, slots=True)
class Edid:
    """A whole and valid EDID."""

    data: bytes

    @property
    def hex(self) -> str:
        """Lines of 16 bytes in hexadecimal, as `v4l2-ctl --set-edid=file=` and kvmd's *.hex files have it."""
        return "".join(self.data[i : i + 16].hex() + "\n" for i in range(0, len(self.data), 16))

    @property
    def preferred(self) -> Timing:
        """The preferred timing: that of the first descriptor."""
        timing = timing_of(self.data[FIRST_DESCRIPTOR : FIRST_DESCRIPTOR + 18])
        if timing is None:
            raise ConfigurationError(
                f"the EDID prefers no timing: the clock in bytes {FIRST_DESCRIPTOR} and following is 0"
            )
        return timing

    @property
    def preferred_size(self) -> tuple[int, int]:
        """Width and height of the preferred timing in pixels."""
        timing = self.preferred
        return timing.width, timing.height


def checksum(block: bytes) -> int:
    """The last byte that makes the sum of a block of 128 bytes divisible by 256."""
    return -sum(block[: BLOCK - 1]) & 255


def parse_edid(source: bytes | str, name: str = "the EDID") -> Edid:
    """The EDID in `source`: binary, or hexadecimal text with any white space.

    `name` is how messages call it. Raises ConfigurationError that names the first byte that is wrong.
    """
    data = _to_bytes(source, name)
    _validate(data, name)
    return Edid(data)


def read_edid(path: Path) -> Edid:
    """The EDID in a file, binary or hexadecimal; raises ConfigurationError."""
    try:
        return parse_edid(path.read_bytes(), str(path))
    except OSError as error:
        raise ConfigurationError(f"cannot read the EDID {path}: {error.strerror}") from error


def set_preferred(edid: Edid, width: int, height: int, timing: TimingKind = "dmt") -> Edid:
    """The same EDID with another preferred timing; picture size in millimetres and the rest stay.

    The formats that a CTA extension calls native lose that mark, since a display has one native size; the
    display's range limits grow to hold the timing.
    """
    data = bytearray(edid.data)
    old = data[FIRST_DESCRIPTOR : FIRST_DESCRIPTOR + 18]
    width_mm, height_mm = old[12] | old[14] >> 4 << 8, old[13] | (old[14] & 15) << 8
    if timing_of(bytes(old)) is None:
        raise ConfigurationError("the EDID has no timing in its first descriptor that could be replaced")
    data[FIRST_DESCRIPTOR : FIRST_DESCRIPTOR + 18] = timing_for(width, height, timing).descriptor(
        width_mm, height_mm
    )
    data[_FEATURES] |= _PREFERRED_IS_NATIVE
    _widen_range(data, timing_for(width, height, timing))
    for start in range(BLOCK, len(data), BLOCK):
        if data[start] == _CTA:
            _clear_native(data, start)
    for start in range(0, len(data), BLOCK):
        data[start + BLOCK - 1] = checksum(bytes(data[start : start + BLOCK]))
    return Edid(bytes(data))


def bt_timings(width: int, height: int, timing: TimingKind = "dmt") -> str:
    """The options of `v4l2-ctl --set-dv-bt-timings` that go with an EDID that prefers this timing."""
    return timing_for(width, height, timing).v4l2_options


def _widen_range(data: bytearray, timing: Timing) -> None:
    """Make the display range limits descriptor, if there is one, hold the timing.

    Section 3.10.3.3.1: bytes 5 to 9 are least and greatest Hz, least and greatest kHz, clock in 10 MHz;
    byte 4 can add 255 to a limit, and such a display is left as it is.
    """
    for start in range(FIRST_DESCRIPTOR, _EXTENSIONS, 18):
        if data[start : start + 5] == bytes((0, 0, 0, _RANGE_LIMITS, 0)):
            limits = data[start + 5 : start + 10]
            data[start + 5 : start + 10] = (
                min(limits[0], math.floor(timing.refresh_hz)),
                max(limits[1], math.ceil(timing.refresh_hz)),
                min(limits[2], math.floor(timing.line_khz)),
                max(limits[3], math.ceil(timing.line_khz)),
                max(limits[4], math.ceil(timing.pixel_clock_khz / 10_000)),
            )


def _clear_native(data: bytearray, start: int) -> None:
    """Take the native mark from the short video descriptors of the CTA extension at `start`."""
    end = start + data[start + 2]
    at = start + 4
    while at < end:
        tag, length = data[at] >> 5, data[at] & 31
        if tag == 2:
            for place in range(at + 1, at + 1 + length):
                # Only VICs up to 64 carry the mark in bit 7; above 192 the bit belongs to the number.
                if 129 <= data[place] <= 192:
                    data[place] &= 0x7F
        at += 1 + length


def _to_bytes(source: bytes | str, name: str) -> bytes:
    if isinstance(source, bytes) and not _TEXT.fullmatch(source):
        return source
    text = source if isinstance(source, str) else source.decode("latin-1")
    for number, line in enumerate(text.splitlines(), 1):
        if wrong := re.search(r"[^0-9a-fA-F\s]", line):
            raise ConfigurationError(
                f"{name} is neither a binary EDID nor hexadecimal: line {number}, column {wrong.start() + 1} "
                f"holds {wrong[0]!r}",
                evidence={"edid": name, "line": number},
            )
    digits = "".join(text.split())
    if len(digits) % 2:
        raise ConfigurationError(f"{name} has {len(digits)} hexadecimal digits, an odd number")
    return bytes.fromhex(digits)


def _validate(data: bytes, name: str) -> None:
    def refuse(problem: str, byte: int) -> ConfigurationError:
        return ConfigurationError(f"{name}: {problem}", evidence={"edid": name, "byte": byte})

    for byte, (seen, right) in enumerate(zip(data, HEADER, strict=False)):
        if seen != right:
            raise refuse(f"byte {byte} of the header is 0x{seen:02x}, must be 0x{right:02x}", byte)
    if not data or len(data) % BLOCK:
        raise refuse(f"ends after {len(data)} bytes; blocks have {BLOCK} bytes each", len(data))
    blocks = len(data) // BLOCK
    if data[_EXTENSIONS] + 1 != blocks:
        raise refuse(
            f"byte {_EXTENSIONS} announces {data[_EXTENSIONS]} extension blocks, there are {blocks - 1}",
            _EXTENSIONS,
        )
    for start in range(0, len(data), BLOCK):
        byte, right = start + BLOCK - 1, checksum(data[start : start + BLOCK])
        if data[byte] != right:
            raise refuse(f"checksum in byte {byte} is 0x{data[byte]:02x}, must be 0x{right:02x}", byte)
