# SPDX-License-Identifier: GPL-3.0-or-later
"""Hosts over ssh, with a real sshd on loopback."""

from __future__ import annotations

import asyncio
import dataclasses
import getpass
import os
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from ansible_collections.hwlab.sut.plugins.plugin_utils.errors import InfrastructureError
from ansible_collections.hwlab.sut.plugins.plugin_utils.ssh import SshTarget
from ansible_collections.hwlab.sut.plugins.plugin_utils.ssh_askpass import askpass_environment

from ...eventually import eventually
from ...free_port import free_port, listens


@pytest.fixture
def host(tmp_path: Path) -> Iterator[SshTarget]:
    """A host that lets us in with a key, and whose own key is known."""
    for name in ("host", "client"):
        subprocess.run(
            ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(tmp_path / name)], check=True
        )
    port = free_port()
    (tmp_path / "config").write_text(
        f"ListenAddress 127.0.0.1\nPort {port}\nHostKey {tmp_path}/host\nPidFile none\nUsePAM no\n"
        f"AuthorizedKeysFile {tmp_path}/client.pub\nStrictModes no\n"
    )
    Path("/run/sshd").mkdir(exist_ok=True)
    log = open(tmp_path / "sshd.log", "w")  # noqa: SIM115 - sshd's own for its life
    server = subprocess.Popen(["/usr/sbin/sshd", "-D", "-e", "-f", str(tmp_path / "config")], stderr=log)
    eventually(lambda: listens(port), "sshd's port")
    host_key = (tmp_path / "host.pub").read_text().split()
    (tmp_path / "known_hosts").write_text(f"[127.0.0.1]:{port} {host_key[0]} {host_key[1]}\n")
    yield SshTarget(
        name="rte1",
        host="127.0.0.1",
        port=port,
        user=getpass.getuser(),
        key_file=str(tmp_path / "client"),
        known_hosts=str(tmp_path / "known_hosts"),
    )
    server.terminate()
    server.wait()
    log.close()


def test_a_command_gets_its_input_and_gives_its_output(host: SshTarget) -> None:
    done = host.run("cat; echo bad >&2; exit 0", input=b"\x00\xffbytes")
    assert (done.stdout, done.stderr) == (b"\x00\xffbytes", b"bad\n")
    assert host.run(["printf", "%s", "two words; $HOME"]).text == "two words; $HOME"
    assert asyncio.run(host.run_async("cat", input=b"x" * 300_000)).stdout == b"x" * 300_000


def test_a_failed_command_tells_host_status_and_words(host: SshTarget) -> None:
    with pytest.raises(
        InfrastructureError, match="rte1: `echo no chip >&2; exit 3` ended with status 3: no chip"
    ):
        host.run("echo no chip >&2; exit 3")
    assert host.run("exit 3", check=False).returncode == 3


def test_a_command_that_hangs_is_given_up(host: SshTarget) -> None:
    with pytest.raises(InfrastructureError, match="had not ended after 0.5 s"):
        host.run("sleep 30", timeout=0.5)
    with pytest.raises(InfrastructureError, match="had not ended after 0.5 s"):
        asyncio.run(host.run_async("sleep 30", timeout=0.5))


def test_a_file_arrives_whole_or_not_at_all(host: SshTarget, tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.write_bytes(os.urandom(3_000_000))
    sent: list[int] = []
    host.copy_to(source, f"{tmp_path}/it's here", on_bytes=sent.append)
    assert (tmp_path / "it's here").read_bytes() == source.read_bytes()
    assert sent[-1] == 3_000_000
    (tmp_path / "full.part").symlink_to("/dev/full")
    with pytest.raises(InfrastructureError, match="No space left"):
        host.copy_to(source, f"{tmp_path}/full")
    assert not (tmp_path / "full").exists()
    with pytest.raises(InfrastructureError, match="no/such"):
        host.copy_to(source, f"{tmp_path}/no/such")


def test_a_connection_is_shared_and_closed(host: SshTarget) -> None:
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        shared = dataclasses.replace(host, control_folder=folder)
        shared.run("true")
        assert len(os.listdir(folder)) == 1
        assert shared.run("echo again").text == "again\n"
        shared.close()
        assert os.listdir(folder) == []


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"port": 9}, "cannot reach rte1 .*nothing listens on port 9"),
        (
            {"known_hosts": "/dev/null"},
            r"host key is not recorded.*ssh-keyscan -p \d+ 127.0.0.1 >> /dev/null",
        ),
        ({"key_file": "/dev/null"}, "refuses the login"),
        ({"host": "nowhere.invalid"}, "nowhere.invalid does not resolve: check ansible_host"),
        ({"executable": "/no/ssh"}, "no such program on the controller"),
    ],
)
def test_what_went_wrong_is_said_with_what_to_try(
    host: SshTarget, change: dict[str, object], words: str
) -> None:
    with pytest.raises(InfrastructureError, match=words):
        dataclasses.replace(host, **change).run("true")  # type: ignore[arg-type]


def test_a_password_is_in_no_argument_and_not_shown(host: SshTarget) -> None:
    target = dataclasses.replace(host, password="secret words")
    assert "secret words" not in " ".join(target.argv("true"))
    assert "secret words" not in repr(target)
    environment = askpass_environment("secret words")
    said = subprocess.run([environment["SSH_ASKPASS"], "Password:"], env=environment, capture_output=True)
    assert said.stdout == b"secret words\n"
    assert "HWLAB_SSH_PASSWORD" not in askpass_environment(None)
