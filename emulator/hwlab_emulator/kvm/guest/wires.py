# SPDX-License-Identifier: GPL-3.0-or-later
"""The low-speed wires of the virtual bench: clock, the SUT's LEDs, and its buttons.

/dev/virtio-ports/hwlab.wires carries JSON lines. From the bench: {"clock": seconds since 1970} and
{"led": {"power": bool, "hdd": bool}}. To the bench: {"press": "power" | "reset", "seconds": float}.
Programs of this machine that are wired to the board (the emulated kvmd) connect to /run/hwlab-wires.sock:
they get every {"led": ...}, the last one at once, and may send {"press": ...}.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import socket
import sys
import time

PORT = "/dev/virtio-ports/hwlab.wires"
SOCKET = "/run/hwlab-wires.sock"
#: How long to leave the port alone while nobody is at its other end (poll would return at once), in seconds.
UNPLUGGED_PAUSE = 0.1


class Wires:
    """Joins the port and the socket's clients."""

    def __init__(self) -> None:
        self.port = os.open(PORT, os.O_RDWR | os.O_NONBLOCK)
        self.partial = b""
        self.led = {"power": False, "hdd": False}
        self.clients: dict[int, tuple[socket.socket, bytearray]] = {}
        if os.path.exists(SOCKET):
            os.unlink(SOCKET)
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(SOCKET)
        os.chmod(SOCKET, 0o660)
        os.chown(SOCKET, 0, 970)
        self.listener.listen()

    def run(self) -> None:
        poll = select.poll()
        poll.register(self.port, select.POLLIN)
        poll.register(self.listener, select.POLLIN)
        while True:
            for number, event in poll.poll():
                if number == self.port:
                    if not self.from_bench() and event & select.POLLHUP:
                        time.sleep(UNPLUGGED_PAUSE)
                elif number == self.listener.fileno():
                    client, _ = self.listener.accept()
                    client.setblocking(False)
                    self.clients[client.fileno()] = (client, bytearray())
                    poll.register(client, select.POLLIN)
                    self.tell(client)
                elif not self.from_client(number):
                    poll.unregister(number)
                    self.clients.pop(number)[0].close()

    def from_bench(self) -> bool:
        """Act on what came; False when nothing did, as always while the wires are unplugged."""
        try:
            data = os.read(self.port, 4096)
        except BlockingIOError:
            return False
        *lines, self.partial = (self.partial + data).split(b"\n")
        for line in lines:
            try:
                message = json.loads(line)
            except ValueError:
                print(f"not understood: {line!r}", file=sys.stderr)
                continue
            if "clock" in message:
                time.clock_settime(time.CLOCK_REALTIME, message["clock"])
            if "led" in message:
                self.led.update(message["led"])
                for client, _ in list(self.clients.values()):
                    self.tell(client)
        return bool(data)

    def tell(self, client: socket.socket) -> None:
        with contextlib.suppress(OSError):  # If it is gone, poll says so next.
            client.sendall(json.dumps({"led": self.led}).encode() + b"\n")

    def from_client(self, number: int) -> bool:
        client, partial = self.clients[number]
        try:
            data = client.recv(4096)
        except OSError:
            return False
        partial += data
        while b"\n" in partial:
            line, _, rest = bytes(partial).partition(b"\n")
            partial[:] = rest
            try:
                message = json.loads(line)
                press = {"press": str(message["press"]), "seconds": float(message["seconds"])}
                os.write(self.port, json.dumps(press).encode() + b"\n")
            except (ValueError, KeyError, TypeError) as error:
                print(f"not understood: {line!r} ({error})", file=sys.stderr)
            except BlockingIOError:
                print("nobody is at the other end of the wires", file=sys.stderr)
        return bool(data)


if __name__ == "__main__":
    Wires().run()
