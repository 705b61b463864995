# SPDX-License-Identifier: GPL-3.0-or-later
"""The bench's network: real switch, real uplink."""

from __future__ import annotations

import random
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from hwlab_emulator.network import hardware_address, network_card, switch_command, uplink_command
from hwlab_emulator.paths import BenchPaths
from hwlab_emulator.processes import running_pid, start, stop

from ..eventually import eventually


@pytest.fixture
def index() -> int:
    """A bench index whose addresses nobody uses, whatever else is tested on this machine now."""
    for candidate in random.sample(range(200, 255), 55):
        with socket.socket() as probe:
            if probe.connect_ex((f"127.77.{candidate}.10", 2222)) != 0:
                return candidate
    raise AssertionError("every index is in use")


@pytest.fixture
def network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, index: int) -> Iterator[BenchPaths]:
    monkeypatch.setenv("HWLAB_BENCHES", str(tmp_path))
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    paths = BenchPaths("n")
    for folder in (paths.sockets, paths.logs):
        folder.mkdir(parents=True)
    commands = {"switch": switch_command(paths), "uplink": uplink_command(paths, index)}
    for name, command in commands.items():
        start(command, paths.pid_file(name), paths.logs / f"{name}.log")
        if name == "switch":
            eventually((paths.sockets / "switch/ctl").exists, "the switch")
    yield paths
    for name in commands:
        stop(paths.pid_file(name))


def accepts(index: int, host: int, port: int) -> bool:
    try:
        socket.create_connection((f"127.77.{index}.{host}", port), 60).close()
    except ConnectionRefusedError:
        return False
    return True


def test_the_controller_reaches_what_is_forwarded_and_nothing_else(network: BenchPaths, index: int) -> None:
    eventually(lambda: accepts(index, 20, 2222), (network.logs / "uplink.log").read_text)
    wanted = {(10, 2222), (10, 8080), (10, 8443), (10, 6789), (11, 2222), (11, 13541), (20, 2222)}
    ports = {port for _, port in wanted}
    assert {
        (host, port) for host in (10, 11, 12, 20) for port in ports if accepts(index, host, port)
    } == wanted
    assert running_pid(network.pid_file("uplink"))


def test_the_switch_is_its_owners_alone(network: BenchPaths) -> None:
    assert (network.sockets / "switch/ctl").stat().st_mode & 0o077 == 0


def test_network_cards_differ_by_machine_only(network: BenchPaths) -> None:
    assert hardware_address("sut") == "52:54:00:77:00:20"
    card = network_card(network, "sut", "e1000e", ",bootindex=9")
    assert card[-1] == "e1000e,netdev=lan,mac=52:54:00:77:00:20,bootindex=9"
    assert str(network.sockets / "switch") in card[1]
