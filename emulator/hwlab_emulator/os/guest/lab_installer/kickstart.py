# SPDX-License-Identifier: GPL-3.0-or-later
"""A kickstart becomes a plan. pykickstart reads it, with the syntax of Fedora's current release."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pykickstart import constants as ks
from pykickstart.errors import KickstartError
from pykickstart.parser import KickstartParser
from pykickstart.version import makeVersion

from lab_installer.journal import InstallError
from lab_installer.plan import Account, Network, Partition, Password, Plan, Script

FEDORA = "F41"
#: What this installer does.
DONE = frozenset(
    (
        *("lang", "keyboard", "timezone", "network", "rootpw", "user", "sshpw", "sshkey", "ignoredisk"),
        *("clearpart", "part", "partition", "bootloader", "autopart", "zerombr"),
        *("reboot", "poweroff", "shutdown", "halt"),
    )
)
#: What has nothing to act on in the system that is installed, and does no harm when it is left out.
NOTED = frozenset(
    (
        *("text", "graphical", "cmdline", "firstboot", "selinux", "firewall", "services", "skipx", "xconfig"),
        *("eula", "url", "repo", "cdrom", "harddrive", "nfs", "logging", "auth", "authselect", "authconfig"),
        *("timesource", "rdp", "vnc", "mediacheck", "updates", "method", "unsupported_hardware"),
        *("displaymode", "device", "module"),
    )
)
ROOT_TYPES = ("ext4", "ext3", "ext2")
TYPES = (*ROOT_TYPES, "vfat", "efi", "swap")
RECOMMENDED_SWAP = 512


def _read(text: str, follow_includes: bool) -> Any:
    handler = makeVersion(FEDORA)
    reader = KickstartParser(handler, followIncludes=follow_includes)
    try:
        reader.readKickstartFromString(text)
    except KickstartError as error:
        raise InstallError(f"kickstart: {' '.join(str(error).split())}") from error
    except (OSError, ValueError) as error:
        raise InstallError(f"kickstart: {error}") from error
    return handler


def _refuse_unsupported(handler: Any) -> list[str]:
    noted = []
    for name, command in handler.commands.items():
        if command is None or not command.seen or name in DONE:
            continue
        if name not in NOTED:
            line = f" (line {command.lineno})" if getattr(command, "lineno", 0) else ""
            raise InstallError(f"kickstart: the command {name}{line} is not supported by this stand-in")
        noted.append(name)
    return sorted(noted)


def _password(text: str, encrypted: bool, locked: bool) -> Password | None:
    return None if locked or not text else Password(text, bool(encrypted))


def _partitions(handler: Any) -> list[Partition]:
    found = []
    for data in handler.partition.partitions:
        where = f"kickstart: line {data.lineno}: part {data.mountpoint}"
        for option, value in (
            ("--onpart", data.onPart),
            ("--encrypted", data.encrypted),
            ("--resize", data.resize),
            ("--noformat", not data.format),
        ):
            if value:
                raise InstallError(f"{where}: {option} is not supported by this stand-in")
        swap = data.mountpoint == "swap"
        kind = "swap" if swap else (data.fstype or ("efi" if data.mountpoint == "/boot/efi" else "ext4"))
        if kind not in TYPES:
            raise InstallError(f"{where}: file system {kind} is not supported; use one of {', '.join(TYPES)}")
        if not swap and not data.mountpoint.startswith("/"):
            raise InstallError(f"{where}: only partitions with a mount point and swap are supported")
        size = data.size or (RECOMMENDED_SWAP if swap else 0)
        if not size and not data.grow:
            raise InstallError(f"{where}: give --size=MIB or --grow")
        found.append(
            Partition(
                None if swap else data.mountpoint,
                kind,
                int(size or 1),
                bool(data.grow),
                int(data.maxSizeMB) if data.maxSizeMB else None,
                data.label or "",
                data.disk or None,
                data.fsopts or "defaults",
            )
        )
    if found:
        places = [item.mountpoint for item in found]
        for needed, kinds in (("/", ROOT_TYPES), ("/boot/efi", ("efi", "vfat"))):
            if not any(p.mountpoint == needed and p.filesystem in kinds for p in found):
                raise InstallError(f"kickstart: no part line for {needed} with one of {', '.join(kinds)}")
        doubled = {place for place in places if place and places.count(place) > 1}
        if doubled:
            raise InstallError(f"kickstart: two part lines for {', '.join(sorted(doubled))}")
    return found


def _network(handler: Any) -> tuple[Network, str | None]:
    network, hostname = Network(), None
    for data in handler.network.network:
        hostname = data.hostname or hostname
        if data.bootProto == "static":
            if not data.ip:
                raise InstallError("kickstart: network --bootproto=static needs --ip=")
            servers = tuple(filter(None, (data.nameserver or "").split(",")))
            gateway = data.gateway or None
            network = Network(data.ip, data.netmask or "255.255.255.0", gateway, servers)
        elif data.bootProto not in ("", "dhcp", None):
            raise InstallError(f"kickstart: network --bootproto={data.bootProto}: use dhcp or static")
    return network, hostname


def _scripts(handler: Any, kind: int) -> list[Script]:
    return [
        Script(s.script, s.interp, bool(s.inChroot), bool(s.errorOnFail), int(s.lineno or 0), s.logfile)
        for s in handler.scripts
        if s.type == kind
    ]


def _users(handler: Any) -> list[Account]:
    return [
        Account(
            u.name,
            _password(u.password, u.isCrypted, u.lock),
            tuple(u.groups or ()),
            u.gecos or "",
            u.shell or "/bin/bash",
            u.homedir or None,
            u.uid or None,
        )
        for u in handler.user.userList
    ]


def _plan(handler: Any) -> Plan:
    noted = _refuse_unsupported(handler)
    clear = handler.clearpart
    if clear.seen and clear.type not in (ks.CLEARPART_TYPE_ALL, ks.CLEARPART_TYPE_NONE, None):
        raise InstallError("kickstart: clearpart: only --all and --none are supported by this stand-in")
    if any(s.type not in (ks.KS_SCRIPT_PRE, ks.KS_SCRIPT_POST) for s in handler.scripts):
        raise InstallError("kickstart: only %pre and %post scripts are supported by this stand-in")
    if handler.timezone.timezone and not Path("/usr/share/zoneinfo", handler.timezone.timezone).is_file():
        raise InstallError(f"kickstart: there is no time zone {handler.timezone.timezone}")
    network, hostname = _network(handler)
    partitions = _partitions(handler)
    loader = handler.bootloader
    finish = {ks.KS_REBOOT: "reboot", ks.KS_SHUTDOWN: "poweroff"}.get(handler.reboot.action, "wait")
    return Plan(
        language=handler.lang.lang or "en_US.UTF-8",
        keyboard=handler.keyboard.keyboard or "us",
        timezone=handler.timezone.timezone or "UTC",
        hostname=hostname or "labos",
        network=network,
        root_password=_password(handler.rootpw.password, handler.rootpw.isCrypted, handler.rootpw.lock),
        root_ssh_password=bool(getattr(handler.rootpw, "allow_ssh", False)),
        users=_users(handler),
        installer_accounts=[
            Account(u.username, keys=(u.password,))
            if u.sshkey
            else Account(u.username, _password(u.password, u.isCrypted, u.lock))
            for u in handler.sshpw.sshUserList
        ],
        ssh_keys=[(k.username, k.key) for k in handler.sshkey.sshUserList],
        only_disks=tuple(handler.ignoredisk.onlyuse or ()),
        ignored_disks=tuple(handler.ignoredisk.ignoredisk or ()),
        clear=clear.type == ks.CLEARPART_TYPE_ALL,
        clear_disks=tuple(clear.drives or ()),
        partitions=partitions,
        automatic=bool(handler.autopart.autopart),
        # Without the command pykickstart says "none", but an installer installs one unless it is told not to.
        bootloader=not loader.seen or (not loader.disabled and loader.location != "none"),
        kernel_arguments=loader.appendLine or "",
        menu_timeout=loader.timeout,
        packages=(*(f"@{g.name}" for g in handler.packages.groupList), *handler.packages.packageList),
        pre=_scripts(handler, ks.KS_SCRIPT_PRE),
        post=_scripts(handler, ks.KS_SCRIPT_POST),
        finish=finish,
        noted=noted,
    )


def read_kickstart(text: str, follow_includes: bool) -> Plan:
    """Read a kickstart; without its %include files, which %pre may still have to write, at first.

    Raises InstallError, which names the line where there is one.
    """
    return _plan(_read(text, follow_includes))
