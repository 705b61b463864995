# SPDX-License-Identifier: GPL-3.0-or-later
"""A bench of stand-ins around a real session: ssh runs here, the agent moves nothing, a console is real
TCP."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.hwlab.sut.plugins.plugin_utils.bench.client import SessionClient, start_session
from ansible_collections.hwlab.sut.plugins.plugin_utils.bench.places import SessionPlace

HERE = Path(__file__).parent


def eventually(test: Callable[[], object], seconds: float = 10.0) -> object:
    """The first true value of `test`; fails the test when there is none in time."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if value := test():
            return value
        time.sleep(0.05)
    raise AssertionError(f"not within {seconds} s")


class Kvm:
    """The stand-in KVM's folder."""

    def __init__(self, root: Path) -> None:
        self.root = root
        (root / "run").mkdir(parents=True)
        (root / "boot_id").write_text("first-boot\n")
        self.answers({})

    def answers(self, values: dict[str, Any]) -> None:
        """What the agent answers to methods, instead of nothing in particular."""
        (self.root / "answers.json").write_text(json.dumps(values))

    def calls(self, method: str) -> list[dict[str, Any]]:
        """Params of all calls of `method` so far."""
        lines = (self.root / "calls").read_text().splitlines() if (self.root / "calls").exists() else []
        return [params for name, params in map(json.loads, lines) if name == method]

    @property
    def given_back(self) -> str:
        """Why the agent gave back; empty while it has not."""
        path = self.root / "given_back"
        return path.read_text() if path.exists() else ""

    def cut_link(self) -> None:
        """End the `attach` that the session talks through."""
        for line in subprocess.run(
            ["ps", "-eo", "pid,args"], capture_output=True, text=True
        ).stdout.splitlines():
            pid, _, words = line.strip().partition(" ")
            if f"{self.root}/run/agent.pyz attach" in words and "fake_agent" in words:
                os.kill(int(pid), signal.SIGKILL)

    def agent_pid(self) -> int:
        return int(json.loads((self.root / "agent.json").read_text())["pid"])

    def power_cut(self) -> None:
        """The agent dies with all it had, and the KVM comes up again."""
        with contextlib.suppress(OSError, ValueError, KeyError):
            os.kill(self.agent_pid(), signal.SIGKILL)
        for name in ("agent.json", "agent.sock"):
            (self.root / name).unlink(missing_ok=True)
        (self.root / "boot_id").write_text("second-boot\n")


@pytest.fixture
def kvm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Kvm]:
    root = tmp_path / "kvm"
    root.mkdir()
    monkeypatch.setenv("KVM_ROOT", str(root))
    monkeypatch.setenv("HWLAB_SESSIONS", str(tmp_path / "s"))
    python = tmp_path / "agent-python"
    python.write_text(f'#!/bin/sh\nexec {sys.executable} {HERE / "fake_agent.py"} "$@"\n')
    python.chmod(0o700)
    stand_in = Kvm(root)
    yield stand_in
    stand_in.power_cut()


@pytest.fixture
def config(tmp_path: Path, kvm: Kvm) -> dict[str, Any]:
    """A session's config for that KVM, nothing else wired."""
    ssh = {"host": "kvm", "executable": str(HERE / "ssh_stand_in.sh")}
    return {
        "bench": "bench1",
        "runs": str(tmp_path / "runs"),
        "kvm": {"name": "pikvm1", "ssh": ssh, "lease": 5, "python": str(tmp_path / "agent-python")},
    }


@pytest.fixture
def session(config: dict[str, Any]) -> Iterator[Callable[..., SessionClient]]:
    """Starts sessions; those still running at the end are ended."""
    benches: set[str] = set()

    def start(owner_pid: int | None = os.getpid(), **changes: Any) -> SessionClient:  # noqa: B008
        wanted = config | changes
        benches.add(wanted["bench"])
        return start_session(wanted, owner_pid=owner_pid, timeout=30)

    yield start
    for bench in benches:
        place = SessionPlace(bench)
        with contextlib.suppress(OSError, ValueError):
            pid = int(json.loads(place.papers.read_text())["pid"])
            if place.socket.exists():
                os.kill(pid, signal.SIGKILL)


@pytest.fixture
def run_folder(tmp_path: Path) -> Path:
    """The newest run's folder, through its link."""
    return tmp_path / "runs" / "latest"
