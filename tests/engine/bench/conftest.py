# SPDX-License-Identifier: GPL-3.0-or-later
"""A bench of stand-ins around a real session: ssh runs here, the agent moves nothing, a console is real
TCP."""

from __future__ import annotations

import contextlib
import json
import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.hwlab.sut.plugins.plugin_utils.bench.client import SessionClient, start_session
from ansible_collections.hwlab.sut.plugins.plugin_utils.bench.places import SessionPlace

from .stand_in_kvm import SSH, Kvm


@pytest.fixture
def config(tmp_path: Path, kvm: Kvm) -> dict[str, Any]:
    """A session's config for that KVM, nothing else wired."""
    ssh = {"host": "kvm", "executable": str(SSH)}
    return {
        "bench": "bench1",
        "runs": str(tmp_path / "runs"),
        "kvm": {"name": "pikvm1", "ssh": ssh, "lease": 30, "python": str(tmp_path / "agent-python")},
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
