# SPDX-License-Identifier: GPL-3.0-or-later
"""The system that the installer installs: which packages, and what is taken away or set to make it start
fast.
"""

from __future__ import annotations

import platform
import shutil
from pathlib import Path

PACKAGES = (
    *("systemd", "systemd-sysv", "udev", "dbus", "kmod", "iproute2", "openssh-server", "python3", "tzdata"),
    *("e2fsprogs", "dosfstools", "fdisk", "squashfs-tools", "busybox-static"),
    *("grub-efi-amd64-bin", "grub2-common", "grub-common", "efibootmgr", "fonts-cantarell"),
)
#: Patterns of what no SUT reads; the package manager is left out as on an image that is only ever replaced.
UNUSED = (
    *("usr/share/info", "usr/share/lintian", "usr/share/bug", "usr/share/perl", "usr/share/perl5"),
    *("usr/share/fonts", "usr/share/fontconfig", "usr/share/initramfs-tools", "usr/share/keyrings"),
    *("usr/share/bash-completion", "usr/share/grub/[ae]*.pf2", "usr/share/doc", "usr/share/man"),
    *("usr/share/locale",),
    *("usr/lib/x86_64-linux-gnu/perl", "usr/lib/x86_64-linux-gnu/libperl.so*", "usr/lib/klibc"),
    *("usr/lib/apt",),
    *("usr/lib/x86_64-linux-gnu/gconv", "usr/lib/x86_64-linux-gnu/libapt-*", "usr/lib/udev/hwdb.*"),
    *("usr/lib/python3*/test", "usr/lib/python3*/pydoc_data", "usr/lib/python3*/lib2to3"),
    *("usr/lib/python3*/ensurepip", "usr/lib/python3*/unittest", "usr/lib/python3*/idlelib"),
    *("usr/lib/grub/i386-*", "usr/lib/grub/x86_64-efi/monolithic", "usr/lib/grub/x86_64-efi-signed"),
    *("usr/lib/grub/x86_64-efi/*.module", "usr/bin/perl*", "usr/bin/apt*", "usr/bin/grub-mk*rescue"),
    *("usr/bin/grub-fstest", "usr/bin/grub-mount", "usr/bin/grub-glue-efi", "usr/bin/grub-render-label"),
    *("usr/bin/grub-syslinux2cfg", "usr/bin/grub-file", "usr/bin/grub-menulst2cfg"),
    *("usr/bin/grub-mkstandalone",),
    *("usr/sbin/grub-macbless", "usr/sbin/grub-bios-setup", "usr/bin/fc-*", "usr/sbin/fsck.minix"),
    "boot/*",
    *("etc/ssh/ssh_host_*", "etc/machine-id", "var/lib/dbus/machine-id", "etc/hostname", "etc/grub.d/README"),
    *("etc/grub.d/05_debian_theme", "etc/grub.d/20_linux_xen", "etc/grub.d/30_os-prober"),
    *("etc/grub.d/35_fwupd", "etc/grub.d/4*", "vmlinuz*", "initrd.img*", "var/lib/initramfs-tools"),
    *("etc/initramfs-tools",),
)
#: Units that would cost time at each start and that a SUT has no use for.
MASKED = (
    *("e2scrub_reap.service", "e2scrub_all.timer", "apt-daily.timer", "apt-daily-upgrade.timer"),
    *("dpkg-db-backup.timer", "fstrim.timer", "systemd-timesyncd.service", "systemd-pstore.service"),
    *("systemd-hwdb-update.service", "systemd-journal-catalog-update.service", "ldconfig.service"),
    *("systemd-networkd-wait-online.service", "systemd-machine-id-commit.service", "systemd-binfmt.service"),
    *("systemd-firstboot.service", "sys-kernel-debug.mount", "sys-kernel-tracing.mount"),
    *("dev-hugepages.mount",),
    *("dev-mqueue.mount", "systemd-ask-password-wall.path", "systemd-ask-password-console.path"),
    *("systemd-update-utmp.service", "systemd-update-utmp-runlevel.service", "modprobe@drm.service"),
    *("systemd-network-generator.service", "systemd-journal-flush.service", "systemd-rfkill.socket"),
    *("sys-fs-fuse-connections.mount", "sys-kernel-config.mount", "modprobe@fuse.service"),
    *("modprobe@configfs.service", "modprobe@efi_pstore.service", "systemd-repart.service"),
    *("systemd-boot-system-token.service", "remote-fs.target", "man-db.timer"),
)
ENABLED = {
    "multi-user.target.wants": ("ssh.service", "systemd-networkd.service"),
    "getty.target.wants": ("serial-getty@ttyS0.service", "getty@tty1.service"),
}


