# SPDX-License-Identifier: GPL-3.0-or-later
"""Initial RAM disks: a static busybox, the modules of the root disk, and an init that switches to it.

The archive's form is "newc" (Linux, Documentation/driver-api/early-userspace/buffer-format.rst).
"""

from __future__ import annotations

import gzip
import stat
from collections.abc import Iterable, Mapping
from pathlib import Path

from hwlab_emulator.kernel import module_bytes, modules_folder, with_dependencies

#: What a machine with a virtio disk needs to mount an ext4 root. crc32c is looked up by name at mount time.
ROOT_MODULES = ("crc32c_generic", "virtio_pci", "virtio_blk", "ext4")

INIT = """#!/bin/busybox sh
# SPDX-License-Identifier: GPL-3.0-or-later
bb=/bin/busybox
$bb mount -t devtmpfs dev /dev
$bb mount -t proc proc /proc
$bb mount -t sysfs sys /sys
for module in $($bb cat /order); do $bb insmod /modules/$module; done
root=/dev/vda
mode=ro
for word in $($bb cat /proc/cmdline); do
  case $word in
    root=*) root=${word#root=} ;;
    rw) mode=rw ;;
  esac
done
tries=0
while ! [ -b $root ] && [ $tries -lt 250 ]; do $bb usleep 20000; tries=$((tries+1)); done
$bb mount -t ext4 -o $mode $root /root || exec $bb sh
$bb umount /proc
$bb umount /sys
$bb mount --move /dev /root/dev
exec $bb switch_root /root /sbin/init
"""


def newc(files: Mapping[str, tuple[int, bytes]]) -> bytes:
    """Return a newc archive of `files`: name -> (st_mode with its type bits, content)."""
    out = bytearray()
    entries = [*files.items(), ("TRAILER!!!", (0, b""))]
    for number, (name, (mode, content)) in enumerate(entries, 1):
        raw = name.encode() + b"\0"
        fields = (number, mode, 0, 0, 1, 0, len(content), 0, 0, 0, 0, len(raw), 0)
        out += b"070701" + b"".join(b"%08x" % field for field in fields) + raw
        out += b"\0" * (-len(out) % 4) + content
        out += b"\0" * (-len(out) % 4)
    return bytes(out)


def root_initrd(tree: Path, modules: Iterable[str] = ROOT_MODULES) -> bytes:
    """Return a compressed initial RAM disk that loads `modules` of `tree` and starts its /sbin/init.

    `tree` must hold busybox-static and a kernel. The kernel's command line says `root=` and `rw`.
    """
    files: dict[str, tuple[int, bytes]] = {}
    for folder in ("bin", "dev", "proc", "sys", "root", "modules"):
        files[folder] = (stat.S_IFDIR | 0o755, b"")
    files["bin/busybox"] = (stat.S_IFREG | 0o755, (tree / "bin/busybox").read_bytes())
    order = []
    for path in with_dependencies(modules_folder(tree), modules):
        name = path.name.split(".ko")[0] + ".ko"
        files[f"modules/{name}"] = (stat.S_IFREG | 0o644, module_bytes(path))
        order.append(name)
    files["order"] = (stat.S_IFREG | 0o644, "".join(f"{name}\n" for name in order).encode())
    files["init"] = (stat.S_IFREG | 0o755, INIT.encode())
    return gzip.compress(newc(files), 1, mtime=0)
