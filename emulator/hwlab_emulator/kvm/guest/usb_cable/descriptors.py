# SPDX-License-Identifier: GPL-3.0-or-later
"""What a USB device says of itself: device, configuration, interface and endpoint descriptors.

Source: Universal Serial Bus Specification 2.0, section 9.6.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field

DEVICE, CONFIGURATION, INTERFACE, ENDPOINT = 1, 2, 4, 5
DEVICE_BYTES = 18


@dataclass(frozen=True)
class Endpoint:
    address: int
    type: int
    max_packet_size: int
    interval: int


@dataclass
class Interface:
    """One alternate setting of an interface."""

    number: int
    alternate: int
    class_code: int
    subclass: int
    protocol: int
    endpoints: list[Endpoint] = field(default_factory=list)


@dataclass
class Configuration:
    value: int
    interfaces: list[Interface] = field(default_factory=list)

    def numbers(self) -> list[int]:
        """Interface numbers, each once."""
        return sorted({interface.number for interface in self.interfaces})


@dataclass(frozen=True)
class DeviceDescriptor:
    class_code: int
    subclass: int
    protocol: int
    vendor: int
    product: int
    version_bcd: int


def parse(raw: bytes) -> tuple[DeviceDescriptor, list[Configuration]]:
    """Parse sysfs' `descriptors` file: the device descriptor and then every configuration, each whole.

    Raises ValueError when the bytes are not that.
    """
    if len(raw) < DEVICE_BYTES or raw[1] != DEVICE:
        raise ValueError("no device descriptor at the start")
    class_code, subclass, protocol = raw[4:7]
    vendor, product, version = struct.unpack_from("<HHH", raw, 8)
    configurations: list[Configuration] = []
    offset = raw[0]
    while offset + 2 <= len(raw):
        length, kind = raw[offset], raw[offset + 1]
        if length < 2 or offset + length > len(raw):
            raise ValueError(f"descriptor of {length} bytes at offset {offset} of {len(raw)}")
        body = raw[offset : offset + length]
        if kind == CONFIGURATION:
            configurations.append(Configuration(body[5]))
        elif kind == INTERFACE and configurations:
            configurations[-1].interfaces.append(Interface(body[2], body[3], body[5], body[6], body[7]))
        elif kind == ENDPOINT and configurations and configurations[-1].interfaces:
            size = struct.unpack_from("<H", body, 4)[0] & 0x7FF
            endpoint = Endpoint(body[2], body[3] & 3, size, body[6])
            configurations[-1].interfaces[-1].endpoints.append(endpoint)
        offset += length
    return DeviceDescriptor(class_code, subclass, protocol, vendor, product, version), configurations
