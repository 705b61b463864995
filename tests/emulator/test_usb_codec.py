# SPDX-License-Identifier: GPL-3.0-or-later
"""The usbredir codec against bytes laid out by the protocol's specification (version 0.7)."""

from __future__ import annotations

import struct

import pytest

from hwlab_emulator.kvm.guest.usb_cable.codec import Codec, ProtocolError
from hwlab_emulator.kvm.guest.usb_cable.packets import Cap, Type, endpoint_index, hello, parse_hello

#: The hello of QEMU 7.2.22 (Debian 12), taken from a running `-device usb-redir`.
QEMU_HELLO = (
    bytes.fromhex("00000000 44000000 00000000")
    + b"qemu usb-redir guest 7.2.22".ljust(64, b"\0")
    + bytes.fromhex("ff000000")
)
PLAIN_HELLO = bytes.fromhex("00000000 44000000 00000000") + bytes(64) + bytes(4)


def test_hello_is_laid_out_as_specified() -> None:
    packet = hello("a version", frozenset({Cap.FILTER, Cap.IDS_64BITS}))
    assert packet[:12] == bytes.fromhex("00000000 44000000 00000000")
    assert packet[12:76] == b"a version".ljust(64, b"\0")
    assert packet[76:] == bytes.fromhex("24000000")


def test_qemus_hello_is_understood() -> None:
    version, caps = parse_hello(QEMU_HELLO[12:])
    assert version == "qemu usb-redir guest 7.2.22"
    assert caps == frozenset(Cap)


def test_bytes_arrive_in_any_pieces() -> None:
    stream = QEMU_HELLO + bytes.fromhex("06000000 01000000 0700000000000000 01") * 3
    codec = Codec()
    packets = [packet for byte in stream for packet in codec.feed(bytes([byte]))]
    assert [packet.type for packet in packets] == [Type.HELLO] + [Type.SET_CONFIGURATION] * 3
    assert packets[1].id == 7
    assert packets[1].body == b"\x01"


def test_ids_and_bulk_lengths_are_narrow_for_a_plain_peer() -> None:
    codec = Codec()
    bulk = bytes.fromhex("65000000 0a000000 2a000000") + struct.pack("<BBHI", 2, 0, 2, 0) + b"ab"
    _, packet = codec.feed(PLAIN_HELLO + bulk)
    assert packet.id == 42
    assert codec.parse_bulk(packet.body) == (2, 2, 0, b"ab")
    assert codec.frame(Type.BULK_PACKET, 42, codec.bulk_header(0x81, 0, 3, 0), 3) == bytes.fromhex(
        "65000000 0b000000 2a000000 8100 0300 00000000"
    )


def test_long_bulk_lengths_use_the_high_half() -> None:
    codec = Codec()
    list(codec.feed(QEMU_HELLO))
    assert codec.bulk_header(0x81, 0, 0x12345, 0) == bytes.fromhex("8100 4523 00000000 0100")
    assert codec.parse_bulk(bytes.fromhex("8100 4523 00000000 0100")) == (0x81, 0x12345, 0, b"")


def test_another_peer_may_take_the_place() -> None:
    codec = Codec()
    list(codec.feed(QEMU_HELLO))
    assert codec.frame(Type.RESET, 1) == bytes.fromhex("03000000 00000000 0100000000000000")
    list(codec.feed(PLAIN_HELLO))
    assert codec.generation == 2
    assert codec.frame(Type.RESET, 1) == bytes.fromhex("03000000 00000000 01000000")


def test_a_stream_that_does_not_greet_is_refused() -> None:
    with pytest.raises(ProtocolError, match="before hello"):
        list(Codec().feed(bytes.fromhex("65000000 0a000000 2a000000")))


def test_an_impossible_length_is_refused() -> None:
    codec = Codec()
    list(codec.feed(QEMU_HELLO))
    with pytest.raises(ProtocolError, match="bytes"):
        list(codec.feed(bytes.fromhex("65000000 ffffffff 2a00000000000000")))


@pytest.mark.parametrize(("address", "place"), [(0x00, 0), (0x02, 2), (0x80, 16), (0x81, 17), (0x8F, 31)])
def test_endpoint_tables_have_out_before_in(address: int, place: int) -> None:
    assert endpoint_index(address) == place
