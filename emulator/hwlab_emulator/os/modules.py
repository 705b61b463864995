# SPDX-License-Identifier: GPL-3.0-or-later
"""Kernel modules of a SUT, and the initramfs that both the installer and the installed system start from."""

from __future__ import annotations

import stat
import subprocess
from collections.abc import Iterable
from pathlib import Path

from hwlab_emulator.initrd import newc
from hwlab_emulator.kernel import keep_only, module_bytes, modules_folder, with_dependencies

#: Modules of the SUT's hardware, and of the file systems and facilities that the systems on it use.
MODULES = (
    # disks and USB storage
    *("nvme", "ahci", "sd_mod", "sr_mod", "usb_storage", "uas", "xhci_pci", "ehci_pci"),
    *("virtio_pci", "virtio_blk", "virtio_scsi", "virtio_net"),
    # file systems
    *("ext4", "vfat", "nls_ascii", "nls_cp437", "nls_iso8859_1", "nls_utf8", "isofs", "squashfs", "overlay"),
    *("loop", "efivarfs", "fuse", "autofs4", "dm_mod", "crc32c_generic", "crc32c_intel"),
    # network, input, the power button
    *("e1000e", "e1000", "af_packet", "usbhid", "hid_generic", "evdev", "button", "atkbd", "i8042"),
)
#: What the initramfs loads before it looks for the installer's medium: the slow bus first.
FOR_MEDIUM = ("xhci_pci", "usb_storage", "sd_mod", "isofs", "loop", "squashfs", "overlay")
#: What it loads before it looks for the root file system of an installed system.
FOR_DISK = ("nvme", "ahci", "sd_mod", "virtio_pci", "virtio_blk", "crc32c_generic", "ext4")
#: What it loads when none of these disks holds the root: an installation on a USB disk.
FOR_USB_DISK = ("xhci_pci", "usb_storage")


def _known(folder: Path, names: Iterable[str]) -> list[str]:
    """The names that this kernel has at all: releases differ in what is built in, renamed or gone."""
    listed = (folder / "modules.dep").read_text() + (folder / "modules.builtin").read_text()
    files = [line.split(":")[0].rsplit("/", 1)[-1] for line in listed.splitlines()]
    have = {file.split(".ko")[0].replace("-", "_") for file in files}
    return [name for name in names if name.replace("-", "_") in have]


def trim_modules(tree: Path) -> None:
    """Remove all kernel modules that no SUT of a bench can use, and unpack those that stay.

    Plain modules cost the guest no time, and squashfs compresses them better.
    """
    folder = modules_folder(tree)
    keep_only(tree, _known(folder, MODULES))
    for path in folder.joinpath("kernel").rglob("*.ko.*"):
        path.with_suffix("").write_bytes(module_bytes(path))
        path.unlink()
    subprocess.run(["depmod", "-b", str(tree), folder.name], check=True)


def initramfs(tree: Path, init: bytes) -> bytes:
    """Return the initramfs (newc, zstd): busybox-static of `tree`, the modules to find a root, and `init`.

    /order-medium, /order-disk and /order-usb name the files in /modules in the order of loading.
    """
    folder = modules_folder(tree)
    files: dict[str, tuple[int, bytes]] = {}
    for name in ("bin", "dev", "proc", "sys", "medium", "lower", "newroot", "modules"):
        files[name] = (stat.S_IFDIR | 0o755, b"")
    files["bin/busybox"] = (stat.S_IFREG | 0o755, (tree / "bin/busybox").read_bytes())
    for purpose, names in (("medium", FOR_MEDIUM), ("disk", FOR_DISK), ("usb", FOR_USB_DISK)):
        order = with_dependencies(folder, _known(folder, names))
        for path in order:
            files[f"modules/{path.name}"] = (stat.S_IFREG | 0o644, module_bytes(path))
        files[f"order-{purpose}"] = (stat.S_IFREG | 0o644, "".join(f"{p.name}\n" for p in order).encode())
    files["init"] = (stat.S_IFREG | 0o755, init)
    command = ["zstd", "-q", "-19", "-c"]
    return subprocess.run(command, input=newc(files), capture_output=True, check=True).stdout
