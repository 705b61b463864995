# SPDX-License-Identifier: GPL-3.0-or-later
"""Transfers under way: from the SUT's data packets to URBs and from finished URBs to replies."""

from __future__ import annotations

import errno
import select
import struct
import time
from collections.abc import Callable
from dataclasses import dataclass

from .codec import Codec, Packet
from .gadget import Gadget
from .packets import CONTROL, INTERRUPT, Status, Type
from .port import Port
from .usbfs import URB_BULK, URB_CONTROL, URB_INTERRUPT, Urb

SETUP = struct.Struct("<BBHHH")
#: Transfers kept waiting on each interrupt IN endpoint, so that no report meets an unready host.
RECEIVING_DEPTH = 3
#: Buffers kept for reuse: making a large one costs more than filling it.
KEPT_BUFFERS = 8
SETTLE_SECONDS = 2.0

_STATUS = {
    0: Status.SUCCESS,
    errno.EREMOTEIO: Status.SUCCESS,
    errno.ENOENT: Status.CANCELLED,
    errno.ECONNRESET: Status.CANCELLED,
    errno.EPIPE: Status.STALL,
    errno.ETIMEDOUT: Status.TIMEOUT,
    errno.EOVERFLOW: Status.BABBLE,
    errno.EINVAL: Status.INVAL,
}


@dataclass(slots=True)
class Request:
    """What a URB answers: packet type, id, the endpoint, and the packet's body or stream."""

    kind: Type
    id: int
    endpoint: int
    body: bytes = b""
    stream: int = 0
    dropped: bool = False


