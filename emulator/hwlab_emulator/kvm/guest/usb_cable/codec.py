# SPDX-License-Identifier: GPL-3.0-or-later
"""Cuts the stream from the SUT into packets and writes headers as the two ends agreed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from .packets import (
    BULK_16,
    BULK_32,
    HEADER_32,
    HEADER_64,
    MAX_PACKET_BYTES,
    OUR_CAPS,
    Cap,
    Type,
    parse_hello,
)


class ProtocolError(Exception):
    """The stream is not usbredir (any more)."""


class Packet(NamedTuple):
    """One received packet: its type, its id and all that follows the common header."""

    type: int
    id: int
    body: bytes


class Codec:
    """State of one connection: bytes not yet used and the capabilities of both ends.

    The peer announces itself anew when another QEMU takes its place on the same port, so a hello packet in
    the middle of a stream starts over; `generation` then grows by one.
    """

    def __init__(self) -> None:
        self._buffer = bytearray()
        self.peer_version = ""
        self.caps: frozenset[Cap] = frozenset()
        self.generation = 0
        self._header = HEADER_32
        self.bulk = BULK_16

    def feed(self, data: bytes) -> Iterator[Packet]:
        """Add received bytes; yields the packets that they complete, hello among them.

        Raises ProtocolError when a packet comes before hello or is impossibly long.
        """
        self._buffer += data
        while packet := self._next():
            yield packet

    def _next(self) -> Packet | None:
        buffer = self._buffer
        if len(buffer) < HEADER_32.size:
            return None
        kind, length, number = HEADER_32.unpack_from(buffer)
        header = HEADER_32
        if kind != Type.HELLO:
            if not self.generation:
                raise ProtocolError(f"packet type {kind} before hello")
            header = self._header
            if len(buffer) < header.size:
                return None
            kind, length, number = header.unpack_from(buffer)
        if length > MAX_PACKET_BYTES:
            raise ProtocolError(f"packet type {kind} of {length} bytes")
        end = header.size + length
        if len(buffer) < end:
            return None
        with memoryview(buffer) as view:
            body = bytes(view[header.size : end])
        del buffer[:end]
        if kind == Type.HELLO:
            self._agree(body)
        return Packet(kind, number, body)

    def _agree(self, body: bytes) -> None:
        self.peer_version, theirs = parse_hello(body)
        self.caps = theirs & OUR_CAPS
        self._header = HEADER_64 if Cap.IDS_64BITS in self.caps else HEADER_32
        self.bulk = BULK_32 if Cap.BULK_LENGTH_32BITS in self.caps else BULK_16
        self.generation += 1

    def frame(self, kind: Type, number: int, body: bytes = b"", payload_bytes: int = 0) -> bytes:
        """Header and body of a packet; `payload_bytes` are those that the caller sends after it."""
        return self._header.pack(kind, len(body) + payload_bytes, number) + body

    def bulk_header(self, endpoint: int, status: int, length: int, stream: int) -> bytes:
        """usb_redir_bulk_packet_header for the agreed width of its length."""
        if self.bulk is BULK_32:
            return BULK_32.pack(endpoint, status, length & 0xFFFF, stream, length >> 16)
        return BULK_16.pack(endpoint, status, length, stream)

    def parse_bulk(self, body: bytes) -> tuple[int, int, int, bytes]:
        """(endpoint, length, stream_id, data) of a bulk packet's body."""
        fields = self.bulk.unpack_from(body)
        length = fields[2] | (fields[4] << 16 if self.bulk is BULK_32 else 0)
        return fields[0], length, fields[3], body[self.bulk.size :]
