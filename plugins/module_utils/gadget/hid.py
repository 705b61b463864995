# SPDX-License-Identifier: GPL-3.0-or-later
"""Report descriptors and reports of the keyboard and the tablet.

Formats: Device Class Definition for HID 1.11, https://usb.org/document-library/device-class-definition-hid-111
(items: section 6.2.2; boot keyboard: appendix B.1 and E.6).
"""

from __future__ import annotations

import struct
from collections.abc import Iterable
from typing import NamedTuple

from .errors import GadgetError

#: Greatest value of the tablet's axes.
AXIS_MAX = 0x7FFF
#: Keys that a boot keyboard report has room for.
KEY_SLOTS = 6
#: Bytes of each report.
KEYBOARD_REPORT_LENGTH = 8
TABLET_REPORT_LENGTH = 6


def _item(prefix: int, value: int) -> bytes:
    """A short item (6.2.2.2) with the fewest data bytes; values of 0x80 and more take two, as they are
    signed."""
    if -0x80 <= value <= 0x7F or prefix in _UNSIGNED and 0 <= value <= 0xFF:
        return bytes([prefix | 1, value & 0xFF])
    return struct.pack("<BH", prefix | 2, value & 0xFFFF)


# Item prefixes without their size bits (6.2.2.4 to 6.2.2.8).
_USAGE_PAGE, _USAGE, _USAGE_MIN, _USAGE_MAX = 0x04, 0x08, 0x18, 0x28
_LOGICAL_MIN, _LOGICAL_MAX, _REPORT_SIZE, _REPORT_COUNT = 0x14, 0x24, 0x74, 0x94
_INPUT, _OUTPUT, _COLLECTION = 0x80, 0x90, 0xA0
_UNSIGNED = {_USAGE_PAGE, _USAGE, _USAGE_MIN, _USAGE_MAX, _REPORT_SIZE, _REPORT_COUNT}
_END_COLLECTION = b"\xc0"
# Main item data: data/constant, array/variable, absolute/relative.
_ARRAY, _CONSTANT, _VARIABLE, _RELATIVE = 0x00, 0x01, 0x02, 0x06


def keyboard_descriptor() -> bytes:
    """Modifiers, a reserved byte, six keys; LEDs as output. What BIOS and UEFI expect of a boot keyboard."""
    return b"".join(
        (
            _item(_USAGE_PAGE, 0x01), _item(_USAGE, 0x06), _item(_COLLECTION, 0x01),
            _item(_USAGE_PAGE, 0x07), _item(_USAGE_MIN, 0xE0), _item(_USAGE_MAX, 0xE7),
            _item(_LOGICAL_MIN, 0), _item(_LOGICAL_MAX, 1), _item(_REPORT_SIZE, 1), _item(_REPORT_COUNT, 8),
            _item(_INPUT, _VARIABLE),
            _item(_REPORT_COUNT, 1), _item(_REPORT_SIZE, 8), _item(_INPUT, _CONSTANT),
            _item(_REPORT_COUNT, 5), _item(_REPORT_SIZE, 1), _item(_USAGE_PAGE, 0x08),
            _item(_USAGE_MIN, 1), _item(_USAGE_MAX, 5), _item(_OUTPUT, _VARIABLE),
            _item(_REPORT_COUNT, 1), _item(_REPORT_SIZE, 3), _item(_OUTPUT, _CONSTANT),
            _item(_REPORT_COUNT, KEY_SLOTS), _item(_REPORT_SIZE, 8), _item(_LOGICAL_MIN, 0),
            _item(_LOGICAL_MAX, 0xFF), _item(_USAGE_PAGE, 0x07), _item(_USAGE_MIN, 0), _item(_USAGE_MAX,
            0xFF), _item(_INPUT, _ARRAY),
            _END_COLLECTION,
        )
    )  # fmt: skip


def tablet_descriptor() -> bytes:
    """Eight buttons, X and Y from 0 to AXIS_MAX absolute, a relative wheel: one pointer without report id."""
    return b"".join(
        (
            _item(_USAGE_PAGE, 0x01), _item(_USAGE, 0x02), _item(_COLLECTION, 0x01),
            _item(_USAGE, 0x01), _item(_COLLECTION, 0x00),
            _item(_USAGE_PAGE, 0x09), _item(_USAGE_MIN, 1), _item(_USAGE_MAX, 8),
            _item(_LOGICAL_MIN, 0), _item(_LOGICAL_MAX, 1), _item(_REPORT_SIZE, 1), _item(_REPORT_COUNT, 8),
            _item(_INPUT, _VARIABLE),
            _item(_USAGE_PAGE, 0x01), _item(_USAGE, 0x30), _item(_USAGE, 0x31),
            _item(_LOGICAL_MIN, 0), _item(_LOGICAL_MAX, AXIS_MAX), _item(_REPORT_SIZE, 16),
            _item(_REPORT_COUNT, 2), _item(_INPUT, _VARIABLE),
            _item(_USAGE, 0x38), _item(_LOGICAL_MIN, -127), _item(_LOGICAL_MAX, 127),
            _item(_REPORT_SIZE, 8), _item(_REPORT_COUNT, 1), _item(_INPUT, _RELATIVE),
            _END_COLLECTION, _END_COLLECTION,
        )
    )  # fmt: skip


def keyboard_report(modifiers: int, usages: Iterable[int] = ()) -> bytes:
    """Eight bytes: modifiers, 0, up to six usages that are down together."""
    keys = tuple(usages)
    if len(keys) > KEY_SLOTS:
        raise GadgetError(f"{len(keys)} keys at once; a boot keyboard can report {KEY_SLOTS}")
    return bytes([modifiers, 0, *keys]).ljust(KEYBOARD_REPORT_LENGTH, b"\0")


def tablet_report(buttons: int, x: int, y: int, wheel: int = 0) -> bytes:
    """Six bytes: buttons (bit 0 left, 1 right, 2 middle), x and y in 0..AXIS_MAX, wheel in -127..127."""
    return struct.pack("<BHHb", buttons, x, y, wheel)


def axis_value(pixel: int, size: int) -> int:
    """The axis value at the middle of a pixel of `size` pixels.

    The middle, because hosts turn it back in two ways, floor(v * size / 32768) and round(v * (size - 1) /
    32767), and it comes out as the same pixel in both.
    """
    return min(AXIS_MAX, (2 * pixel + 1) * (AXIS_MAX + 1) // (2 * size))


class Leds(NamedTuple):
    """The lock lights, as the host last set them (HID 1.11, appendix B.1, output report)."""

    num_lock: bool
    caps_lock: bool
    scroll_lock: bool

    @classmethod
    def from_report(cls, report: bytes) -> Leds:
        bits = report[0]
        return cls(bool(bits & 1), bool(bits & 2), bool(bits & 4))


class Resolution(NamedTuple):
    """Size in pixels of the picture that pointer positions refer to."""

    width: int
    height: int

    def position(self, x: int, y: int) -> tuple[int, int]:
        """Axis values of a pixel; GadgetError when it is outside the picture."""
        if not (0 <= x < self.width and 0 <= y < self.height):
            raise GadgetError(f"position {x},{y} is outside the picture of {self.width}x{self.height} pixels")
        return axis_value(x, self.width), axis_value(y, self.height)
