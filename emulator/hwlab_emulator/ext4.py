# SPDX-License-Identifier: GPL-3.0-or-later
"""Disks that are one ext4 file system, made of a tree."""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path

_MAKE = """
mount --bind "$1" "$2" || exit
shift
tree=$1
shift
exec mke2fs -q -F -t ext4 -m 0 -E root_owner=0:0 -d "$tree" "$@"
"""


def make_ext4(tree: Path, target: Path, mib: int, label: str) -> None:
    """Make `target` a file system of `mib` MiB that holds `tree`, without what is mounted below it.

    Needs root. It works in a mount namespace of its own, where the tree appears without the /proc and /sys
    that a build has mounted in it.
    """
    with target.open("wb") as file:
        file.truncate(mib << 20)
    with tempfile.TemporaryDirectory() as view:
        command = ["unshare", "--mount", "sh", "-c", _MAKE, "sh", str(tree), view, "-L", label, str(target)]
        subprocess.run(command, check=True)
