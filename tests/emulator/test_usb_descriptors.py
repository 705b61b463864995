# SPDX-License-Identifier: GPL-3.0-or-later
"""Descriptors of a real gadget, and the ioctl numbers that usbfs is spoken to with."""

from __future__ import annotations

import pytest

from hwlab_emulator.kvm.guest.usb_cable import usbfs
from hwlab_emulator.kvm.guest.usb_cable.descriptors import parse

DESCRIPTORS = bytes.fromhex(
    "12011002000000406b1d040100010102030109026000030104807d090400000203010105092101010001223f00070581"
    "0308000407050203080004090401000203000007092101010001223f0007058503060004070507030600040904020002"
    "080650090705860200020007050c02000201"
)


def test_the_gadgets_interfaces_and_endpoints() -> None:
    device, (configuration,) = parse(DESCRIPTORS)
    assert (device.vendor, device.product, device.version_bcd) == (0x1D6B, 0x0104, 0x0100)
    assert configuration.value == 1
    assert configuration.numbers() == [0, 1, 2]
    keyboard, tablet, storage = configuration.interfaces
    assert (keyboard.class_code, keyboard.subclass, keyboard.protocol) == (3, 1, 1)
    assert (tablet.class_code, tablet.subclass, tablet.protocol) == (3, 0, 0)
    assert (storage.class_code, storage.subclass, storage.protocol) == (8, 6, 0x50)
    assert [(point.address & 0x80, point.type, point.max_packet_size) for point in storage.endpoints] == [
        (0x80, 2, 512),
        (0x00, 2, 512),
    ]
    assert keyboard.endpoints[0].max_packet_size == 8


@pytest.mark.parametrize("raw", [b"", DESCRIPTORS[:10], DESCRIPTORS[:-1], DESCRIPTORS + b"\0\0"])
def test_broken_descriptors_are_refused(raw: bytes) -> None:
    with pytest.raises(ValueError, match="descriptor"):
        parse(raw)


def test_ioctl_numbers_are_the_kernels() -> None:
    # As strace's tables have them for 64-bit machines.
    assert usbfs.SUBMITURB == 0x8038550A
    assert usbfs.REAPURBNDELAY == 0x4008550D
    assert usbfs.DISCARDURB == 0x550B
    assert usbfs.SETCONFIGURATION == 0x80045505
    assert usbfs.SETINTERFACE == 0x80085504
    assert usbfs.RELEASEINTERFACE == 0x80045510
    assert usbfs.RESET == 0x5514
    assert usbfs.DISCONNECT_CLAIM == 0x8108551B
