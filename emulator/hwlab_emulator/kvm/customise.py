# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes a PiKVM of the installed packages, and a disk of it.

It runs as root, as `python -m hwlab_emulator.kvm.customise TREE.tar.zst OUT KEYS`.
"""

from __future__ import annotations

import base64
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from hwlab_emulator.ext4 import make_ext4
from hwlab_emulator.initrd import root_initrd
from hwlab_emulator.kernel import copy_vmlinux
from hwlab_emulator.kvm import recipe
from hwlab_emulator.kvm.edid import default_edid, to_hex
from hwlab_emulator.kvm.machine import INITRD, KERNEL, ROOT_DISK

GUEST = Path(__file__).with_name("guest")


def _chroot(tree: Path, *command: str, stdin: str | None = None) -> None:
    subprocess.run(["chroot", str(tree), *command], input=stdin, text=True, check=True)


def _copy_guest_files(tree: Path) -> None:
    shutil.copytree(GUEST / "rootfs", tree, dirs_exist_ok=True, symlinks=True)
    ignore = shutil.ignore_patterns("rootfs", "__pycache__")
    shutil.copytree(GUEST, tree / recipe.GUEST_FOLDER, ignore=ignore, dirs_exist_ok=True)
    for name, module in recipe.COMMANDS.items():
        command = tree / "usr/bin" / name
        command.write_text(
            f'#!/bin/sh\nPYTHONPATH=/{recipe.GUEST_FOLDER} exec /usr/bin/python3 -m {module} "$@"\n'
        )
        command.chmod(0o755)
    _chroot(tree, "python3", "-m", "compileall", "-q", f"/{recipe.GUEST_FOLDER}")


def _secrets(tree: Path, keys: Path) -> None:
    _chroot(tree, "chpasswd", stdin="root:root\n")
    ssh = tree / "root/.ssh"
    ssh.mkdir(mode=0o700, exist_ok=True)
    shutil.copy(keys / "id_ed25519.pub", ssh / "authorized_keys")
    for old in (tree / "etc/ssh").glob("ssh_host_*"):
        old.unlink()
    for name, mode in (("ssh_host_ed25519_key", 0o600), ("ssh_host_ed25519_key.pub", 0o644)):
        shutil.copy(keys / "kvm" / name, tree / "etc/ssh" / name)
        (tree / "etc/ssh" / name).chmod(mode)
    salt = os.urandom(16)
    digest = base64.b64encode(hashlib.sha512(b"admin" + salt).digest() + salt).decode()
    htpasswd = tree / "etc/kvmd/htpasswd"
    htpasswd.write_text(f"admin:{{SSHA512}}{digest}\n")
    _chroot(tree, "chown", "kvmd:kvmd", "/etc/kvmd/htpasswd")
    htpasswd.chmod(0o600)
    (tree / "etc/kvmd/nginx/ssl").mkdir()
    pair = ("-keyout", "/etc/kvmd/nginx/ssl/server.key", "-out", "/etc/kvmd/nginx/ssl/server.crt")
    subject = ("-subj", "/CN=pikvm", "-days", "3650")
    _chroot(
        tree,
        *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"),
        *(*pair, *subject),
    )


def _system(tree: Path) -> None:
    (tree / "etc/hostname").write_text("pikvm\n")
    (tree / "etc/hosts").write_text("127.0.0.1 localhost\n127.0.1.1 pikvm\n")
    (tree / "etc/machine-id").write_text(hashlib.md5(b"hwlab virtual pikvm").hexdigest() + "\n")
    (tree / "etc/resolv.conf").unlink(missing_ok=True)
    (tree / "etc/kvmd/tc358743-edid.hex").write_text(to_hex(default_edid()))
    _chroot(tree, "systemd-sysusers")
    for folder in ("var/lib/kvmd/msd", "var/lib/private", "var/lib/dhcp"):
        (tree / folder).mkdir(parents=True, exist_ok=True)
    _chroot(tree, "systemctl", "mask", *recipe.MASKED_UNITS)
    _chroot(tree, "systemctl", "enable", *recipe.ENABLED_UNITS)


def main(packages: Path, out: Path, keys: Path) -> None:
    """Turn the archive of packages into out/vmlinux, initrd.img and root.raw, owned as `out` is."""
    with tempfile.TemporaryDirectory(dir=out) as folder:
        tree = Path(folder) / "tree"
        tree.mkdir()
        subprocess.run(["tar", "--numeric-owner", "-C", tree, "-xpf", packages], check=True)
        _copy_guest_files(tree)
        _system(tree)
        _secrets(tree, keys)
        copy_vmlinux(tree, out / KERNEL)
        (out / INITRD).write_bytes(root_initrd(tree))
        for path in (tree / "boot").iterdir():
            path.unlink()
        make_ext4(tree, out / ROOT_DISK, recipe.ROOT_MIB, "PIROOT")
    owner = out.stat()
    for path in out.iterdir():
        os.chown(path, owner.st_uid, owner.st_gid)


if __name__ == "__main__":
    main(*(Path(argument) for argument in sys.argv[1:4]))
