# SPDX-License-Identifier: GPL-3.0-or-later
"""A virtual bench of the tests' own, and the playbook run on it as a user runs it."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from .bench_run import BENCH, BIN, ROOT, Run, StartRun


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
