# SPDX-License-Identifier: GPL-3.0-or-later
"""The flasher's image: built from the distribution's packages, booted once, kept as a snapshot."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from hwlab_emulator.acceleration import accelerator
from hwlab_emulator.cache import built
from hwlab_emulator.flasher.machine import SNAPSHOT, disk_of, flasher_command
from hwlab_emulator.flasher.tree import MODULES, ROOT_DISK
from hwlab_emulator.keys import bench_keys
from hwlab_emulator.packages import installed_packages
from hwlab_emulator.rootfs import as_root, suite
from hwlab_emulator.snapshot import boot_and_save, build_bench

HERE = Path(__file__).parent
PACKAGES = (
    *("busybox-static", "kmod", "linux-image-amd64", "openssh-server", "openssh-sftp-server"),
    *("flashrom", "ser2net"),
)
DISK = "disk.qcow2"
#: The last line that the machine prints when it is up.
READY = "flasher is ready"


def _build(folder: Path) -> None:
    arguments = [installed_packages("flasher", PACKAGES, MODULES), folder, bench_keys()]
    as_root([sys.executable, "-m", "hwlab_emulator.flasher.tree", *map(str, arguments)])
    with build_bench("flasher") as paths:
        (paths.root / "spi").mkdir()
        disk = disk_of(paths)
        create = ["qemu-img", "create", "-q", "-f", "qcow2", "-F", "raw", "-b", str(folder / ROOT_DISK)]
        subprocess.run([*create, str(disk)], check=True)
        command = flasher_command(paths, folder, restore=False)
        console = paths.logs / "flasher-console.log"
        boot_and_save(command, paths.socket("flasher-qmp"), console, READY, SNAPSHOT)
        shutil.move(disk, folder / DISK)


def flasher_image() -> Path:
    """Return the cached folder: vmlinux, initrd.img, root.raw, and disk.qcow2 with the snapshot over it."""
    shared = ("acceleration", "ext4", "initrd", "kernel", "network", "packages", "snapshot")
    code = [HERE, *(HERE.parent / f"{name}.py" for name in shared)]
    return built("flasher", [suite(), accelerator(), bench_keys(), *code], _build)


def give_disk(image: Path, target: Path) -> None:
    """Give a bench its own copy of the disk, snapshot included, over the image's root.raw."""
    shutil.copyfile(image / DISK, target)
    rebase = ["qemu-img", "rebase", "-q", "-u", "-F", "raw", "-b", str(image / ROOT_DISK)]
    subprocess.run([*rebase, str(target)], check=True)
