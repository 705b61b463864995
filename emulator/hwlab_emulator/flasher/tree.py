# SPDX-License-Identifier: GPL-3.0-or-later
"""From the packages' files to what the flasher's QEMU boots. Runs as root:
`python -m hwlab_emulator.flasher.tree TREE.tar FOLDER KEYS`."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from hwlab_emulator.ext4 import make_ext4
from hwlab_emulator.initrd import root_initrd
from hwlab_emulator.kernel import copy_vmlinux
from hwlab_emulator.keys import CLIENT_KEY, HOST_KEY

GUEST = Path(__file__).parent / "guest"
PASSWORD = "meta-rte"
MODULES = (
    *("crc32c_generic", "ext4", "virtio_blk", "virtio_pci"),
    *("virtio_console", "virtio_net", "virtio_rng", "9p", "9pnet_virtio"),
)
SIZE_MIB = 340
KERNEL, INITRD, ROOT_DISK = "vmlinux", "initrd.img", "root.raw"
#: Emptied before the tree becomes a disk.
LITTER = ("boot", "tmp", "run", "var/log", "var/cache", "var/lib/apt/lists")


def install_guest(tree: Path, keys: Path) -> None:
    """Put our files, the password and the keys into the tree."""
    shutil.copytree(GUEST, tree, dirs_exist_ok=True)
    init = tree / "sbin/init"
    init.unlink(missing_ok=True)
    init.symlink_to("/bin/busybox")
    (tree / "etc/hostname").write_text("flasher\n")
    (tree / "etc/hosts").write_text("127.0.0.1 localhost\n127.0.1.1 flasher\n")
    (tree / "data").mkdir(exist_ok=True)
    subprocess.run(["chroot", tree, "chpasswd"], input=f"root:{PASSWORD}\n", text=True, check=True)
    for path in (tree / "etc/ssh").glob("ssh_host_*"):
        path.unlink()
    for name, mode in ((HOST_KEY, 0o600), (f"{HOST_KEY}.pub", 0o644)):
        shutil.copyfile(keys / "flasher" / name, tree / "etc/ssh" / name)
        (tree / "etc/ssh" / name).chmod(mode)
    home = tree / "root/.ssh"
    home.mkdir(mode=0o700, exist_ok=True)
    shutil.copyfile(keys / f"{CLIENT_KEY}.pub", home / "authorized_keys")
    (home / "authorized_keys").chmod(0o600)


def empty_folders(tree: Path) -> None:
    """Empty what no machine needs."""
    for name in LITTER:
        for path in (tree / name).iterdir():
            shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()


def finish(packages: Path, folder: Path, keys: Path) -> None:
    """Turn the packages into folder/vmlinux, initrd.img and root.raw, owned as the folder is."""
    with tempfile.TemporaryDirectory(dir=folder) as work:
        tree = Path(work) / "tree"
        tree.mkdir()
        subprocess.run(["tar", "--numeric-owner", "-C", tree, "-xpf", packages], check=True)
        install_guest(tree, keys)
        copy_vmlinux(tree, folder / KERNEL)
        (folder / INITRD).write_bytes(root_initrd(tree))
        empty_folders(tree)
        make_ext4(tree, folder / ROOT_DISK, SIZE_MIB, "flasher")
    owner = folder.stat()
    for name in (KERNEL, INITRD, ROOT_DISK):
        os.chown(folder / name, owner.st_uid, owner.st_gid)


if __name__ == "__main__":
    finish(Path(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3]))