class Transfers:
    """All transfers of one gadget for one peer. Methods raise OSError(ENODEV) when the gadget is gone."""

    def __init__(self, gadget: Gadget, codec: Codec, port: Port) -> None:
        self._gadget, self._codec, self._port = gadget, codec, port
        self._receiving: dict[int, int] = {}
        self._free: list[Urb] = []
        #: Nothing was moved since the last reset, so another one would change nothing.
        self.untouched = False

    def control(self, packet: Packet) -> None:
        _, request, request_type, _, value, index, length = CONTROL.unpack_from(packet.body)
        data = packet.body[CONTROL.size :]
        urb = self._urb(SETUP.size + length)
        SETUP.pack_into(urb.data, 0, request_type, request, value, index, length)
        urb.data[SETUP.size : SETUP.size + len(data)] = data
        tag = Request(Type.CONTROL_PACKET, packet.id, request_type & 0x80, packet.body[: CONTROL.size])
        self._submit(urb, URB_CONTROL, 0, SETUP.size + length, tag)

    def bulk(self, packet: Packet) -> None:
        endpoint, length, stream, data = self._codec.parse_bulk(packet.body)
        tag = Request(Type.BULK_PACKET, packet.id, endpoint, stream=stream)
        self._move(URB_BULK, endpoint, length, data, tag)

    def interrupt_out(self, packet: Packet) -> None:
        endpoint, _, length = INTERRUPT.unpack_from(packet.body)
        tag = Request(Type.INTERRUPT_PACKET, packet.id, endpoint)
        self._move(URB_INTERRUPT, endpoint, length, packet.body[INTERRUPT.size :], tag)

    def _move(self, kind: int, endpoint: int, length: int, data: bytes, tag: Request) -> None:
        urb = self._urb(length)
        if not endpoint & 0x80:
            length = len(data)
            urb.data[:length] = data
        self._submit(urb, kind, endpoint, length, tag)

    def start_receiving(self, endpoint: int) -> Status:
        """Keep transfers waiting on an interrupt IN endpoint."""
        size = self._gadget.endpoint_packet_size(endpoint)
        if size is None:
            return Status.INVAL
        if endpoint not in self._receiving:
            self._receiving[endpoint] = 0
            for _ in range(RECEIVING_DEPTH):
                tag = Request(Type.INTERRUPT_PACKET, 0, endpoint)
                self._submit(Urb(size), URB_INTERRUPT, endpoint, size, tag)
        return Status.SUCCESS if endpoint in self._receiving else Status.STALL

    def stop_receiving(self, endpoint: int) -> Status:
        self._receiving.pop(endpoint, None)
        self._discard(lambda tag: tag.kind == Type.INTERRUPT_PACKET and tag.endpoint == endpoint)
        return Status.SUCCESS

    def cancel(self, number: int) -> None:
        """Cancel the data packet with this id; its reply tells what became of it."""
        for urb in self._gadget.device.flying:
            tag = urb.tag
            if isinstance(tag, Request) and tag.id == number and not self._is_input(tag):
                self._gadget.device.discard(urb)

    def quiesce(self) -> None:
        """End everything, without replies, and wait until the kernel has given all back."""
        self._receiving.clear()
        self._discard(lambda tag: True)
        device = self._gadget.device
        poll = select.poll()
        poll.register(device.fd, select.POLLOUT)
        deadline = time.monotonic() + SETTLE_SECONDS
        while device.flying and time.monotonic() < deadline:
            poll.poll(100)
            while device.reap():
                pass

    def complete(self) -> None:
        """Reply for one finished transfer; most often there is but one, and epoll tells of more."""
        urb = self._gadget.device.reap()
        tag = urb.tag if urb else None
        if urb is None or not isinstance(tag, Request) or tag.dropped:
            return
        if self._is_input(tag):
            self._received(urb, tag)
        else:
            self._reply(tag, _STATUS.get(-urb.struct.status, Status.IOERROR), urb)
            if self._port.idle and len(self._free) < KEPT_BUFFERS:
                self._free.append(urb)

    def _received(self, urb: Urb, tag: Request) -> None:
        endpoint = tag.endpoint
        if endpoint not in self._receiving:
            return
        status = _STATUS.get(-urb.struct.status, Status.IOERROR)
        if status != Status.SUCCESS:
            self._receiving.pop(endpoint)
            body = bytes((Status.STALL, endpoint))
            self._port.send(self._codec.frame(Type.INTERRUPT_RECEIVING_STATUS, 0, body))
            return
        data = bytes(urb.data[: urb.struct.actual_length])
        number = self._receiving[endpoint]
        self._receiving[endpoint] = number + 1
        head = INTERRUPT.pack(endpoint, status, len(data))
        self._port.send(self._codec.frame(Type.INTERRUPT_PACKET, number, head + data))
        self._submit(urb, URB_INTERRUPT, endpoint, len(urb.data), tag)

    def _reply(self, tag: Request, status: Status, urb: Urb | None) -> None:
        length = urb.struct.actual_length if urb else 0
        start = SETUP.size if tag.kind == Type.CONTROL_PACKET else 0
        data = memoryview(urb.data if urb and tag.endpoint & 0x80 else b"")[start : start + length]
        if tag.kind == Type.CONTROL_PACKET:
            endpoint, request, request_type, _, value, index, _ = CONTROL.unpack(tag.body)
            head = CONTROL.pack(endpoint, request, request_type, status, value, index, length)
        elif tag.kind == Type.BULK_PACKET:
            head = self._codec.bulk_header(tag.endpoint, status, length, tag.stream)
        else:
            head = INTERRUPT.pack(tag.endpoint, status, length)
        self._port.send(self._codec.frame(tag.kind, tag.id, head, len(data)), data)

    def _submit(self, urb: Urb, kind: int, endpoint: int, length: int, tag: Request) -> None:
        self.untouched = False
        urb.prepare(kind, endpoint, length, tag)
        try:
            self._gadget.device.submit(urb)
        except OSError as error:
            if error.errno in (errno.ENODEV, errno.ESHUTDOWN):
                raise OSError(errno.ENODEV, "the gadget is gone") from error
            if self._is_input(tag):
                self._receiving.pop(endpoint, None)
                return
            self._reply(tag, _STATUS.get(error.errno or errno.EIO, Status.IOERROR), None)

    def _urb(self, capacity: int) -> Urb:
        for place, urb in enumerate(self._free):
            if len(urb.data) >= capacity:
                return self._free.pop(place)
        return Urb(max(512, 1 << (capacity - 1).bit_length() if capacity else 0))

    def _discard(self, chosen: Callable[[Request], bool]) -> None:
        for urb in self._gadget.device.flying:
            if isinstance(urb.tag, Request) and chosen(urb.tag):
                urb.tag.dropped = True
                self._gadget.device.discard(urb)

    @staticmethod
    def _is_input(tag: Request) -> bool:
        return tag.kind == Type.INTERRUPT_PACKET and bool(tag.endpoint & 0x80)
