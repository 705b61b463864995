# SPDX-License-Identifier: GPL-3.0-or-later
"""What is to be installed, however it was asked for: by a kickstart or by clicks."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Partition:
    """One partition; sizes in MiB. `mountpoint` is None for swap."""

    mountpoint: str | None
    filesystem: str
    size: int
    grow: bool = False
    max_size: int | None = None
    label: str = ""
    disk: str | None = None
    options: str = "defaults"


@dataclass(frozen=True)
class Password:
    text: str
    encrypted: bool = False


@dataclass(frozen=True)
class Account:
    """A user of the installed system or, for sshpw, of the installer's own; no password means a locked
    one.
    """

    name: str
    password: Password | None = None
    groups: tuple[str, ...] = ()
    gecos: str = ""
    shell: str = "/bin/bash"
    home: str | None = None
    uid: int | None = None
    keys: tuple[str, ...] = ()


@dataclass(frozen=True)
class Script:
    """A %pre or %post; `number` is its line in the kickstart."""

    text: str
    interpreter: str
    chroot: bool
    fail_on_error: bool
    number: int
    logfile: str | None = None


@dataclass(frozen=True)
class Network:
    """Network of the installed system. `address` is None for DHCP, `netmask` in dotted form."""

    address: str | None = None
    netmask: str = "255.255.255.0"
    gateway: str | None = None
    nameservers: tuple[str, ...] = ()


@dataclass
class Plan:
    language: str = "en_US.UTF-8"
    keyboard: str = "us"
    timezone: str = "UTC"
    hostname: str = "labos"
    network: Network = field(default_factory=Network)
    root_password: Password | None = None
    root_ssh_password: bool = False
    users: list[Account] = field(default_factory=list)
    installer_accounts: list[Account] = field(default_factory=list)
    ssh_keys: list[tuple[str, str]] = field(default_factory=list)
    only_disks: tuple[str, ...] = ()
    ignored_disks: tuple[str, ...] = ()
    clear: bool = False
    clear_disks: tuple[str, ...] = ()
    partitions: list[Partition] = field(default_factory=list)
    automatic: bool = False
    bootloader: bool = True
    kernel_arguments: str = ""
    menu_timeout: int | None = None
    packages: tuple[str, ...] = ()
    pre: list[Script] = field(default_factory=list)
    post: list[Script] = field(default_factory=list)
    finish: str = "wait"
    noted: list[str] = field(default_factory=list)
