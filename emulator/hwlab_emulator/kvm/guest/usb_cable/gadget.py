# SPDX-License-Identifier: GPL-3.0-or-later
"""The gadget as the SUT is told of it: speed, identity, endpoints and interfaces."""

from __future__ import annotations

import struct

from .descriptors import Interface, parse
from .hotplug import Location
from .packets import TABLE, Cap, endpoint_index
from .usbfs import UsbDevice

#: usb_redir_speed_* by sysfs' speed in Mbit/s.
SPEEDS = {"1.5": 0, "12": 1, "480": 2, "5000": 3, "10000": 3}
SPEED_UNKNOWN = 255
TYPE_CONTROL, TYPE_INTERRUPT = 0, 3
TYPE_INVALID = 255


class Gadget:
    """The bound gadget with what the SUT has chosen of it: configuration and alternate settings.

    It starts without a configuration, as a device that no host has looked at yet; the functions on the
    gadget's side (hidg, mass storage) then find out, as with a real cable, when the SUT takes them in use.
    """

    def __init__(self, location: Location) -> None:
        self.location = location
        self.description, self._configurations = parse(location.descriptors())
        self._speed = SPEEDS.get(location.speed(), SPEED_UNKNOWN)
        self.device = UsbDevice(location.node)
        self.configuration = location.configuration()
        self._alternates: dict[int, int] = {}

    def configure(self, value: int) -> None:
        """Choose a configuration and claim all its interfaces; 0 for none. Raises OSError."""
        self.device.release()
        if value or self.configuration:
            self.device.set_configuration(value)
        self.configuration = value
        self._alternates = {}
        self._claim()

    def reset(self) -> None:
        """USB reset; the configuration stays, alternate settings do not. Raises OSError."""
        self.device.release()
        self.device.reset()
        self._alternates = {}
        self._claim()

    def set_alternate(self, number: int, alternate: int) -> None:
        """Choose an interface's alternate setting. Raises OSError."""
        self.device.set_interface(number, alternate)
        self._alternates[number] = alternate

    def alternate(self, number: int) -> int:
        return self._alternates.get(number, 0)

    def interfaces(self) -> list[Interface]:
        """Interfaces of the active configuration, each in its active alternate setting."""
        return [
            interface
            for configuration in self._configurations
            if configuration.value == self.configuration
            for interface in configuration.interfaces
            if interface.alternate == self.alternate(interface.number)
        ]

    def _claim(self) -> None:
        self.device.claim([interface.number for interface in self.interfaces()])

    def endpoint_packet_size(self, address: int) -> int | None:
        """Largest packet of an interrupt IN endpoint, None if there is no such endpoint."""
        for interface in self.interfaces():
            for endpoint in interface.endpoints:
                if endpoint.address == address and endpoint.type == TYPE_INTERRUPT and address & 0x80:
                    return endpoint.max_packet_size
        return None

    def connect_body(self, caps: frozenset[Cap]) -> bytes:
        """usb_redir_device_connect_header."""
        it = self.description
        body = struct.pack(
            "<BBBBHH", self._speed, it.class_code, it.subclass, it.protocol, it.vendor, it.product
        )
        return body + (struct.pack("<H", it.version_bcd) if Cap.CONNECT_DEVICE_VERSION in caps else b"")

    def interface_body(self) -> bytes:
        """usb_redir_interface_info_header."""
        found = self.interfaces()[:TABLE]
        columns = (
            [interface.number for interface in found],
            [interface.class_code for interface in found],
            [interface.subclass for interface in found],
            [interface.protocol for interface in found],
        )
        tables = [bytes(column).ljust(TABLE, b"\0") for column in columns]
        return struct.pack("<I", len(found)) + b"".join(tables)

    def endpoint_body(self, caps: frozenset[Cap]) -> bytes:
        """usb_redir_ep_info_header: OUT 0 to 15, then IN 0 to 15."""
        kinds, intervals, owners = [TYPE_INVALID] * TABLE, [0] * TABLE, [0] * TABLE
        sizes = [0] * TABLE
        for address in (0x00, 0x80):
            kinds[endpoint_index(address)] = TYPE_CONTROL
            sizes[endpoint_index(address)] = 64
        for interface in self.interfaces():
            for endpoint in interface.endpoints:
                place = endpoint_index(endpoint.address)
                kinds[place], intervals[place] = endpoint.type, endpoint.interval
                owners[place], sizes[place] = interface.number, endpoint.max_packet_size
        body = bytes(kinds) + bytes(intervals) + bytes(owners)
        return body + (struct.pack("<32H", *sizes) if Cap.EP_INFO_MAX_PACKET_SIZE in caps else b"")
