# SPDX-License-Identifier: GPL-3.0-or-later
"""A hidg node: reports go in at the pace at which the host at the other end takes them."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections import deque
from pathlib import Path

#: A host that takes no report for so long is not there; what was to be sent is lost, as with kvmd.
GIVE_UP_SECONDS = 2.0


class ReportNode:
    """Queue in front of one hidg node, opened while there is something to write."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._queue: deque[bytes] = deque()
        self._task: asyncio.Task[None] | None = None
        self.online = False

    def put(self, *reports: bytes) -> None:
        """Queue reports; returns at once."""
        self._queue.extend(reports)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._write())

    def clear(self) -> None:
        """Forget what is not yet written."""
        self._queue.clear()

    async def settle(self) -> None:
        """Until all that is queued now is written or lost."""
        if self._task:
            await self._task

    async def _write(self) -> None:
        try:
            node = os.open(self._path, os.O_WRONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError:
            self._queue.clear()
            self.online = False
            return
        try:
            while self._queue:
                try:
                    os.write(node, self._queue[0])
                except BlockingIOError:
                    await asyncio.wait_for(self._room(node), GIVE_UP_SECONDS)
                    continue
                with contextlib.suppress(IndexError):  # it may have been cleared meanwhile
                    self._queue.popleft()
                self.online = True
                await asyncio.sleep(0)
        except (OSError, TimeoutError):
            self._queue.clear()
            self.online = False
        finally:
            os.close(node)

    @staticmethod
    async def _room(node: int) -> None:
        loop = asyncio.get_running_loop()
        ready = asyncio.Event()
        loop.add_writer(node, ready.set)
        try:
            await ready.wait()
        finally:
            loop.remove_writer(node)
