# SPDX-License-Identifier: GPL-3.0-or-later
"""The flasher as flashing needs it: a POSIX shell and a place for files; an RTE has no Python."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from ansible_collections.hwlab.sut.plugins.plugin_utils.ssh import SshTarget


class Host(Protocol):
    """Where flashrom runs. Both methods raise InfrastructureError when the host cannot be reached."""

    @property
    def name(self) -> str:
        """The host's name, for messages."""

    def run(self, command: str, timeout_s: float = 60.0) -> tuple[int, str]:
        """Run a shell line; returns its exit status and its stdout."""

    def copy_to(self, local: Path, remote: str, on_bytes: Callable[[int], None]) -> None:
        """Copy a file; `remote` appears whole or not at all."""


class SshHost:
    """A flasher reached by ssh."""

    def __init__(self, target: SshTarget) -> None:
        self._target = target

    @property
    def name(self) -> str:
        return self._target.name

    def run(self, command: str, timeout_s: float = 60.0) -> tuple[int, str]:
        done = self._target.run(command, timeout=timeout_s, check=False)
        return done.returncode, done.text

    def copy_to(self, local: Path, remote: str, on_bytes: Callable[[int], None]) -> None:
        self._target.copy_to(local, remote, on_bytes=on_bytes)