def kernel_package() -> str:
    """Name of the distribution's stock kernel: its cloud kernels have neither USB nor framebuffer drivers."""
    ubuntu = platform.freedesktop_os_release().get("ID") == "ubuntu"
    return "linux-image-generic" if ubuntu else "linux-image-amd64"


def remove_unused(tree: Path) -> None:
    """Delete what `UNUSED` names from `tree`."""
    for pattern in UNUSED:
        for path in tree.glob(pattern):
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink()


def configure(tree: Path) -> None:
    """Set what is the same on every installed system; what a kickstart decides is left to the installer."""
    units = tree / "etc/systemd/system"
    for name in MASKED:
        link = units / name
        link.unlink(missing_ok=True)
        link.symlink_to("/dev/null")
    for folder, names in ENABLED.items():
        (units / folder).mkdir(parents=True, exist_ok=True)
        for name in names:
            template = name.split("@")[0] + "@.service" if "@" in name else name
            link = units / folder / name
            link.unlink(missing_ok=True)
            link.symlink_to(f"/lib/systemd/system/{template}")
    (units / "default.target").unlink(missing_ok=True)
    (units / "default.target").symlink_to("/lib/systemd/system/multi-user.target")
    (tree / "etc/os-release").unlink(missing_ok=True)
    release = platform.freedesktop_os_release()
    (tree / "etc/os-release").write_text(
        'PRETTY_NAME="Lab OS (made of Debian packages, for tests)"\nNAME="Lab OS"\nID=labos\nID_LIKE=debian\n'
        f'VERSION_ID="{release.get("VERSION_ID", "0")}"\n'
    )
    (tree / "etc/issue").write_text("Lab OS \\n \\l\n\n")
    (tree / "etc/motd").write_text("")
    (tree / "etc/default").mkdir(exist_ok=True)
    (tree / "etc/default/grub").write_text(
        'GRUB_DEFAULT=0\nGRUB_TIMEOUT=2\nGRUB_DISTRIBUTOR="Lab OS"\nGRUB_DISABLE_OS_PROBER=true\n'
        'GRUB_DISABLE_RECOVERY=true\nGRUB_DISABLE_SUBMENU=true\nGRUB_TERMINAL_OUTPUT="gfxterm serial"\n'
        'GRUB_TERMINAL_INPUT="console serial"\nGRUB_GFXMODE=1024x768x32,auto\nGRUB_GFXPAYLOAD_LINUX=keep\n'
        'GRUB_SERIAL_COMMAND="serial --unit=0 --speed=115200"\nGRUB_CMDLINE_LINUX_DEFAULT=""\n'
    )
    journal = tree / "etc/systemd/journald.conf.d"
    journal.mkdir(parents=True, exist_ok=True)
    (journal / "lab.conf").write_text("[Journal]\nStorage=volatile\n")
    for name in ("etc/.updated", "var/.updated"):
        # Older than /usr would make every start look like the first after an update (systemd-update-done(8)).
        (tree / name).write_text("")
    for name in ("var/log", "var/cache", "boot/efi", "run", "tmp", "etc/ssh"):
        (tree / name).mkdir(parents=True, exist_ok=True)
    (tree / "tmp").chmod(0o1777)
    (tree / "etc/machine-id").write_text("")
