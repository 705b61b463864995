# SPDX-License-Identifier: GPL-3.0-or-later
"""A virtual bench of the tests' own, and the playbook run on it as a user runs it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
BENCH = "whole"


@dataclass
class Run:
    """A started playbook; its output is in `log`."""

    process: subprocess.Popen[bytes]
    log: Path
    runs: Path

    def wait(self, timeout: float) -> int:
        """The exit code; a playbook that takes longer is ended, and the test fails."""
        try:
            return self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            self.process.send_signal(signal.SIGINT)
            pytest.fail(f"the playbook did not end within {timeout} s:\n{self.output[-4000:]}")

    @property
    def output(self) -> str:
        return self.log.read_text()

    def wait_for(self, text: str, timeout: float) -> None:
        """Wait until the output has `text`."""
        deadline = time.monotonic() + timeout
        while text not in self.output:
            if self.process.poll() is not None or time.monotonic() > deadline:
                pytest.fail(f"{text!r} did not show within {timeout} s:\n{self.output[-4000:]}")
            time.sleep(0.2)

    @property
    def folder(self) -> Path:
        """The evidence of the run."""
        return (self.runs / "latest").resolve()


StartRun = Callable[..., Run]


@pytest.fixture(scope="session")
def inventory(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The inventory of a bench that is up, and goes down after the last test."""
    hwlab = str(BIN / "hwlab")
    subprocess.run([hwlab, "emulator", "up", BENCH], check=True)
    file = tmp_path_factory.mktemp("inventory") / "hosts.yml"
    file.write_bytes(subprocess.check_output([hwlab, "emulator", "inventory", BENCH]))
    yield file
    subprocess.run([hwlab, "emulator", "down", BENCH], check=True)


@pytest.fixture
def start(inventory: Path, tmp_path: Path) -> Iterator[StartRun]:
    """Starts the playbook with more variables, as `-e` takes them."""
    started: list[Run] = []

    def start_run(*arguments: str, runs: Path | None = None) -> Run:
        runs = runs or tmp_path / "runs"
        command = [
            *(str(BIN / "ansible-playbook"), "playbooks/qubes_install.yml", "-i", str(inventory)),
            *("-e", f"bench_runs_dir={runs}"),
            *("-e", f"bench_profile={ROOT}/inventories/profiles/lab_os"),
            *arguments,
        ]
        log = tmp_path / f"playbook-{len(started)}.log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT
            )
        started.append(Run(process, log, runs))
        return started[-1]

    yield start_run
    for run in started:
        if run.process.poll() is None:
            run.process.send_signal(signal.SIGINT)
            run.process.wait(60)


def board_status() -> str:
    """What the bench's board says of itself."""
    return subprocess.check_output([str(BIN / "hwlab"), "emulator", "status", BENCH], text=True)


def on_kvm(*command: str) -> str:
    """Output of a command on the bench's KVM."""
    shell = [str(BIN / "hwlab"), "emulator", "shell", BENCH, "kvm", *command]
    return subprocess.check_output(shell, text=True, env={**os.environ, "TERM": "dumb"})
