# SPDX-License-Identifier: GPL-3.0-or-later
"""A whole virtual bench, brought up for these tests and seen as a controller sees it."""

from __future__ import annotations

import asyncio
import json
import shutil
import socket
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from hwlab_emulator.bench import PROGRAMS, Bench, down, up
from hwlab_emulator.board.control import call
from hwlab_emulator.paths import SSH_PORT, loopback_address

pytestmark = pytest.mark.bench
PROGRAMMER = "linux_spi:dev=/dev/spidev1.0,spispeed=16000"


@pytest.fixture(scope="module")
def bench() -> Iterator[Bench]:
    made = up("selftest")
    yield made
    down("selftest")
    shutil.rmtree(made.paths.root)


def ssh(bench: Bench, machine: str, command: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    root = bench.paths.root
    options = ["-o", f"UserKnownHostsFile={root / 'known_hosts'}", "-o", "StrictHostKeyChecking=yes"]
    target = [f"root@{loopback_address(bench.settings.index, machine)}", "-p", str(SSH_PORT)]
    line = ["ssh", "-o", "BatchMode=yes", "-i", str(root / "id_ed25519"), *options, *target, command]
    return subprocess.run(line, input=stdin, capture_output=True, timeout=300)


def http(bench: Bench, machine: str, path: str, method: str = "GET", body: object = None) -> Any:
    url = f"http://{loopback_address(bench.settings.index, machine)}{path}"
    data = None if body is None else json.dumps(body).encode()
    with urllib.request.urlopen(urllib.request.Request(url, data, method=method), timeout=10) as answer:
        return json.load(answer)


def line(bench: Bench, number: int, state: int, seconds: int = 0) -> None:
    http(bench, "flasher", f":8000/api/v1/gpio/{number}", "PATCH", {"state": state, "time": seconds})


def status(bench: Bench) -> dict[str, Any]:
    answer: dict[str, Any] = asyncio.run(call(bench.paths.socket("board"), "status"))
    return answer


def until(true: Callable[[], bool], timeout: float) -> None:
    deadline = time.monotonic() + timeout
    while not true():
        assert time.monotonic() < deadline, "it never came"
        time.sleep(0.2)


def test_both_machines_answer_ssh_with_their_own_keys_and_the_right_time(bench: Bench) -> None:
    for machine, name in (("kvm", "pikvm"), ("flasher", "flasher")):
        answer = ssh(bench, machine, "hostname; date +%s").stdout.decode().split()
        assert answer[0] == name
        assert abs(int(answer[1]) - time.time()) < 30


def test_the_flasher_has_no_python(bench: Bench) -> None:
    assert ssh(bench, "flasher", "command -v python3 python").returncode != 0


def test_machines_see_each_other_and_nothing_outside(bench: Bench) -> None:
    assert ssh(bench, "kvm", "ping -c 1 -W 5 10.77.0.11").returncode == 0
    with socket.create_server(("127.0.0.1", 0)) as listener:
        # Without restrict=on, slirp takes its own address for the controller's loopback.
        port = listener.getsockname()[1]
        code = f"import socket; socket.create_connection(('10.77.0.2', {port}), 3)"
        assert ssh(bench, "kvm", f'python3 -c "{code}"').returncode == 1


def test_who_asks_by_dhcp_gets_the_suts_address(bench: Bench) -> None:
    answer = ssh(bench, "flasher", "busybox udhcpc -f -q -n -i eth0 -s /bin/true")
    assert b"lease of 10.77.0.20 obtained" in answer.stderr + answer.stdout


def test_the_chip_is_written_and_read_with_the_mains_cut(bench: Bench) -> None:
    flashrom = f"flashrom -p {PROGRAMMER}"
    absent = ssh(bench, "flasher", f"{flashrom} -r /tmp/read.rom")
    assert absent.returncode == 1
    assert b"No EEPROM/flash device found" in absent.stdout + absent.stderr
    http(bench, "mains", ":8080/cm?cmnd=Power%20off")
    for number in (2, 3, 1):
        line(bench, number, 1)
    until(lambda: status(bench)["chip"] == "at the flasher", 10)
    image = (bench.paths.root / "firmware.rom").read_bytes()
    assert ssh(bench, "flasher", "cat > /data/write.rom", image).returncode == 0
    written = ssh(bench, "flasher", f"{flashrom} -w /data/write.rom && {flashrom} -v /data/write.rom")
    assert written.returncode == 0, written.stdout
    for number in (1, 3, 2):
        line(bench, number, 0)
    assert (bench.paths.root / "chip.bin").read_bytes() == image
    http(bench, "mains", ":8080/cm?cmnd=Power%20on")
    assert not status(bench)["powered"]


def test_the_sut_shows_its_picture_to_the_kvm_and_is_switched_off(bench: Bench, tmp_path: Path) -> None:
    query = "v4l2-ctl -d /dev/kvmd-video --query-dv-timings"
    assert ssh(bench, "kvm", query).returncode != 0
    line(bench, 9, 1, 1)
    until(lambda: status(bench)["picture"] == [1280, 720], 120)
    assert http(bench, "flasher", ":8000/api/v1/gpio/13")["state"] == 1
    assert b"Active width: 1280" in ssh(bench, "kvm", query).stdout
    picture = tmp_path / "screen.png"
    asyncio.run(call(bench.paths.socket("board"), "screenshot", file=str(picture)))
    assert picture.read_bytes().startswith(b"\x89PNG")
    time.sleep(1.2)
    line(bench, 9, 1, 6)
    until(lambda: not status(bench)["powered"], 8)
    until(lambda: ssh(bench, "kvm", query).returncode != 0, 10)
    time.sleep(2)


def test_the_serial_line_brings_what_comes_while_somebody_listens(bench: Bench) -> None:
    with socket.socket(socket.AF_UNIX) as sut:
        sut.connect(str(bench.paths.socket("serial")))
        sut.sendall(b"before\r\n" * 50)
        time.sleep(1)
        flasher = loopback_address(bench.settings.index, "flasher")
        with socket.create_connection((flasher, 13541), 5) as telnet:
            time.sleep(1)
            sut.sendall(b"while somebody listens\r\n")
            seen = b""
            telnet.settimeout(10)
            while not seen.endswith(b"listens\r\n"):
                seen += telnet.recv(4096)
            assert b"before" not in seen
            telnet.sendall(b"typed\r")
            sut.settimeout(10)
            typed = b""
            while len(typed) < len(b"typed\r"):
                typed += sut.recv(100)
            assert typed == b"typed\r"


def test_a_half_dead_bench_is_repaired(bench: Bench) -> None:
    pids = bench.pids()
    subprocess.run(["kill", "-9", str(pids["board"]), str(pids["flasher"])], check=True)
    until(lambda: not bench.pids()["flasher"], 5)
    up("selftest")
    again = bench.pids()
    assert all(again[program] for program in PROGRAMS)
    assert again["kvm"] == pids["kvm"]
    assert ssh(bench, "flasher", "true").returncode == 0


def test_two_benches_do_not_meet(bench: Bench) -> None:
    other = up("selftest2")
    try:
        assert other.settings.index != bench.settings.index
        http(other, "mains", ":8080/cm?cmnd=Power%20off")
        assert (status(bench)["mains"], status(other)["mains"]) == (True, False)
        ssh(other, "flasher", "touch /tmp/other")
        assert ssh(bench, "flasher", "ls /tmp/other").returncode != 0
    finally:
        assert set(down("selftest2")) == set(PROGRAMS)
        shutil.rmtree(other.paths.root)
    assert all(bench.pids()[program] for program in PROGRAMS)
