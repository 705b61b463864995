# SPDX-License-Identifier: GPL-3.0-or-later
"""A flasher made of this machine's shell, its real flashrom and the dummy programmer."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from ansible_collections.hwlab.sut.plugins.plugin_utils.errors import InfrastructureError


@dataclass
class LocalHost:
    """Runs commands here, as SshHost runs them there; `lost` makes the next so many calls fail."""

    name: str = "rte1"
    lost: int = 0
    commands: list[str] = field(default_factory=list)

    def run(self, command: str, timeout_s: float = 60.0) -> tuple[int, str]:
        if self.lost:
            self.lost -= 1
            raise InfrastructureError("cannot reach rte1")
        self.commands.append(command)
        done = subprocess.run(
            ["sh", "-c", command], capture_output=True, text=True, timeout=timeout_s, check=False
        )
        return done.returncode, done.stdout

    def copy_to(self, local: Path, remote: str, on_bytes: Callable[[int], None]) -> None:
        shutil.copy(local, remote)
        on_bytes(local.stat().st_size)
