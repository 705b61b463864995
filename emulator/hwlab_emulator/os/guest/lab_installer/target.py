# SPDX-License-Identifier: GPL-3.0-or-later
"""The installed system: unpacked, named, given its accounts and its boot loader."""

from __future__ import annotations

import ipaddress
import os
import subprocess
import threading
import uuid
from collections.abc import Callable
from pathlib import Path

from lab_installer.journal import InstallError
from lab_installer.plan import Account, Plan
from lab_installer.processes import ROOT, call

MEDIUM = Path("/run/install/medium")
BOUND = ("dev", "proc", "sys", "run")


def unpack(on_progress: Callable[[float], None]) -> None:
    """Unpack the system onto the mounted file systems; `on_progress` is told the done part, 0 to 1."""
    source = MEDIUM / "lab/system.squashfs"
    whole = int((MEDIUM / "lab/system.size").read_text())
    before = _used()
    command = ["unsquashfs", "-f", "-no-progress", "-quiet", "-d", ROOT, str(source)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    done = threading.Event()

    def watch() -> None:
        while not done.wait(1.0):
            on_progress(min((_used() - before) / whole, 0.99))

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    said, _ = process.communicate()
    done.set()
    watcher.join()
    if process.returncode:
        raise InstallError(f"unpacking the system failed: {' / '.join(said.strip().splitlines()[-3:])}")
    on_progress(1.0)


def _used() -> int:
    stat = os.statvfs(ROOT)
    return (stat.f_blocks - stat.f_bfree) * stat.f_frsize


def _write(path: str, text: str, mode: int = 0o644) -> None:
    target = Path(ROOT, path)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text)
    target.chmod(mode)


def configure(plan: Plan, fstab: str, mac: str) -> None:
    """Write what makes this installation its own: names, network, keys, time, language."""
    _write("etc/fstab", fstab)
    _write("etc/hostname", f"{plan.hostname}\n")
    _write("etc/hosts", f"127.0.0.1 localhost\n127.0.1.1 {plan.hostname}\n::1 localhost\n")
    _write("etc/machine-id", f"{uuid.uuid4().hex}\n", 0o444)
    _write("etc/locale.conf", f"LANG={plan.language}\n")
    _write("etc/vconsole.conf", f"KEYMAP={plan.keyboard}\n")
    zone = Path(ROOT, "etc/localtime")
    zone.unlink(missing_ok=True)
    zone.symlink_to(f"/usr/share/zoneinfo/{plan.timezone}")
    _write("etc/systemd/network/10-installed.network", network_unit(plan, mac))
    if plan.network.nameservers:
        _write("etc/resolv.conf", "".join(f"nameserver {item}\n" for item in plan.network.nameservers))
    call(
        [
            "ssh-keygen",
            "-q",
            "-t",
            "ed25519",
            "-N",
            "",
            "-C",
            f"root@{plan.hostname}",
            "-f",
            f"{ROOT}/etc/ssh/ssh_host_ed25519_key",
        ]
    )
    if plan.root_ssh_password:
        _write("etc/ssh/sshd_config.d/01-permitrootlogin.conf", "PermitRootLogin yes\n")


def network_unit(plan: Plan, mac: str) -> str:
    """The systemd.network(5) file of the card that the installation went over."""
    net = plan.network
    lines = ["[Match]", f"MACAddress={mac}", "", "[Network]"]
    if net.address is None:
        lines.append("DHCP=ipv4")
    else:
        lines.append(f"Address={ipaddress.ip_interface(f'{net.address}/{net.netmask}').with_prefixlen}")
        lines += [f"Gateway={net.gateway}"] if net.gateway else []
        lines += [f"DNS={server}" for server in net.nameservers]
    return "\n".join([*lines, "LinkLocalAddressing=no", "IPv6AcceptRA=no", ""])


def add_accounts(plan: Plan) -> None:
    """Set root's password and keys and add the users."""
    root = Account("root", plan.root_password)
    for account in (root, *plan.users):
        if account.name != "root":
            more = [item for group in account.groups for item in ("-G", group)]
            more += ["-d", account.home] if account.home else []
            more += ["-u", str(account.uid)] if account.uid else []
            call(
                ["useradd", "-m", "-s", account.shell, "-c", account.gecos, *more, account.name], chroot=True
            )
        if account.password:
            encrypted = ["-e"] if account.password.encrypted else []
            call(["chpasswd", *encrypted], f"{account.name}:{account.password.text}\n", chroot=True)
    for name, key in plan.ssh_keys:
        home = Path(ROOT, "root") if name == "root" else Path(ROOT, "home", name)
        if not home.is_dir():
            raise InstallError(f"kickstart: sshkey --username={name}: there is no such user")
        add_key(home, key)
        if name != "root":
            call(["chown", "-R", f"{name}:", f"/home/{name}/.ssh"], chroot=True)


def add_key(home: Path, key: str) -> None:
    """Let `key` log in to the account whose home folder is given."""
    folder = home / ".ssh"
    folder.mkdir(mode=0o700, exist_ok=True)
    with (folder / "authorized_keys").open("a") as file:
        file.write(key.strip() + "\n")
    (folder / "authorized_keys").chmod(0o600)


def bind_system() -> None:
    """Give the installed system's root the running kernel's file systems, for chroot."""
    for name in BOUND:
        Path(ROOT, name).mkdir(exist_ok=True)
        call(["mount", "--rbind", f"/{name}", f"{ROOT}/{name}"])
