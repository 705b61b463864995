# SPDX-License-Identifier: GPL-3.0-or-later
"""The KVM's image: built from the distribution's packages, booted once, kept as a snapshot."""

from __future__ import annotations

import shlex
import shutil
import subprocess
import sys
from pathlib import Path

from hwlab_emulator.acceleration import accelerator
from hwlab_emulator.cache import built
from hwlab_emulator.keys import bench_keys
from hwlab_emulator.kvm import recipe
from hwlab_emulator.kvm.machine import DISK, ROOT_DISK, SNAPSHOT, disk_of, kvm_command
from hwlab_emulator.rootfs import as_root, make_tree, suite
from hwlab_emulator.snapshot import boot_and_save, build_bench

HERE = Path(__file__).parent
TREE = "tree.tar.zst"
#: What the machine prints when every unit is up (guest/ready); it says "degraded" otherwise.
READY = "hwlab-ready: running"


def _packages(folder: Path) -> None:
    trim = shlex.join([sys.executable, "-m", "hwlab_emulator.kernel"])
    hooks = [f'{trim} "$1" {shlex.join(recipe.MODULES)}', 'rm -rf "$1"/var/lib/apt/lists/*']
    make_tree(folder / TREE, recipe.PACKAGES, hooks)


def _build(folder: Path) -> None:
    tree = _tree()
    arguments = [tree / TREE, folder, bench_keys()]
    as_root([sys.executable, "-m", "hwlab_emulator.kvm.customise", *map(str, arguments)])
    with build_bench("kvm") as paths:
        disk = disk_of(paths)
        create = ["qemu-img", "create", "-q", "-f", "qcow2", "-F", "raw", "-b", str(folder / ROOT_DISK)]
        subprocess.run([*create, str(disk)], check=True)
        command = kvm_command(paths, folder, restore=False)
        console = paths.logs / "kvm-console.log"
        boot_and_save(command, paths.socket("kvm-qmp"), console, READY, SNAPSHOT)
        shutil.move(disk, folder / DISK)


def _tree() -> Path:
    """The packages by themselves, which change less often than what is put over them."""
    recipe_text = repr((TREE, recipe.PACKAGES, recipe.MODULES))
    return built("kvm-packages", [suite(), recipe_text, HERE.parent / "rootfs.py"], _packages)


def kvm_image() -> Path:
    """Return the cached folder: vmlinux, initrd.img, root.raw, and disk.qcow2 with the snapshot over it."""
    ours = ("guest", "customise.py", "edid.py", "image.py", "machine.py", "recipe.py")
    shared = ("acceleration", "ext4", "initrd", "kernel", "network", "snapshot")
    files = [*(HERE / name for name in ours), *(HERE.parent / f"{name}.py" for name in shared)]
    return built("kvm", [suite(), accelerator(), bench_keys(), *files], _build)
