# SPDX-License-Identifier: GPL-3.0-or-later
"""The usbredir protocol 0.7 on the wire: packet types, capabilities, headers.

Source: "USB Network Redirection protocol description version 0.7 (19 May 2014)", the file
docs/usb-redirection-protocol.md of spice/usbredir. All integers are little-endian, all structures packed.
"""

from __future__ import annotations

import struct
from enum import IntEnum


class Type(IntEnum):
    """usb_redir_header.type: control packets count from 0, data packets from 100."""

    HELLO = 0
    DEVICE_CONNECT = 1
    DEVICE_DISCONNECT = 2
    RESET = 3
    INTERFACE_INFO = 4
    EP_INFO = 5
    SET_CONFIGURATION = 6
    GET_CONFIGURATION = 7
    CONFIGURATION_STATUS = 8
    SET_ALT_SETTING = 9
    GET_ALT_SETTING = 10
    ALT_SETTING_STATUS = 11
    START_ISO_STREAM = 12
    STOP_ISO_STREAM = 13
    ISO_STREAM_STATUS = 14
    START_INTERRUPT_RECEIVING = 15
    STOP_INTERRUPT_RECEIVING = 16
    INTERRUPT_RECEIVING_STATUS = 17
    ALLOC_BULK_STREAMS = 18
    FREE_BULK_STREAMS = 19
    BULK_STREAMS_STATUS = 20
    CANCEL_DATA_PACKET = 21
    FILTER_REJECT = 22
    FILTER_FILTER = 23
    DEVICE_DISCONNECT_ACK = 24
    START_BULK_RECEIVING = 25
    STOP_BULK_RECEIVING = 26
    BULK_RECEIVING_STATUS = 27
    CONTROL_PACKET = 100
    BULK_PACKET = 101
    ISO_PACKET = 102
    INTERRUPT_PACKET = 103
    BUFFERED_BULK_PACKET = 104


class Status(IntEnum):
    """Outcome of a request, as usb_redir_* status codes."""

    SUCCESS = 0
    CANCELLED = 1
    INVAL = 2
    IOERROR = 3
    STALL = 4
    TIMEOUT = 5
    BABBLE = 6


class Cap(IntEnum):
    """Bit numbers in the hello packet's capabilities."""

    BULK_STREAMS = 0
    CONNECT_DEVICE_VERSION = 1
    FILTER = 2
    DEVICE_DISCONNECT_ACK = 3
    EP_INFO_MAX_PACKET_SIZE = 4
    IDS_64BITS = 5
    BULK_LENGTH_32BITS = 6
    BULK_RECEIVING = 7


#: What this end can do. Streams and buffered bulk input are for devices that the gadget is not.
OUR_CAPS = frozenset(
    {
        Cap.CONNECT_DEVICE_VERSION,
        Cap.FILTER,
        Cap.DEVICE_DISCONNECT_ACK,
        Cap.EP_INFO_MAX_PACKET_SIZE,
        Cap.IDS_64BITS,
        Cap.BULK_LENGTH_32BITS,
    }
)

#: type, length, id; the hello packet is always headed by the short one.
HEADER_32 = struct.Struct("<III")
HEADER_64 = struct.Struct("<IIQ")
#: endpoint, request, requesttype, status, value, index, length
CONTROL = struct.Struct("<BBBBHHH")
#: endpoint, status, length, stream_id, and with BULK_LENGTH_32BITS length_high
BULK_16 = struct.Struct("<BBHI")
BULK_32 = struct.Struct("<BBHIH")
#: endpoint, status, length
INTERRUPT = struct.Struct("<BBH")

VERSION_BYTES = 64
#: Places in the tables of interface_info and ep_info (there: OUT 0 to 15, then IN 0 to 15).
TABLE = 32
#: A longer packet is a broken stream: the largest bulk transfer that QEMU asks for is far below.
MAX_PACKET_BYTES = 128 << 20


def hello(version: str, caps: frozenset[Cap] = OUR_CAPS) -> bytes:
    """The first packet of either end, header included."""
    word = sum(1 << cap for cap in caps)
    body = version.encode()[: VERSION_BYTES - 1].ljust(VERSION_BYTES, b"\0") + struct.pack("<I", word)
    return HEADER_32.pack(Type.HELLO, len(body), 0) + body


def parse_hello(body: bytes) -> tuple[str, frozenset[Cap]]:
    """Version string and known capabilities of a hello packet's body (without its header)."""
    version = bytes(body[:VERSION_BYTES]).split(b"\0", 1)[0].decode("utf-8", "replace")
    word = struct.unpack_from("<I", body, VERSION_BYTES)[0] if len(body) >= VERSION_BYTES + 4 else 0
    return version, frozenset(cap for cap in Cap if word >> cap & 1)


def endpoint_index(address: int) -> int:
    """Place of an endpoint address (0x81: IN 1) in the tables of ep_info."""
    return (address & 0x0F) | (address & 0x80) >> 3
