# SPDX-License-Identifier: GPL-3.0-or-later
"""What a bench is kept with: settings, programs, inventory."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from hwlab_emulator.cli import main
from hwlab_emulator.inventory import inventory_text
from hwlab_emulator.processes import remember, running_pid, start, stop
from hwlab_emulator.settings import BenchSettings, SettingsError, load_settings, make_settings

from ..eventually import eventually

LAB = Path(__file__).parents[2] / "inventories/lab/hosts.yml"


@pytest.fixture(autouse=True)
def _benches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HWLAB_BENCHES", str(tmp_path / "benches"))
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))


def test_the_lab_has_its_index_and_others_get_free_ones() -> None:
    assert [make_settings(name).index for name in ("two", "lab", "three", "two")] == [2, 1, 3, 2]


def test_a_bench_keeps_what_it_was_made_with() -> None:
    make_settings("big", 32)
    assert make_settings("big").chip_mib == 32
    assert load_settings("big") == BenchSettings(index=2, chip_mib=32)


@pytest.mark.parametrize("name", ["Lab", "../x", "", "a b", "x" * 21, ".build-kvm"])
def test_a_name_that_cannot_be(name: str) -> None:
    with pytest.raises(SettingsError, match="lower-case letters"):
        make_settings(name)


def test_a_chip_that_cannot_be() -> None:
    with pytest.raises(SettingsError, match="no chip of 8 MiB: choose 16 or 32"):
        make_settings("x", 8)


def test_a_program_is_found_by_its_pid_file_and_ended(tmp_path: Path) -> None:
    pid_file = tmp_path / "pid"
    pid = start([sys.executable, "-c", "import sys; sys.stdin.read()"], pid_file, tmp_path / "log")
    assert running_pid(pid_file) == pid
    assert os.getsid(pid) == pid
    assert stop(pid_file)
    assert not Path(f"/proc/{pid}").exists()
    assert not stop(pid_file)


def test_a_program_that_does_not_listen_is_ended_for_good(tmp_path: Path) -> None:
    code = "import signal, time; signal.signal(15, signal.SIG_IGN); print(flush=True); time.sleep(99)"
    pid_file, log = tmp_path / "pid", tmp_path / "log"
    start([sys.executable, "-c", code], pid_file, log)
    eventually(log.read_text, "its first line")
    assert stop(pid_file, patience=0.2)


def test_another_program_with_an_old_pid_is_left_alone(tmp_path: Path) -> None:
    pid_file = tmp_path / "pid"
    with subprocess.Popen(["sleep", "99"]) as other:
        remember(other.pid, pid_file)
        pid_file.write_text(f"{other.pid} 1")
        assert running_pid(pid_file) is None
        assert not stop(pid_file)
        assert other.poll() is None
        other.kill()


def test_the_committed_inventory_is_the_generated_one() -> None:
    assert LAB.read_text() == inventory_text("lab", BenchSettings(index=1))


def test_an_inventory_names_what_is_wired_to_what() -> None:
    groups = yaml.safe_load(inventory_text("two", BenchSettings(index=7, chip_mib=32)))["all"]["children"]
    sut = groups["suts"]["hosts"]["two"]
    for group in ("kvm", "flasher", "mains"):
        hosts = groups["mains" if group == "mains" else f"{group}s"]["hosts"]
        assert list(hosts) == [sut[f"sut_{group}"]]
    flasher = groups["flashers"]["hosts"]["two_flasher"]
    assert flasher["ansible_host"] == "127.77.7.11"
    assert (flasher["flasher_chip_voltage"], flasher["flasher_chip_size_mib"]) == ("1.8V", 32)


def test_the_command_says_what_is_wrong(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["status", "nobody"]) == 1
    assert "no bench 'nobody' (there are: none yet)" in capsys.readouterr().err
    make_settings("idle")
    assert main(["screenshot", "idle", "x.png"]) == 1
    assert "is the bench up?" in capsys.readouterr().err
    assert main(["down", "idle"]) == 0
    assert capsys.readouterr().out == "bench idle was down\n"


def test_hwlab_hands_over(tmp_path: Path) -> None:
    run = subprocess.run(
        [sys.executable, "-m", "hwlab.cli", "emulator", "inventory", "lab"],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "HWLAB_BENCHES": str(tmp_path)},
    )
    assert run.stdout == LAB.read_text()
    bad = subprocess.run([sys.executable, "-m", "hwlab.cli", "toaster"], capture_output=True, text=True)
    assert bad.returncode == 2
    assert "no part 'toaster'" in bad.stderr
