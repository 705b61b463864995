# SPDX-License-Identifier: GPL-3.0-or-later
"""A read-only file system of the PiKVM, made writable for as long as something is written.

`rw` and `ro` are PiKVM OS's own commands for its root; the image store has kvmd-helper-otgmsd-remount.
Where they are missing, mount does the same.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterator
from pathlib import Path

from .errors import AgentError
from .host import Host

#: `ro` fails with "busy" while any file is open for writing, such as another program's log.
BUSY_PATIENCE = 10.0


def mount_of(path: Path, mounts: Path = Path("/proc/self/mounts")) -> tuple[str, bool]:
    """Mount point that holds `path`, and whether it is read-only."""
    real = os.path.realpath(path)
    best, read_only = "/", False
    for line in mounts.read_text().splitlines():
        fields = line.split(" ")
        point = fields[1].encode().decode("unicode_escape")
        inside = real == point or real.startswith(point.rstrip("/") + "/")
        # A later mount on the same point hides the earlier one.
        if inside and len(point) >= len(best):
            best, read_only = point, "ro" in fields[3].split(",")
    return best, read_only


@contextlib.contextmanager
def writable(host: Host, path: Path, warnings: list[str]) -> Iterator[None]:
    """The file system of `path` is writable inside; read-only again afterwards if it was.

    When it cannot be made read-only again, a warning says so; that is no reason to undo what was written.
    """
    point, read_only = mount_of(path)
    if not read_only:
        yield
        return
    _remount(host, point, "rw")
    try:
        yield
    finally:
        os.sync()
        deadline = time.monotonic() + BUSY_PATIENCE
        while True:
            try:
                _remount(host, point, "ro")
                break
            except AgentError as error:
                if time.monotonic() > deadline:
                    warnings.append(f"{point} stays writable: {error}")
                    break
            time.sleep(0.5)


def _remount(host: Host, point: str, mode: str) -> None:
    if point == "/" and host.has(mode):
        host.run([mode])
    elif point.startswith("/var/lib/kvmd/") and host.has("kvmd-helper-otgmsd-remount"):
        host.run(["kvmd-helper-otgmsd-remount", mode])
    else:
        host.run(["mount", "-o", f"remount,{mode}", point])
