# SPDX-License-Identifier: GPL-3.0-or-later
"""What the KVM's image is made of."""

from __future__ import annotations

#: Packages besides the base system. python3-aiohttp is there for the emulated kvmd alone.
PACKAGES = (
    "busybox-static",
    "dbus",
    "iproute2",
    "iputils-ping",
    "kmod",
    "less",
    "linux-image-amd64",
    "nginx",
    "openssh-server",
    "openssl",
    "procps",
    "psmisc",
    "python3",
    "python3-aiohttp",
    "python3-mako",
    "python3-yaml",
    "systemd-sysv",
    "udev",
    "usbutils",
    "ustreamer",
    "v4l-utils",
)

#: The kernel's modules that stay (with what they depend on).
MODULES = (
    # disks, network, wires
    *("virtio_pci", "virtio_blk", "ext4", "crc32c_generic", "virtio_net", "virtio_console", "virtio_rng"),
    *("loop", "isofs", "vfat", "nls_cp437", "nls_iso8859_1", "nls_ascii"),
    # the HDMI input
    "vivid",
    # the USB device port
    *("dummy_hcd", "libcomposite", "usb_f_hid", "usb_f_mass_storage"),
)

#: Units that only cost time in a machine that lives for one run.
MASKED_UNITS = (
    "apt-daily.timer",
    "apt-daily-upgrade.timer",
    "dpkg-db-backup.timer",
    "e2scrub_all.timer",
    "e2scrub_reap.service",
    "fstrim.timer",
    "getty@tty1.service",
    "nginx.service",
    "serial-getty@ttyS0.service",
    "proc-sys-fs-binfmt_misc.automount",
    "systemd-binfmt.service",
    "systemd-networkd-wait-online.service",
    "systemd-timesyncd.service",
)

#: Commands of the PiKVM -> the program of kvm/guest that runs (a module's name).
COMMANDS = {
    "kvmd": "kvmd",
    "kvmd-otg": "otg",
    "kvmd-janus": "janus",
    "kvmd-nginx-mkconf": "nginx_mkconf",
}

ENABLED_UNITS = (
    "hwlab-hdmi.service",
    "hwlab-ready.service",
    "hwlab-usb-cable.service",
    "hwlab-wires.service",
    "kvmd.service",
    "kvmd-janus.service",
    "kvmd-nginx.service",
    "kvmd-otg.service",
    "kvmd-tc358743.service",
    "systemd-networkd.service",
)

#: Size of the root file system (sparse; what is used of it counts on the disk).
ROOT_MIB = 1024
#: Where the programs of kvm/guest live in the image.
GUEST_FOLDER = "usr/lib/hwlab-kvm"
#: Owner of /var/lib/kvmd/msd (see guest/rootfs/etc/sysusers.d/kvmd.conf).
KVMD_UID = 970
