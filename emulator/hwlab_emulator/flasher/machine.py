# SPDX-License-Identifier: GPL-3.0-or-later
"""The flasher's QEMU."""

from __future__ import annotations

from pathlib import Path

from hwlab_emulator.acceleration import QEMU, acceleration
from hwlab_emulator.flasher.tree import INITRD, KERNEL
from hwlab_emulator.network import network_card
from hwlab_emulator.paths import BenchPaths

SNAPSHOT = "ready"
MEMORY_MIB = 192


def disk_of(paths: BenchPaths) -> Path:
    """The machine's disk in a bench."""
    return paths.root / "flasher.qcow2"


def flasher_command(paths: BenchPaths, image: Path, restore: bool) -> list[str]:
    """QEMU's arguments for the flasher of a bench; with `restore` it resumes from its disk's snapshot.

    The bench's root holds the machine's disk and the folder `spi`, which the machine sees
    as 9p export `chip`; it is mounted only while flashrom runs, since QEMU takes no snapshot otherwise.
    """
    serial, clock = paths.socket("serial"), paths.socket("flasher-clock")
    return [
        *(QEMU, "-nodefaults", "-no-user-config", "-M", "q35", *acceleration(), "-smp", "1"),
        *("-m", str(MEMORY_MIB), "-display", "none", "-name", f"hwlab-{paths.name}-flasher"),
        *("-kernel", str(image / KERNEL), "-initrd", str(image / INITRD)),
        *("-append", "console=ttyS0 root=/dev/vda rw quiet mitigations=off net.ifnames=0 panic=-1"),
        *("-drive", f"file={disk_of(paths)},if=none,id=disk,cache=unsafe,discard=unmap"),
        *("-device", "virtio-blk-pci,drive=disk"),
        *network_card(paths, "flasher"),
        *("-chardev", f"file,id=log,path={paths.logs / 'flasher-console.log'}", "-serial", "chardev:log"),
        *("-chardev", f"socket,id=sut,path={serial},server=on,wait=off", "-serial", "chardev:sut"),
        *("-device", "virtio-serial-pci", "-chardev", f"socket,id=clock,path={clock},server=on,wait=off"),
        *("-device", "virtserialport,chardev=clock,name=hwlab.clock"),
        *("-fsdev", f"local,id=chip,path={paths.root / 'spi'},security_model=none"),
        *("-device", "virtio-9p-pci,fsdev=chip,mount_tag=chip"),
        *("-device", "virtio-rng-pci", "-device", "vmgenid,guid=auto"),
        *("-qmp", f"unix:{paths.socket('flasher-qmp')},server=on,wait=off"),
        *(["-loadvm", SNAPSHOT] if restore else []),
    ]
