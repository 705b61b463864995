# SPDX-License-Identifier: GPL-3.0-or-later
"""`python3 -m usb_cable [PORT]`: run the cable until it is told to end."""

from __future__ import annotations

import select
import sys
from pathlib import Path

from .gadget import Gadget
from .host import Host
from .hotplug import Hotplug, find_gadget
from .port import Port

PORT = Path("/dev/virtio-ports/hwlab.usb")


class Loop:
    """One thread, three things to wait for: the port, the bus, the gadget's transfers."""

    def __init__(self, path: Path) -> None:
        self.port = Port(path)
        self.host = Host(self.port)
        self.hotplug = Hotplug()
        self.epoll = select.epoll()
        self.port_events = self.port.wanted()
        self.epoll.register(self.port.fd, self.port_events)
        self.epoll.register(self.hotplug.fileno(), select.EPOLLIN)
        self.watched: Gadget | None = None

    def run(self) -> None:
        self.host.follow(find_gadget())
        while True:
            self.watch()
            for fd, events in self.epoll.poll():
                if fd == self.port.fd:
                    self.port_event(events)
                elif fd == self.hotplug.fileno():
                    if self.hotplug.changed():
                        self.host.follow(find_gadget())
                elif self.host.gadget and fd == self.host.gadget.device.fd:
                    self.host.completed()
                    if events & select.EPOLLHUP and self.host.gadget:
                        self.host.lost()

    def watch(self) -> None:
        """Wait for what matters now. Closing a gadget's node has unregistered it."""
        gadget = self.host.gadget
        if gadget and gadget is not self.watched:
            self.epoll.register(gadget.device.fd, select.EPOLLOUT)
        self.watched = gadget
        wanted = self.port.wanted()
        if wanted != self.port_events:
            self.epoll.modify(self.port.fd, wanted)
            self.port_events = wanted

    def port_event(self, events: int) -> None:
        present = self.port.has_peer(events)
        if present and not self.host.has_peer:
            self.host.peer_came()
        if events & select.EPOLLIN:
            data = self.port.read()
            if data:
                self.host.received(data)
        if not present and self.host.has_peer:
            self.host.peer_left()
        self.port.flush()


def main() -> None:
    Loop(Path(sys.argv[1]) if len(sys.argv) > 1 else PORT).run()


if __name__ == "__main__":
    main()
