# SPDX-License-Identifier: GPL-3.0-or-later
"""Noticing the end of the process that a session works for, however it ends."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable

from ansible_collections.hwlab.sut.plugins.plugin_utils.errors import ConfigurationError


class OwnerWatch:
    """Calls `on_end` once when process `pid` has ended.

    A process file descriptor (pidfd_open(2), Linux 5.3) stands for that very process: unlike a number, it is
    never reused, and SIGKILL cannot go unnoticed.
    """

    def __init__(self, pid: int, on_end: Callable[[], None]) -> None:
        try:
            self._fd = os.pidfd_open(pid)
        except ProcessLookupError as error:
            raise ConfigurationError(
                f"session.owner is {pid}, but no such process runs: give the pid of ansible-playbook"
            ) from error
        self._on_end = on_end
        asyncio.get_running_loop().add_reader(self._fd, self._ended)

    def close(self) -> None:
        if self._fd >= 0:
            asyncio.get_running_loop().remove_reader(self._fd)
            os.close(self._fd)
            self._fd = -1

    def _ended(self) -> None:
        self.close()
        self._on_end()
