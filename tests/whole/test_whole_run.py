# SPDX-License-Identifier: GPL-3.0-or-later
"""An operating system installed by the playbook on a virtual bench; a run killed half-way before it."""

from __future__ import annotations

import json
import signal
import time

import cv2
import pytest

from .bench_run import StartRun, board_status, on_kvm

pytestmark = pytest.mark.bench


def units() -> str:
    return on_kvm("systemctl", "is-active", "kvmd-otg", "kvmd-janus", "kvmd-nginx", "kvmd", "||", "true")


def test_a_killed_run_gives_the_bench_back(start: StartRun) -> None:
    former = units()
    run = start()
    run.wait_for("Match the boot menu", 400)
    run.process.send_signal(signal.SIGKILL)
    run.process.wait()
    killed = time.monotonic()
    while units() != former or "hwlab-bench" in on_kvm("systemctl", "list-units", "--no-legend", "hwlab-*"):
        assert time.monotonic() - killed < 60, "the KVM was not given back within a minute"
        time.sleep(2)
    record = json.loads((run.folder / "run.json").read_text())
    assert record["bench"] == "whole"
    assert (run.folder / "steps.jsonl").read_text()


def test_an_unknown_screen_fails_at_its_timeout(start: StartRun) -> None:
    run = start(
        "-e",
        '{"boot_menu_profile": {"tags": ["login-prompt"], "timeout": 5, "edit_keys": [], "arguments": ""}}',
    )
    assert run.wait(400) == 2
    assert "login-prompt" in run.output
    assert (run.folder / "failure.png").is_file()
    steps = [json.loads(line) for line in (run.folder / "steps.jsonl").read_text().splitlines()]
    assert any("error" in step for step in steps)


def test_the_whole_story(start: StartRun) -> None:
    run = start("-e", "keep_sut_on=false")
    assert run.wait(1500) == 0, run.output[-4000:]
    folder = run.folder
    pictures = sorted((folder / "screens").glob("*.png"))
    for step in ("boot-menu", "edited-boot-entry", "installer", "login"):
        found = [picture for picture in pictures if step in picture.name]
        assert found, f"no picture of {step} among {[picture.name for picture in pictures]}"
        image = cv2.imread(str(found[0]))
        assert image is not None
        assert image.shape == (768, 1024, 3)
    serial = (folder / "serial" / "uart0.log").read_text()
    assert "kickstart: %pre runs" in serial
    assert "labsut login:" in serial
    timings = json.loads((folder / "timings.json").read_text())
    assert timings
    assert "hwlab-bench" not in on_kvm("systemctl", "list-units", "--no-legend", "hwlab-*")
    assert "nothing" not in board_status()
