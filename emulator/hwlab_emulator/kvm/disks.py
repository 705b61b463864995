# SPDX-License-Identifier: GPL-3.0-or-later
"""The disks of a bench's KVM: its root with the snapshot, and the one that holds images for the SUT."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from hwlab_emulator.kvm import recipe
from hwlab_emulator.kvm.machine import DISK, ROOT_DISK, disk_of, msd_of
from hwlab_emulator.paths import BenchPaths

#: Sparse: it takes what was uploaded.
MSD_MIB = 8192


def make_msd(target: Path, content: Path | None = None, size_mib: int = MSD_MIB) -> None:
    """Make `target` an ext4 file system labelled PIMSD that holds the files of the folder `content`."""
    with target.open("wb") as file:
        file.truncate(size_mib << 20)
    options = f"root_owner={recipe.KVMD_UID}:{recipe.KVMD_UID},lazy_itable_init=1,lazy_journal_init=1"
    source = [] if content is None else ["-d", str(content)]
    command = ["mke2fs", "-q", "-F", "-t", "ext4", "-L", "PIMSD", "-m", "0", "-E", options, *source]
    subprocess.run([*command, str(target)], check=True)


def give_disks(paths: BenchPaths, image: Path) -> None:
    """Give a bench its own root disk, snapshot included, and a disk of images unless it has one."""
    target = disk_of(paths)
    subprocess.run(["cp", "--reflink=auto", "--sparse=always", str(image / DISK), str(target)], check=True)
    rebase = ["qemu-img", "rebase", "-q", "-u", "-F", "raw", "-b", str(image / ROOT_DISK)]
    subprocess.run([*rebase, str(target)], check=True)
    if not msd_of(paths).exists():
        partial = msd_of(paths).with_suffix(".partial")
        make_msd(partial)
        shutil.move(partial, msd_of(paths))
