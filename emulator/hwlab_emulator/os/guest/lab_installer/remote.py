# SPDX-License-Identifier: GPL-3.0-or-later
"""The network while installing: the kickstart comes in over it, and inst.sshd lets people in."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from lab_installer.journal import InstallError
from lab_installer.plan import Account
from lab_installer.processes import call
from lab_installer.target import add_key

NETWORK = Path("/run/install/network")
SSHD_CONFIG = """\
HostKey /etc/ssh/ssh_host_ed25519_key
PermitRootLogin yes
PasswordAuthentication {passwords}
UsePAM no
PidFile /run/sshd.pid
Subsystem sftp internal-sftp
"""


def card() -> str:
    """Name of the first network card. Raises InstallError when there is none."""
    names = sorted(path.name for path in Path("/sys/class/net").iterdir() if path.name != "lo")
    if not names:
        raise InstallError("this machine has no network card that the installer knows")
    return names[0]


def mac_address() -> str:
    return Path("/sys/class/net", card(), "address").read_text().strip()


def wait_for_address(seconds: float = 60.0) -> str:
    """Wait for DHCP; return the address."""
    deadline = time.monotonic() + seconds
    while not NETWORK.exists():
        if time.monotonic() > deadline:
            raise InstallError(f"no DHCP server answered on {card()} within {seconds:.0f} s")
        time.sleep(0.1)
    return NETWORK.read_text().split()[1]


def fetch(url: str, say: Callable[[str], None], tries: int = 10) -> str:
    """Fetch a kickstart by HTTP or HTTPS, or from a file:/ of the medium; retries while the server is not
    there.
    """
    if url.startswith("file:"):
        try:
            return Path(url.removeprefix("file:")).read_text()
        except OSError as error:
            raise InstallError(f"inst.ks={url}: {error.strerror}") from error
    if not url.startswith(("http://", "https://")):
        raise InstallError(f"inst.ks={url}: only http://, https:// and file: are supported by this stand-in")
    # Loaded here: it brings TLS along, which takes seconds before the network is up anyway.
    import urllib.error
    import urllib.request

    problem = ""
    for number in range(1, tries + 1):
        try:
            with urllib.request.urlopen(url, timeout=10) as answer:
                text: str = answer.read().decode()
                return text
        except urllib.error.HTTPError as error:
            problem = f"the server answered {error.code} {error.reason}"
            if error.code < 500 and number >= 3:
                break
        except (urllib.error.URLError, OSError) as error:
            problem = str(getattr(error, "reason", error))
        except UnicodeDecodeError as error:
            raise InstallError(f"inst.ks={url}: this is no text: {error}") from error
        say(f"kickstart: try {number} of {tries} failed: {problem}")
        time.sleep(min(number, 5))
    raise InstallError(f"inst.ks={url} could not be fetched: {problem}")


def start_sshd(accounts: list[Account]) -> None:
    """Start sshd with the accounts of the kickstart's sshpw lines; without any, nobody can log in."""
    for account in accounts:
        home = Path("/root") if account.name == "root" else Path("/home", account.name)
        if account.name != "root" and not home.is_dir():
            call(["useradd", "-m", "-s", "/bin/bash", account.name])
        if account.password:
            encrypted = ["-e"] if account.password.encrypted else []
            call(["chpasswd", *encrypted], f"{account.name}:{account.password.text}\n")
        for key in account.keys:
            home.mkdir(mode=0o700, exist_ok=True)
            add_key(home, key)
            if account.name != "root":
                call(["chown", "-R", f"{account.name}:", str(home / ".ssh")])
    key_file = Path("/etc/ssh/ssh_host_ed25519_key")
    if not key_file.exists():
        call(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "root@installer", "-f", str(key_file)])
    config = Path("/etc/ssh/sshd_config.installer")
    passwords = any(account.password for account in accounts)
    config.write_text(SSHD_CONFIG.format(passwords="yes" if passwords else "no"))
    if Path("/run/sshd.pid").exists():
        subprocess.run(["kill", Path("/run/sshd.pid").read_text().strip()], check=False)
    call(["/usr/sbin/sshd", "-f", str(config)])


def host_key() -> str:
    """The installer's ssh host key as known_hosts takes it."""
    return " ".join(Path("/etc/ssh/ssh_host_ed25519_key.pub").read_text().split()[:2])
