# SPDX-License-Identifier: GPL-3.0-or-later
"""Where on dummy_hcd's bus the gadget is, and a wake-up when that changes.

Source: the kernel's uevents (netlink family NETLINK_KOBJECT_UEVENT, group 1) and sysfs' USB attributes.
"""

from __future__ import annotations

import os
import socket
from dataclasses import dataclass
from pathlib import Path

NETLINK_KOBJECT_UEVENT = 15
PLATFORM = Path("/sys/devices/platform")


@dataclass(frozen=True)
class Location:
    """A device in sysfs; `number` tells it from one that was at the same place before."""

    sysfs: Path
    bus: int
    number: int

    @property
    def node(self) -> Path:
        return Path(f"/dev/bus/usb/{self.bus:03d}/{self.number:03d}")

    def descriptors(self) -> bytes:
        """Device descriptor and all configurations."""
        return (self.sysfs / "descriptors").read_bytes()

    def speed(self) -> str:
        """Mbit/s as sysfs has it: 12, 480, 5000."""
        return (self.sysfs / "speed").read_text().strip()

    def configuration(self) -> int:
        """Value of the active configuration, 0 for none."""
        text = (self.sysfs / "bConfigurationValue").read_text().strip()
        return int(text) if text else 0


def find_gadget(root: Path = PLATFORM) -> Location | None:
    """The device below dummy_hcd's root hubs, if the gadget is bound."""
    for path in sorted(root.glob("dummy_hcd.*/usb*/*-*")):
        if ":" in path.name:
            continue
        try:
            return Location(path, int((path / "busnum").read_text()), int((path / "devnum").read_text()))
        except OSError:
            continue
    return None


class Hotplug:
    """Readable whenever a USB device came or went."""

    def __init__(self) -> None:
        self._socket = socket.socket(
            socket.AF_NETLINK,
            socket.SOCK_DGRAM | socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC,
            NETLINK_KOBJECT_UEVENT,
        )
        self._socket.bind((0, 1))

    def fileno(self) -> int:
        return self._socket.fileno()

    def changed(self) -> bool:
        """Read what is there; true if a USB device was bound, added or removed."""
        seen = False
        while True:
            try:
                message = self._socket.recv(16384)
            except BlockingIOError:
                return seen
            except OSError:  # ENOBUFS: events were lost, so look
                return True
            if b"\0DEVTYPE=usb_device\0" in message:
                seen = True

    def close(self) -> None:
        os.close(self._socket.detach())
