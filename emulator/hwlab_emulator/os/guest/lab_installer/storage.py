# SPDX-License-Identifier: GPL-3.0-or-later
"""Disks: which there are, how the plan divides them, and the file systems on them."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

from lab_installer.journal import InstallError
from lab_installer.plan import Partition, Plan
from lab_installer.processes import ROOT, call

MIB = 1024 * 1024
#: sfdisk's short names of the GPT types (sfdisk(8), Input formats).
TYPES = {"swap": "S", "/boot/efi": "U"}
#: Space at the start (alignment) and the end (backup table) that no partition gets, in MiB.
MARGIN = 2
AUTOMATIC = (
    Partition("/boot/efi", "vfat", 300, label="EFI"),
    Partition("/", "ext4", 1500, grow=True, label="root"),
)


@dataclass(frozen=True)
class Made:
    """A partition as it came to be: its device and its file system's UUID."""

    partition: Partition
    device: str
    uuid: str


def disks() -> dict[str, int]:
    """The disks that can be installed on: name -> size in MiB; the installer's medium is none of them."""
    medium = Path("/run/install/device").read_text().strip().removeprefix("/dev/")
    found = {}
    for folder in sorted(Path("/sys/block").iterdir()):
        size = int((folder / "size").read_text()) * 512 // MIB
        if folder.name.startswith(("nvme", "sd", "vd")) and folder.name != medium and size:
            found[folder.name] = size
    return found


def usable_disks(plan: Plan, present: dict[str, int]) -> list[str]:
    """The disks that the plan lets us use, best first. Raises InstallError when it names one that is not
    there.
    """
    named = {
        "ignoredisk --only-use": plan.only_disks,
        "clearpart --drives": plan.clear_disks,
        "part --ondisk": tuple(item.disk for item in plan.partitions if item.disk),
    }
    for option, names in named.items():
        for name in names:
            if name.removeprefix("/dev/") not in present:
                have = ", ".join(present) or "none"
                raise InstallError(f"{option}: this machine has no disk {name}; its disks: {have}")
    allowed = [name.removeprefix("/dev/") for name in plan.only_disks] or list(present)
    usable = [name for name in allowed if name not in plan.ignored_disks]
    if not usable:
        raise InstallError("there is no disk to install on")
    return sorted(usable, key=lambda name: not name.startswith("nvme"))


def sizes(partitions: list[Partition], total: int) -> list[int]:
    """Sizes in MiB on a disk of `total` MiB: what grows shares the rest equally, up to its --maxsize."""
    result = [item.size for item in partitions]
    rest = total - MARGIN - sum(result)
    if rest < 0:
        raise InstallError(f"the partitions need {sum(result)} MiB, the disk has {total - MARGIN} MiB")
    growing = [n for n, item in enumerate(partitions) if item.grow]
    while growing and rest >= len(growing):
        share = rest // len(growing)
        for number in list(growing):
            limit = partitions[number].max_size
            more = share if limit is None else min(share, max(limit - result[number], 0))
            result[number] += more
            rest -= more
            if more < share:
                growing.remove(number)
    return result


def _node(disk: str, number: int) -> str:
    return f"/dev/{disk}{'p' if disk[-1].isdigit() else ''}{number}"


def _wait_for(device: str) -> None:
    for _ in range(100):
        if Path(device).is_block_device():
            return
        time.sleep(0.05)
    raise InstallError(f"{device} did not appear within 5 s after partitioning")


def _format(item: Partition, device: str) -> None:
    label = item.label
    if item.filesystem == "swap":
        call(["mkswap", *(["-L", label] if label else []), device])
    elif item.filesystem in ("vfat", "efi"):
        call(["mkfs.fat", "-F", "32", *(["-n", label.upper()[:11]] if label else []), device])
    else:
        fast = ["-E", "lazy_itable_init=1,lazy_journal_init=1,nodiscard"]
        call([f"mkfs.{item.filesystem}", "-q", "-F", *fast, *(["-L", label] if label else []), device])


def make_partitions(plan: Plan) -> list[Made]:
    """Partition and format as the plan says; raises InstallError before a disk is touched if it cannot be
    done.
    """
    present = disks()
    usable = usable_disks(plan, present)
    wanted = plan.partitions or (list(AUTOMATIC) if plan.automatic else [])
    if not wanted:
        raise InstallError("kickstart: neither part nor autopart says how to divide the disk")
    by_disk: dict[str, list[Partition]] = {}
    for item in wanted:
        by_disk.setdefault((item.disk or usable[0]).removeprefix("/dev/"), []).append(item)
    for disk in by_disk:
        cleared = plan.clear and disk in (plan.clear_disks or usable)
        if not cleared and list(Path(f"/sys/block/{disk}").glob(f"{disk}*")):
            raise InstallError(f"disk {disk} has partitions, and no clearpart --all allows to remove them")
    layout = {disk: sizes(items, present[disk]) for disk, items in by_disk.items()}
    made = []
    for disk, items in by_disk.items():
        lines = ["label: gpt"]
        for item, size in zip(items, layout[disk], strict=True):
            kind = TYPES.get(item.mountpoint or item.filesystem, "L")
            lines.append(f"size={size}MiB, type={kind}" + (f', name="{item.label}"' if item.label else ""))
        call(
            ["sfdisk", "-q", "--wipe", "always", "--wipe-partitions", "always", f"/dev/{disk}"],
            "\n".join(lines) + "\n",
        )
        for number, item in enumerate(items, 1):
            device = _node(disk, number)
            _wait_for(device)
            _format(item, device)
            uuid = call(["blkid", "-p", "-o", "value", "-s", "UUID", device]).strip()
            link = Path("/dev/disk/by-uuid", uuid)
            link.parent.mkdir(parents=True, exist_ok=True)
            link.unlink(missing_ok=True)
            link.symlink_to(device)
            made.append(Made(item, device, uuid))
    return made


def mount_all(made: list[Made]) -> None:
    """Mount what has a mount point, outer before inner, below the installed system's root."""
    for item in sorted(made, key=lambda m: len(Path(m.partition.mountpoint or "/").parts)):
        place = item.partition.mountpoint
        if place is None:
            continue
        path = Path(ROOT, place.lstrip("/"))
        path.mkdir(parents=True, exist_ok=True)
        kind = "vfat" if item.partition.filesystem == "efi" else item.partition.filesystem
        call(["mount", "-t", kind, item.device, str(path)])


def fstab(made: list[Made]) -> str:
    """The table of file systems (fstab(5)) of the installed system."""
    lines = []
    for item in made:
        place, kind = item.partition.mountpoint, item.partition.filesystem
        if place is None:
            lines.append(f"UUID={item.uuid} none swap {item.partition.options} 0 0")
        else:
            kind = "vfat" if kind == "efi" else kind
            options = (
                "umask=0077"
                if kind == "vfat" and item.partition.options == "defaults"
                else item.partition.options
            )
            lines.append(f"UUID={item.uuid} {place} {kind} {options} 0 {1 if place == '/' else 2}")
    return "\n".join(lines) + "\n"
