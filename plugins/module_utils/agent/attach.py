# SPDX-License-Identifier: GPL-3.0-or-later
"""Entry point `attach`: stdin to the agent's socket, the socket to stdout."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import sys
import threading

from .host import Host
from .places import socket_path

NO_AGENT, WRONG_TOKEN = 4, 5


def main() -> int:
    """Copies bytes until either side ends; the agent checks the token in the first line."""
    link = socket.socket(socket.AF_UNIX)
    try:
        link.connect(socket_path(Host.from_environment()))
    except OSError:
        print(
            json.dumps({"error": "no agent runs on the KVM: it has ended, or the KVM has rebooted; start it"})
        )
        return NO_AGENT
    threading.Thread(target=_copy_stdin, args=(link,), daemon=True).start()
    first = True
    refused = False
    with contextlib.suppress(OSError):
        while data := link.recv(1 << 16):
            refused = first and data.startswith(b'{"error"')
            first = False
            _write_all(data)
    return WRONG_TOKEN if refused else 0


def answers(path: str) -> bool:
    """Whether an agent serves this socket."""
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.connect(path)
        except OSError:
            return False
    return True


def _copy_stdin(link: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := os.read(sys.stdin.fileno(), 1 << 16):
            link.sendall(data)
    with contextlib.suppress(OSError):
        link.shutdown(socket.SHUT_WR)


def _write_all(data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(sys.stdout.fileno(), view) :]
