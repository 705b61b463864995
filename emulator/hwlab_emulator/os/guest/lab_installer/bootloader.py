# SPDX-License-Identifier: GPL-3.0-or-later
"""The kernel and the boot loader of the installed system."""

from __future__ import annotations

import shutil
from pathlib import Path

from lab_installer.plan import Plan
from lab_installer.processes import ROOT, call
from lab_installer.storage import Made

MEDIUM = Path("/run/install/medium")
MENU_TIMEOUT = 2
#: Set for every installed system: a machine that is emulated on a busy host must not be taken for a locked-
#: up one.
ARGUMENTS = "mitigations=off nosoftlockup"
#: grub-mkconfig would take a quarter of the installation's time to come to the same lines.
MENU = """\
# Written by the installer; `grub-mkconfig -o /boot/grub/grub.cfg` makes a new one.
serial --unit=0 --speed=115200
insmod all_video
insmod gfxterm
insmod font
if loadfont unicode; then
    set gfxmode=1024x768x32,1024x768,auto
    terminal_output gfxterm serial
else
    terminal_output console serial
fi
terminal_input console serial
set timeout={timeout}
set default=0
search --no-floppy --fs-uuid --set=root {boot_uuid}

menuentry "Lab OS 1.0" {{
\tset gfxpayload=keep
\tlinux {folder}/vmlinuz-{version} root=UUID={root_uuid} ro {arguments}
\tinitrd {folder}/initrd.img-{version}
}}
menuentry "UEFI Firmware Settings" {{
\tfwsetup
}}
"""


def kernel_version() -> str:
    return (MEDIUM / "images/version").read_text().strip()


def install_kernel() -> None:
    """Copy kernel and initramfs from the medium, where GRUB needed them as files of their own."""
    version = kernel_version()
    shutil.copy(MEDIUM / "images/vmlinuz", f"{ROOT}/boot/vmlinuz-{version}")
    shutil.copy(MEDIUM / "images/initrd.img", f"{ROOT}/boot/initrd.img-{version}")


def install_grub() -> None:
    """Install GRUB for UEFI, as an NVRAM entry and as the disk's default program."""
    variables = Path("/sys/firmware/efi/efivars")
    nvram = [] if variables.is_dir() and any(variables.iterdir()) else ["--no-nvram"]
    place = ["--target=x86_64-efi", "--efi-directory=/boot/efi", "--bootloader-id=labos"]
    call(["grub-install", *place, "--force-extra-removable", *nvram], chroot=True)


def menu(plan: Plan, made: list[Made], consoles: tuple[str, ...], version: str) -> str:
    """GRUB's configuration; the installer's consoles stay the consoles."""
    by_place = {item.partition.mountpoint: item.uuid for item in made}
    return MENU.format(
        timeout=MENU_TIMEOUT if plan.menu_timeout is None else plan.menu_timeout,
        boot_uuid=by_place.get("/boot", by_place["/"]),
        root_uuid=by_place["/"],
        folder="" if "/boot" in by_place else "/boot",
        version=version,
        arguments=" ".join([*consoles, ARGUMENTS, *plan.kernel_arguments.split()]),
    )


def make_menu(plan: Plan, made: list[Made], consoles: tuple[str, ...]) -> None:
    """Write GRUB's configuration, and its arguments to where grub-mkconfig would look for them."""
    Path(ROOT, "boot/grub").mkdir(parents=True, exist_ok=True)
    Path(ROOT, "boot/grub/grub.cfg").write_text(menu(plan, made, consoles, kernel_version()))
    with Path(ROOT, "etc/default/grub").open("a") as file:
        file.write(
            f'GRUB_CMDLINE_LINUX="{" ".join([*consoles, ARGUMENTS, *plan.kernel_arguments.split()])}"\n'
        )
