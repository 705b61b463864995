# SPDX-License-Identifier: GPL-3.0-or-later
"""An operating system installed by the playbook on a virtual bench, after a killed and a failed run."""

from __future__ import annotations

import json
import time

import cv2
import pytest

from .bench_run import VirtualBench

pytestmark = pytest.mark.bench
#: A boot menu that never shows.
NO_SUCH_MENU = {"tags": ["login-prompt"], "timeout": 5, "edit_keys": [], "arguments": ""}


def test_a_killed_run_gives_the_bench_back(bench: VirtualBench) -> None:
    former = bench.kvm_state()
    run = bench.start()
    run.wait_for("Match the boot menu", 400)
    assert bench.kvm_state() != former
    run.kill()
    killed = time.monotonic()
    while (now := bench.kvm_state()) != former:
        assert time.monotonic() - killed < 60, f"not given back within a minute:\n{former}\nis now\n{now}"
        time.sleep(2)
    assert json.loads((run.folder / "run.json").read_text())["bench"] == bench.name
    assert (run.folder / "steps.jsonl").read_text()


def test_a_needle_that_never_matches_fails_at_its_timeout(bench: VirtualBench) -> None:
    former = bench.kvm_state()
    run = bench.start("-e", json.dumps({"boot_menu_profile": NO_SUCH_MENU}))
    assert run.wait(400) == 2
    assert "no needle with the tag login-prompt matched in 5 s" in " ".join(run.output.split())
    assert cv2.imread(str(run.folder / "failure.png")) is not None
    steps = [json.loads(line) for line in (run.folder / "steps.jsonl").read_text().splitlines()]
    assert [step["step"] for step in steps if not step["ok"]] == ["hwlab.sut.boot_menu : Match the boot menu"]
    assert bench.kvm_state() == former


def test_the_whole_story(bench: VirtualBench) -> None:
    former = bench.kvm_state()
    run = bench.start()
    assert run.wait(1500) == 0, run.output[-4000:]
    pictures = sorted((run.folder / "screens").glob("*.png"))
    for step in ("match-the-boot-menu", "see-the-edited-boot-entry", "the-installer-has-started", "login"):
        found = [picture for picture in pictures if step in picture.name]
        assert found, f"no picture of {step} among {[picture.name for picture in pictures]}"
        image = cv2.imread(str(found[0]))
        assert image is not None
        assert image.shape == (768, 1024, 3)
    serial = (run.folder / "serial" / "uart0.log").read_text()
    assert "kickstart: %pre runs" in serial
    assert "labsut login:" in serial
    timings = json.loads((run.folder / "timings.json").read_text())
    assert {"flash.write", "screen.wait", "console.wait"} <= {step["method"] for step in timings["steps"]}
    assert bench.kvm_state() == former
    assert "powered  False" in bench.status()
