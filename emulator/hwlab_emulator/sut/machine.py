# SPDX-License-Identifier: GPL-3.0-or-later
"""The SUT as a QEMU command line: a PC with UEFI firmware, an NVMe disk, one network card, USB and a
serial port.

It is started when the board's power comes on and killed when it goes; QEMU itself keeps nothing but the
disk and
the working copy of the firmware.
"""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

from hwlab_emulator.acceleration import QEMU, acceleration
from hwlab_emulator.paths import BenchPaths

#: The disk is thin: it takes the space of what is installed on it.
DISK_SIZE = "8G"
MEMORY_MIB = 1280
PROCESSORS = 2
SERIAL_NUMBER = "HWLAB0001"


@dataclass(frozen=True)
class Screen:
    """What the monitor's EDID prefers, in pixels; the graphics card's firmware starts in this mode."""

    width: int = 1024
    height: int = 768


def firmware_file(paths: BenchPaths) -> Path:
    """The working copy that the SUT runs from (see os.firmware.working_copy)."""
    return paths.root / "sut-firmware.bin"


def disk_file(paths: BenchPaths) -> Path:
    return paths.root / "sut-disk.qcow2"


def create_disk(paths: BenchPaths) -> Path:
    """Create the SUT's empty disk unless it exists."""
    disk = disk_file(paths)
    if not disk.exists():
        command = ["qemu-img", "create", "-q", "-f", "qcow2", "-o", "lazy_refcounts=on", str(disk), DISK_SIZE]
        subprocess.run(command, check=True)
    return disk


def usb_cable(paths: BenchPaths) -> list[str]:
    """USB as the KVM's gadget gives it: whatever it is, the firmware tries its disk first."""
    return [
        *("-chardev", f"socket,id=usbcable,path={paths.socket('kvm-usb')},reconnect=1"),
        *("-device", "usb-redir,chardev=usbcable,id=usbcable,bus=usb.0,bootindex=0"),
    ]


def local_stick(image: Path, bytes_per_second: int = 0) -> list[str]:
    """A keyboard, a tablet and a stick with `image` of QEMU's own, for a SUT without a KVM."""
    slow = f",throttling.bps-read={bytes_per_second}" if bytes_per_second else ""
    return [
        *("-drive", f"if=none,id=stick,file={image},format=raw,read-only=on{slow}"),
        *("-device", "usb-storage,drive=stick,id=stick,bus=usb.0,removable=on,bootindex=0"),
        *("-device", "usb-kbd,bus=usb.0", "-device", "usb-tablet,bus=usb.0"),
    ]


def vde_network(paths: BenchPaths, mac: str) -> list[str]:
    """The card on the bench's own network."""
    return [
        *("-netdev", f"vde,id=lan,sock={paths.sockets / 'vde'}"),
        *("-device", f"e1000e,netdev=lan,mac={mac},romfile="),
    ]


def sut_command(
    paths: BenchPaths,
    screen: Screen | None = None,
    *,
    mac: str = "52:54:00:77:00:20",
    usb: list[str] | None = None,
    network: list[str] | None = None,
) -> list[str]:
    """Return QEMU's argv for the SUT of a bench, which runs until it is killed or its system powers off.

    `screen` is what the EDID at the end of the HDMI cable prefers (None: no monitor; the card chooses).
    The chip's working copy and the disk must exist. `usb` and `network` replace the cables to KVM and switch.
    """
    size, edid = screen or Screen(), "on" if screen else "off"
    return [
        *(QEMU, "-nodefaults", "-no-user-config", "-name", f"sut-{paths.name}"),
        *("-M", "q35,max-fw-size=16M,vmport=off,smm=off,hpet=off", *acceleration()),
        *("-smp", str(PROCESSORS), "-m", str(MEMORY_MIB), "-display", "none"),
        *("-drive", f"if=pflash,format=raw,file={firmware_file(paths)}"),
        *("-smbios", "type=1,manufacturer=hwlab,product=Virtual bench"),
        *("-device", f"VGA,edid={edid},xres={size.width},yres={size.height},vgamem_mb=16"),
        *("-chardev", f"socket,id=serial,path={paths.socket('serial')},reconnect=1"),
        *("-serial", "chardev:serial"),
        *("-device", "qemu-xhci,id=usb,p2=8,p3=8"),
        *(usb if usb is not None else usb_cable(paths)),
        *("-drive", f"if=none,id=disk,file={disk_file(paths)},format=qcow2,cache=unsafe,discard=unmap"),
        *("-device", f"nvme,drive=disk,serial={SERIAL_NUMBER},bootindex=1"),
        *(network if network is not None else vde_network(paths, mac)),
        *("-device", "virtio-rng-pci"),
        *("-qmp", f"unix:{paths.socket('sut-qmp')},server=on,wait=off"),
    ]
