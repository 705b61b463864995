# SPDX-License-Identifier: GPL-3.0-or-later
"""The usb-host end of the cable: joins whoever is at the port with the gadget that is bound."""

from __future__ import annotations

import errno
import sys
from collections.abc import Callable

from .codec import Codec, Packet, ProtocolError
from .gadget import Gadget
from .hotplug import Location
from .packets import Cap, Status, Type, hello
from .port import Port
from .transfers import Transfers

VERSION = "hwlab usb cable 1"


def log(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


class Host:
    """State of both ends. All methods are called from one event loop."""

    def __init__(self, port: Port) -> None:
        self._port = port
        self._codec: Codec | None = None
        self.gadget: Gadget | None = None
        self._transfers: Transfers | None = None
        self._announced = False
        self._acknowledging = False

    # The SUT's end ---------------------------------------------------------------------------------

    def peer_came(self) -> None:
        """Somebody is at the other end: greet."""
        self._codec = Codec()
        self._announced = self._acknowledging = False
        self._port.send(hello(VERSION))

    def peer_left(self) -> None:
        """Nobody there any more: the gadget loses its host, as when the SUT has no power."""
        self._codec = None
        self._announced = self._acknowledging = False
        self._port.drop()
        self._guard(self._idle)

    @property
    def has_peer(self) -> bool:
        return self._codec is not None

    def received(self, data: bytes) -> None:
        """Bytes from the SUT."""
        codec = self._codec
        if codec is None:
            return
        try:
            for packet in codec.feed(data):
                self._packet(codec, packet)
        except ProtocolError as error:
            log(f"the SUT's end speaks no usbredir: {error}; waiting for it to connect again")
            self._codec = None

    # The gadget's end ------------------------------------------------------------------------------

    def follow(self, location: Location | None) -> None:
        """Take over what is on the bus now."""
        if self.gadget and self.gadget.location != location:
            self.lost()
        if location and not self.gadget:
            try:
                self.gadget = Gadget(location)
            except (OSError, ValueError) as error:
                log(f"{location.node}: {error}")
                return
            log(f"gadget {location.sysfs.name} at {location.speed()} Mbit/s, device {location.number}")
            self._guard(self._idle)
            self._announce()

    def lost(self) -> None:
        """The gadget went away."""
        if self.gadget:
            self.gadget.device.close()
            log(f"gadget {self.gadget.location.sysfs.name} gone")
        self.gadget = self._transfers = None
        if self._codec and self._announced:
            self._port.send(self._codec.frame(Type.DEVICE_DISCONNECT, 0))
            self._acknowledging = Cap.DEVICE_DISCONNECT_ACK in self._codec.caps
        self._announced = False

    def completed(self) -> None:
        """A transfer is to be reaped."""
        self._guard(lambda: self._transfers.complete() if self._transfers else self._drain())

    def _drain(self) -> None:
        while self.gadget and self.gadget.device.reap():
            pass

    def _guard(self, action: Callable[[], None]) -> None:
        try:
            action()
        except OSError as error:
            if error.errno not in (errno.ENODEV, errno.ESHUTDOWN):
                log(f"usbfs: {error}")
            self.lost()

    def _idle(self) -> None:
        """Leave the gadget as a device that no host has configured."""
        if self._transfers:
            self._transfers.quiesce()
            self._transfers = None
        if self.gadget:
            self.gadget.configure(0)
            self.gadget.reset()  # by which the gadget's side (its UDC's state) learns of it

    def _announce(self) -> None:
        if not self.gadget or not self._codec or not self._codec.generation or self._acknowledging:
            return
        self._transfers = Transfers(self.gadget, self._codec, self._port)
        self._describe(self._codec, self.gadget)
        self._port.send(self._codec.frame(Type.DEVICE_CONNECT, 0, self.gadget.connect_body(self._codec.caps)))
        self._announced = True

    def _describe(self, codec: Codec, gadget: Gadget) -> None:
        self._port.send(
            codec.frame(Type.EP_INFO, 0, gadget.endpoint_body(codec.caps)),
            codec.frame(Type.INTERFACE_INFO, 0, gadget.interface_body()),
        )

    # Requests --------------------------------------------------------------------------------------

    def _packet(self, codec: Codec, packet: Packet) -> None:
        if packet.type == Type.HELLO:
            self._hello(codec)
        elif packet.type == Type.DEVICE_DISCONNECT_ACK:
            self._acknowledging = False
            self._announce()
        elif packet.type == Type.FILTER_REJECT:
            log("the SUT's end rejects the gadget by a filter")
        elif packet.type != Type.FILTER_FILTER and self._announced:
            self._guard(lambda: self._request(codec, packet))

    def _hello(self, codec: Codec) -> None:
        log(f"SUT's end: {codec.peer_version}")
        if codec.generation > 1:  # another QEMU at the same port
            self._announced = self._acknowledging = False
            self._port.drop()
            self._port.send(hello(VERSION))
            self._guard(self._idle)
        self._announce()

    def _request(self, codec: Codec, packet: Packet) -> None:
        transfers, gadget = self._transfers, self.gadget
        if transfers is None or gadget is None:
            return
        match packet.type:
            case Type.CONTROL_PACKET:
                transfers.control(packet)
            case Type.BULK_PACKET:
                transfers.bulk(packet)
            case Type.INTERRUPT_PACKET:
                transfers.interrupt_out(packet)
            case Type.CANCEL_DATA_PACKET:
                transfers.cancel(packet.id)
            case Type.RESET:
                if not transfers.untouched:
                    transfers.quiesce()
                    gadget.reset()
                    transfers.untouched = True
            case Type.START_INTERRUPT_RECEIVING:
                endpoint = packet.body[0]
                body = bytes((transfers.start_receiving(endpoint), endpoint))
                self._port.send(codec.frame(Type.INTERRUPT_RECEIVING_STATUS, packet.id, body))
            case Type.STOP_INTERRUPT_RECEIVING:
                endpoint = packet.body[0]
                body = bytes((transfers.stop_receiving(endpoint), endpoint))
                self._port.send(codec.frame(Type.INTERRUPT_RECEIVING_STATUS, packet.id, body))
            case _:
                self._choose(codec, packet, transfers, gadget)

    def _choose(self, codec: Codec, packet: Packet, transfers: Transfers, gadget: Gadget) -> None:
        """Configurations and alternate settings."""
        status = Status.SUCCESS
        if packet.type == Type.SET_CONFIGURATION:
            transfers.quiesce()
            transfers.untouched = False
            status = self._try(lambda: gadget.configure(packet.body[0]))
        elif packet.type == Type.SET_ALT_SETTING:
            transfers.quiesce()
            transfers.untouched = False
            status = self._try(lambda: gadget.set_alternate(packet.body[0], packet.body[1]))
        if packet.type in (Type.SET_CONFIGURATION, Type.SET_ALT_SETTING) and status == Status.SUCCESS:
            self._describe(codec, gadget)
        if packet.type in (Type.SET_CONFIGURATION, Type.GET_CONFIGURATION):
            body = bytes((status, gadget.configuration))
            self._port.send(codec.frame(Type.CONFIGURATION_STATUS, packet.id, body))
        elif packet.type in (Type.SET_ALT_SETTING, Type.GET_ALT_SETTING):
            number = packet.body[0]
            body = bytes((status, number, gadget.alternate(number)))
            self._port.send(codec.frame(Type.ALT_SETTING_STATUS, packet.id, body))

    @staticmethod
    def _try(action: Callable[[], None]) -> Status:
        try:
            action()
        except OSError as error:
            if error.errno == errno.ENODEV:
                raise
            log(f"usbfs: {error}")
            return Status.STALL
        return Status.SUCCESS
