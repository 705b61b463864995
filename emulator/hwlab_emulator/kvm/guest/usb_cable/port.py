# SPDX-License-Identifier: GPL-3.0-or-later
"""The virtio-serial port as a cable: is there somebody at the other end, bytes in, bytes out.

While nobody is at the other end, the port is readable and hung up all the time (the kernel's
drivers/char/virtio_console.c), so it must be watched for edges: it wakes its readers when the other end
opens or closes.
"""

from __future__ import annotations

import os
import select
from collections import deque
from pathlib import Path

READ_BYTES = 65536
#: The driver copies at most this much for one write.
WRITE_BYTES = 32768


class Port:
    """One opened port. Register `fd` with `wanted()` and hand what epoll says to `has_peer()`."""

    def __init__(self, path: Path) -> None:
        self.fd = os.open(path, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
        self._queue: deque[memoryview] = deque()
        self._present = False

    def has_peer(self, events: int) -> bool:
        """Whether the other end has the cable plugged in, by the events of epoll."""
        self._present = not events & select.EPOLLHUP
        return self._present

    def wanted(self) -> int:
        """What to wait for: changes only while nobody is there, else bytes and room for what is queued."""
        if not self._present:
            return select.EPOLLIN | select.EPOLLOUT | select.EPOLLET
        return select.EPOLLIN | (select.EPOLLOUT if self._queue else 0)

    def read(self) -> bytes:
        """What is there, a piece at a time; b"" when nothing is."""
        try:
            return os.read(self.fd, READ_BYTES)
        except (BlockingIOError, BrokenPipeError):
            return b""

    def send(self, *parts: bytes | memoryview) -> None:
        """Queue bytes and write what goes, in as few writes as the driver allows: each leaves the machine."""
        head, body = b"".join(parts[:-1]), memoryview(parts[-1])
        room = max(0, WRITE_BYTES - len(head))
        self._queue.append(memoryview(head + body[:room]))
        if len(body) > room:
            self._queue.append(body[room:])
        self.flush()

    def flush(self) -> None:
        """Write what is queued until the port takes no more; it wakes us when it does again."""
        queue = self._queue
        while queue:
            head = queue[0]
            try:
                done = os.write(self.fd, head[:WRITE_BYTES])
            except (BlockingIOError, BrokenPipeError):
                return
            if done == len(head):
                queue.popleft()
            else:
                queue[0] = head[done:]

    def drop(self) -> None:
        """Forget what is queued: the peer it was for is gone."""
        self._queue.clear()

    @property
    def idle(self) -> bool:
        """Nothing waits to be written."""
        return not self._queue
