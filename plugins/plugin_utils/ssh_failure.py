# SPDX-License-Identifier: GPL-3.0-or-later
"""What the OpenSSH client's words mean for the owner of the lab, and what to try."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ansible_collections.hwlab.sut.plugins.plugin_utils.ssh import SshTarget

#: Part of ssh's message (lower case) -> what to try. Wording of OpenSSH 8 to 10, first match wins.
_ADVICE: tuple[tuple[str, str], ...] = (
    (
        "remote host identification has changed",
        "its host key is another one than recorded: if the machine was reinstalled, remove the old key with "
        "`ssh-keygen -f {known_hosts} -R '[{host}]:{port}'` and record the new one",
    ),
    (
        "host key verification failed",
        "its host key is not recorded: compare its fingerprint, then "
        "`ssh-keyscan -p {port} {host} >> {known_hosts}`",
    ),
    ("no matching host key", "the two sides share no host key type: see HostKeyAlgorithms in ssh_config(5)"),
    (
        "permission denied",
        "it refuses the login of {user} with {login}: check ansible_user, the key or the password",
    ),
    ("could not resolve hostname", "the name {host} does not resolve: check ansible_host"),
    (
        "connection refused",
        "nothing listens on port {port}: is it still booting, is sshd running, is ansible_port right?",
    ),
    ("no route to host", "there is no route to it: is it powered and on the network?"),
    ("network is unreachable", "there is no route to it: check the controller's own network"),
    ("timed out", "it does not answer: is it powered and on the network, is {host} its address?"),
    ("not responding", "it stopped answering: did it reboot or lose its network?"),
    (
        "too many authentication failures",
        "the agent offers too many keys: name one in ansible_ssh_private_key_file",
    ),
    (
        "unprotected private key file",
        "ssh refuses the key file because others may read it: chmod 600 {key_file}",
    ),
    ("connection closed", "it closed the connection: it may be rebooting, or its sshd has too many sessions"),
    ("connection reset", "it closed the connection: it may be rebooting, or its sshd has too many sessions"),
    ("broken pipe", "the connection went away: did it reboot or lose its network?"),
)


def explain(target: SshTarget, stderr: str) -> str:
    """One message for a failed connection: the host, what ssh said, what to try."""
    words = " ".join(line.strip() for line in stderr.splitlines() if line.strip("@ \r"))
    advice = next(
        (text for part, text in _ADVICE if part in words.lower()), "try `ssh -p {port} {user}@{host}` by hand"
    )
    login = f"the key {target.key_file}" if target.key_file else "the keys ssh found"
    if target.password is not None:
        login += " and the password given"
    return (
        f"cannot reach {target.name} ({target.user}@{target.host}, port {target.port}): "
        + advice.format(
            host=target.host,
            port=target.port,
            user=target.user,
            login=login,
            key_file=target.key_file,
            known_hosts=target.known_hosts or "~/.ssh/known_hosts",
        )
        + (f". ssh said: {words[-400:]}" if words else "")
    )
