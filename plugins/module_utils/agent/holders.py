# SPDX-License-Identifier: GPL-3.0-or-later
"""Who has a device open."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple


class Holder(NamedTuple):
    pid: int
    name: str
    unit: str

    def __str__(self) -> str:
        return f"{self.name} (pid {self.pid}{', of ' + self.unit if self.unit else ''})"


def holders_of(device: Path, proc: Path = Path("/proc")) -> list[Holder]:
    """Processes that have this device node open, by its number: names of one device differ."""
    try:
        number = os.stat(device).st_rdev
    except OSError:
        return []
    found = []
    for process in proc.iterdir():
        if process.name.isdigit() and int(process.name) != os.getpid() and _has_open(process, number):
            found.append(describe(process))
    return found


def describe(process: Path) -> Holder:
    """Name and systemd unit of a /proc/PID."""
    try:
        name = (process / "comm").read_text().strip()
        group = (process / "cgroup").read_text().strip().rpartition("/")[2]
    except OSError:
        name, group = "a process that has just ended", ""
    return Holder(int(process.name), name, group if group.endswith(".service") else "")


def _has_open(process: Path, number: int) -> bool:
    try:
        for link in (process / "fd").iterdir():
            try:
                if os.stat(link).st_rdev == number:
                    return True
            except OSError:
                continue
    except OSError:
        pass
    return False
