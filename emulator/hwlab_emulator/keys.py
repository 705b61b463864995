# SPDX-License-Identifier: GPL-3.0-or-later
"""ssh keys of the virtual benches: a pair for the controller, a host key for each machine with an image.

They are made once on the machine that builds the images and never leave it; the images carry them, so that
host keys are known before a machine was ever reached.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

from hwlab_emulator.cache import built
from hwlab_emulator.paths import SSH_PORT, loopback_address

#: Machines whose image carries a host key of ours (the SUT's system makes its own when it is installed).
HOSTS = ("kvm", "flasher")
CLIENT_KEY = "id_ed25519"
HOST_KEY = "ssh_host_ed25519_key"


def _generate(path: Path, comment: str) -> None:
    path.parent.mkdir(exist_ok=True)
    command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", comment, "-f", str(path)]
    subprocess.run(command, check=True)


def _build(folder: Path) -> None:
    _generate(folder / CLIENT_KEY, "hwlab virtual bench")
    for host in HOSTS:
        _generate(folder / host / HOST_KEY, f"hwlab {host}")


def bench_keys() -> Path:
    """Return the cached folder of keys.

    `id_ed25519` and `id_ed25519.pub` are the controller's pair (the public one belongs into root's
    authorized_keys of every image); `kvm/ssh_host_ed25519_key[.pub]` and `flasher/...` go to /etc/ssh.
    """
    return built("keys", ["1"], _build)


def write_known_hosts(path: Path, index: int) -> None:
    """Write the known_hosts of bench `index`: its machines under the controller's loopback addresses.

    The form is that of sshd(8), SSH_KNOWN_HOSTS FILE FORMAT: "[address]:port keytype key".
    """
    keys = bench_keys()
    lines = []
    for host in HOSTS:
        kind, key = (keys / host / f"{HOST_KEY}.pub").read_text().split()[:2]
        lines.append(f"[{loopback_address(index, host)}]:{SSH_PORT} {kind} {key}\n")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(lines))
