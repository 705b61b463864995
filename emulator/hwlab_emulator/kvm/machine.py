# SPDX-License-Identifier: GPL-3.0-or-later
"""The KVM's QEMU: the same machine when its image is built and when a bench resumes it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hwlab_emulator.acceleration import QEMU, acceleration
from hwlab_emulator.network import network_card
from hwlab_emulator.paths import BenchPaths

SNAPSHOT = "ready"
MEMORY_MIB = 768
#: What the frames of the HDMI cable are handed over in; it holds 1920x1080 RGB24.
PIXELS_MIB = 8
KERNEL, INITRD, ROOT_DISK, DISK = "vmlinux", "initrd.img", "root.raw", "disk.qcow2"
#: Kernel arguments: network interfaces named as on a Raspberry Pi; nothing that only costs time under TCG.
ARGUMENTS = "console=ttyS0 root=/dev/vda ro quiet mitigations=off nokaslr net.ifnames=0 panic=-1"
#: virtio-serial ports: chardev id -> name in the guest's /dev/virtio-ports.
PORTS = {"kvm-hdmi": "hwlab.hdmi", "kvm-usb": "hwlab.usb", "kvm-wires": "hwlab.wires"}
#: The PCIe slot that the disk of images (PIMSD) is plugged into once the machine runs.
MSD_PORT, MSD_DISK = "msd-port", "msd"


def disk_of(paths: BenchPaths) -> Path:
    """The machine's root disk in a bench."""
    return paths.root / "kvm.qcow2"


def msd_of(paths: BenchPaths) -> Path:
    """The disk of images (PIMSD) in a bench."""
    return paths.root / "kvm-msd.raw"


def pixels_of(hdmi_socket: Path) -> Path:
    """The memory that the HDMI cable with this socket shares with the machine."""
    return hdmi_socket.with_suffix(".pixels")


def kvm_command(paths: BenchPaths, image: Path, restore: bool) -> list[str]:
    """QEMU's arguments for the KVM of a bench; with `restore` it resumes from its disk's snapshot.

    The bench's sockets and disks are made by `kvm.disks.give_disks`; `msd_commands` says what to tell its QMP
    once it runs.
    """
    pixels = pixels_of(paths.socket("kvm-hdmi"))
    memory = f"memory-backend-file,id=pixels,size={PIXELS_MIB}M,share=on,mem-path={pixels}"
    return [
        *(QEMU, "-nodefaults", "-no-user-config", "-M", "q35", *acceleration(), "-smp", "2"),
        *("-m", str(MEMORY_MIB), "-display", "none", "-name", f"hwlab-{paths.name}-kvm"),
        *("-kernel", str(image / KERNEL), "-initrd", str(image / INITRD), "-append", ARGUMENTS),
        *("-drive", f"file={disk_of(paths)},if=none,id=root,cache=unsafe,discard=unmap"),
        *("-device", "virtio-blk-pci,drive=root"),
        *network_card(paths, "kvm"),
        *("-chardev", f"file,id=log,path={paths.logs / 'kvm-console.log'}", "-serial", "chardev:log"),
        *("-device", "virtio-serial-pci"),
        *(argument for cable, name in PORTS.items() for argument in _port(paths, cable, name)),
        # master: it belongs to this machine and its snapshots (QEMU, docs/specs/ivshmem-spec.txt).
        *("-object", memory, "-device", "ivshmem-plain,memdev=pixels,master=on"),
        *("-device", f"pcie-root-port,id={MSD_PORT},chassis=1,slot=1"),
        *("-device", "virtio-rng-pci", "-device", "vmgenid,guid=auto"),
        *("-qmp", f"unix:{paths.socket('kvm-qmp')},server=on,wait=off"),
        *(["-loadvm", SNAPSHOT] if restore else []),
    ]


def _port(paths: BenchPaths, cable: str, name: str) -> list[str]:
    return [
        *("-chardev", f"socket,id={cable},path={paths.socket(cable)},server=on,wait=off"),
        *("-device", f"virtserialport,chardev={cable},name={name}"),
    ]


def msd_commands(paths: BenchPaths) -> list[tuple[str, dict[str, Any]]]:
    """QMP commands and their arguments that plug the disk of images into a running machine.

    It is no part of the snapshot: each bench has its own, with what was uploaded to it.
    """
    file = {"driver": "file", "filename": str(msd_of(paths)), "discard": "unmap"}
    disk = {"driver": "raw", "node-name": MSD_DISK, "file": file}
    return [
        ("blockdev-add", disk),
        ("device_add", {"driver": "virtio-blk-pci", "id": MSD_DISK, "bus": MSD_PORT, "drive": MSD_DISK}),
    ]
