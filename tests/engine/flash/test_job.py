# SPDX-License-Identifier: GPL-3.0-or-later
"""Detached jobs, run by this machine's sh and setsid."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path

import pytest

from ansible_collections.hwlab.sut.plugins.plugin_utils.errors import InfrastructureError
from ansible_collections.hwlab.sut.plugins.plugin_utils.flash.job import Job
from ansible_collections.hwlab.sut.plugins.plugin_utils.power.timings import Clock

from ...eventually import eventually
from .local_host import LocalHost

SHORT = Clock(sleep=lambda seconds: time.sleep(min(seconds, 0.05)))


def job(host: LocalHost, folder: Path) -> Job:
    return Job(host, str(folder / "a job"), SHORT)


def test_status_and_log_come_back(host: LocalHost, tmp_path: Path) -> None:
    seen: list[str] = []
    one = job(host, tmp_path)
    one.start("sh -c 'echo begin; sleep 0.2; echo error >&2; exit 3'")
    assert one.wait(60, seen.append) == (3, "begin\nerror\n")
    assert "begin\n" in seen
    one.remove()
    assert not (tmp_path / "a job").exists()


def test_starting_twice_starts_once(host: LocalHost, tmp_path: Path) -> None:
    one = job(host, tmp_path)
    for _ in range(2):
        one.start(f"sh -c 'echo x >> {tmp_path}/count; sleep 0.1'")
    one.wait(60, lambda log: None)
    assert (tmp_path / "count").read_text() == "x\n"


def test_a_lost_connection_is_bridged(host: LocalHost, tmp_path: Path) -> None:
    one = job(host, tmp_path)
    host.lost = 1
    one.start("sleep 0.3")
    host.lost = 3
    assert one.wait(60, lambda log: None)[0] == 0
    assert host.lost == 0


def test_a_job_that_was_killed_is_not_waited_for(host: LocalHost, tmp_path: Path) -> None:
    one = job(host, tmp_path)
    one.start("sleep 60")
    one.kill()
    with pytest.raises(InfrastructureError, match="vanished without an exit status; was the host restarted"):
        one.wait(60, lambda log: None)


def test_a_job_that_takes_too_long_is_killed_with_its_children(host: LocalHost, tmp_path: Path) -> None:
    one = job(host, tmp_path)
    one.start("sh -c 'sleep 61; true'")
    with pytest.raises(InfrastructureError, match="had not ended after 0.2 s"):
        one.wait(0.2, lambda log: None)
    pid = (tmp_path / "a job" / "pid").read_text().strip()
    eventually(
        lambda: subprocess.run(["pgrep", "-g", pid], check=False).returncode == 1, "the children's end"
    )
