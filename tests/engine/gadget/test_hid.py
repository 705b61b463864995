# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from collections import Counter

import pytest

from ansible_collections.hwlab.sut.plugins.module_utils.gadget import hid
from ansible_collections.hwlab.sut.plugins.module_utils.gadget.errors import GadgetError

# HID 1.11, appendix E.6 (report descriptor of a boot keyboard), up to its key array.
E6_HEAD = bytes.fromhex(
    "05 01 09 06 a1 01 05 07 19 e0 29 e7 15 00 25 01 75 01 95 08 81 02 95 01 75 08 81 01"
    "95 05 75 01 05 08 19 01 29 05 91 02 95 01 75 03 91 01 95 06 75 08 15 00"
)


def report_bits(descriptor: bytes) -> Counter[str]:
    """Bits of each report by main item, by the item rules of HID 1.11, 6.2.2.2."""
    bits: Counter[str] = Counter()
    size = count = index = depth = 0
    while index < len(descriptor):
        prefix = descriptor[index]
        length = (0, 1, 2, 4)[prefix & 3]
        value = int.from_bytes(descriptor[index + 1 : index + 1 + length], "little")
        index += 1 + length
        kind = prefix & 0xFC
        if kind == 0x74:
            size = value
        elif kind == 0x94:
            count = value
        elif kind == 0x80:
            bits["input"] += size * count
        elif kind == 0x90:
            bits["output"] += size * count
        elif kind == 0xA0:
            depth += 1
        elif kind == 0xC0:
            depth -= 1
    assert depth == 0
    return bits


def test_the_keyboard_starts_as_the_specification_s_boot_keyboard() -> None:
    assert hid.keyboard_descriptor()[: len(E6_HEAD)] == E6_HEAD


def test_descriptors_describe_as_many_bits_as_reports_have() -> None:
    keyboard = report_bits(hid.keyboard_descriptor())
    assert keyboard == {"input": hid.KEYBOARD_REPORT_LENGTH * 8, "output": 8}
    assert report_bits(hid.tablet_descriptor()) == {"input": hid.TABLET_REPORT_LENGTH * 8}
    assert len(hid.tablet_report(0, 0, 0)) == hid.TABLET_REPORT_LENGTH


def test_several_keys_at_once() -> None:
    assert hid.keyboard_report(5, [4, 5, 6]) == bytes([5, 0, 4, 5, 6, 0, 0, 0])
    with pytest.raises(GadgetError, match="7 keys at once"):
        hid.keyboard_report(0, range(4, 11))


@pytest.mark.parametrize("size", [640, 768, 800, 1024, 1080, 1920, 3840])
def test_every_pixel_comes_back_as_itself_in_both_ways_hosts_scale(size: int) -> None:
    for pixel in range(size):
        value = hid.axis_value(pixel, size)
        assert 0 <= value <= hid.AXIS_MAX
        assert value * size // 32768 == pixel
        assert round(value * (size - 1) / 32767) == pixel


def test_tablet_report_bytes() -> None:
    assert hid.tablet_report(3, 0x1234, 0x7FFF, -1) == bytes.fromhex("03 34 12 ff 7f ff")


def test_a_position_outside_the_picture_is_refused() -> None:
    with pytest.raises(GadgetError, match="position 1024,0 is outside the picture of 1024x768"):
        hid.Resolution(1024, 768).position(1024, 0)


def test_leds() -> None:
    assert hid.Leds.from_report(b"\x02") == hid.Leds(False, True, False)
