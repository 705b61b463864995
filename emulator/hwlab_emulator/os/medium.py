# SPDX-License-Identifier: GPL-3.0-or-later
"""The installer's medium: one hybrid image that UEFI firmware starts from a USB disk or as a CD."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from pathlib import Path

HERE = Path(__file__).parent
#: Volume identifier; the kernel command line of the menu finds the medium by it.
LABEL = "LABOS"
#: Everything the menu's configuration uses, so that GRUB reads no module over slow USB.
GRUB_MODULES = (
    *("part_gpt", "part_msdos", "iso9660", "fat", "search", "search_label", "configfile", "normal", "echo"),
    *("linux", "gfxterm", "all_video", "efi_gop", "font", "serial", "terminal", "test", "true", "sleep"),
    *("minicmd",),
    *("halt", "reboot", "loadenv", "ls", "cat", "gfxmenu", "boot", "chain", "probe", "help", "efifwsetup"),
)
FIRST_CONFIG = f"search --no-floppy --set=root --label {LABEL}\nset prefix=($root)/boot/grub\n"


def _efi_image(work: Path) -> Path:
    """A FAT image with GRUB as the removable medium's default program (UEFI 2.10, 3.5.1.1)."""
    config = work / "first.cfg"
    config.write_text(FIRST_CONFIG)
    program = work / "BOOTX64.EFI"
    command = ["grub-mkimage", "-O", "x86_64-efi", "-p", "/boot/grub", "-c", str(config), "-o", str(program)]
    subprocess.run([*command, *GRUB_MODULES], check=True)
    image = work / "efi.img"
    size = (program.stat().st_size // 1024 + 256 + 63) // 64 * 64
    image.unlink(missing_ok=True)
    form = ["-T", str(size * 2), "-h", "2", "-s", "32"]
    subprocess.run(["mformat", "-C", "-i", str(image), *form, "::"], check=True)
    subprocess.run(["mmd", "-i", str(image), "::/EFI", "::/EFI/BOOT"], check=True)
    subprocess.run(["mcopy", "-i", str(image), str(program), "::/EFI/BOOT/BOOTX64.EFI"], check=True)
    return image


def make_medium(parts: Path, target: Path, work: Path) -> None:
    """Write the image `target` from the files that `layers` left in `parts`."""
    content = work / "content"
    for name in ("boot/grub/fonts", "images", "lab"):
        (content / name).mkdir(parents=True)
    for name, place in (
        ("vmlinuz", "images/vmlinuz"),
        ("initrd.img", "images/initrd.img"),
        ("version", "images/version"),
        ("system.squashfs", "lab/system.squashfs"),
        ("system.size", "lab/system.size"),
        ("installer.squashfs", "lab/installer.squashfs"),
    ):
        shutil.copy(parts / name, content / place)
    sums = [
        f"{hashlib.sha256((parts / name).read_bytes()).hexdigest()}  {name}\n"
        for name in ("system.squashfs", "installer.squashfs")
    ]
    (content / "lab/checksums").write_text("".join(sums))
    shutil.copy(HERE / "boot/grub.cfg", content / "boot/grub/grub.cfg")
    shutil.copy("/usr/share/grub/unicode.pf2", content / "boot/grub/fonts/unicode.pf2")
    command = ["xorriso", "-as", "mkisofs", "-quiet", "-r", "-V", LABEL, "-o", str(target)]
    command += ["-partition_offset", "16", "-append_partition", "2", "0xef", str(_efi_image(work))]
    command += ["-appended_part_as_gpt", "-e", "--interval:appended_partition_2:all::", "-no-emul-boot"]
    subprocess.run([*command, str(content)], check=True)
    shutil.rmtree(content)
