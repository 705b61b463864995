# SPDX-License-Identifier: GPL-3.0-or-later
"""Pictures that tell their number, and a small MJPEG server that sends them."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator

import cv2
import numpy as np
import numpy.typing as npt

Picture = npt.NDArray[np.uint8]
#: What to send to the connection of that number (from 1): bytes, and pauses in seconds.
Script = Callable[[int], Iterator[bytes | float]]


def numbered(number: int) -> Picture:
    """A picture of 320x240 whose brightness tells its number."""
    return np.full((240, 320, 3), number, np.uint8)


def jpeg(number: int) -> bytes:
    """`numbered` as JPEG."""
    return cv2.imencode(".jpg", numbered(number))[1].tobytes()


def part(body: bytes, online: bool = True) -> bytes:
    """A part of a stream, with the headers of ustreamer."""
    head = f"--bnd\r\nContent-Length: {len(body)}\r\nX-UStreamer-Online: {str(online).lower()}\r\n\r\n"
    return head.encode() + body + b"\r\n"


HEAD = b"HTTP/1.0 200 OK\r\nContent-Type: multipart/x-mixed-replace;boundary=bnd\r\n\r\n"


class MjpegServer:
    """Sends to each connection what `script` yields, then closes it."""

    def __init__(self, script: Script) -> None:
        self._script = script
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.requests: list[bytes] = []
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._answer, args=(connection,), daemon=True).start()

    def _answer(self, connection: socket.socket) -> None:
        with connection:
            self.requests.append(connection.recv(4096))
            try:
                for item in self._script(len(self.requests)):
                    if isinstance(item, bytes):
                        connection.sendall(item)
                    else:
                        time.sleep(item)
            except OSError:
                return

    def close(self) -> None:
        self._listener.close()
