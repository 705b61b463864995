# SPDX-License-Identifier: GPL-3.0-or-later
"""The steps as users run them: ansible-playbook, a real session behind it."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from ansible_collections.hwlab.sut.plugins.plugin_utils.bench.client import find_session

from ...eventually import eventually
from ..bench.stand_in_kvm import Kvm
from .lab import Lab

KICKSTART = "lang en_US.UTF-8\nrootpw --lock\n"


def step(name: str, register: str = "", **options: Any) -> dict[str, Any]:
    task = {"name": f"step {name}", f"hwlab.sut.{name}": options}
    return task | ({"register": register} if register else {})


def test_a_run(lab: Lab, kvm: Kvm) -> None:
    lab.board.gpio[13] = 1
    kvm.answers(
        {
            "video.info": {"signal": False},
            "store.list": {
                "folder": "/msd",
                "free": 1,
                "images": [{"name": "live.iso", "path": "/msd/live.iso", "size": 1, "complete": True}],
            },
        }
    )
    sha256 = hashlib.sha256(lab.firmware.read_bytes()).hexdigest()
    (lab.folder / "sums").write_text(f"{'0' * 64}  other.rom\n{sha256}  firmware.rom\n")
    firmware = {"image": str(lab.firmware), "sha256": str(lab.folder / "sums")}
    status, output, results = lab.play(
        [
            step("session", "taken", kickstart=KICKSTART, runs_dir="evidence"),
            step("session", "again"),
            step("power", "off", state="forced_off"),
            step("power", "still_off", state="off"),
            step("flash", "written", **firmware),
            step("flash", "held", **firmware),
            step("usb_gadget", "gadget", storage=[{"image": "live.iso"}], resolution="1024x768"),
            step("session", "checked", state="checked"),
            step("power", "on", state="on"),
            step("power_info", "info"),
            step("keyboard", "typed", text="inst.sshd {{ 1 + 1 }}", enter=True),
            step("mouse", "moved", x=10, y=20, click="left"),
            step("media", "ejected", state="ejected"),
            step("session", "given_back", state="absent"),
            step("session", "twice", state="absent"),
        ]
    )
    assert status == 0, output
    assert results["taken"]["changed"] is True
    assert results["taken"]["checked"] == ["kickstart", "power", "kvm", "flasher", "flasher_api", "mains"]
    run = Path(results["taken"]["run_dir"])
    assert run.parent == lab.folder / "evidence"
    assert (results["again"]["changed"], results["again"]["run_dir"]) == (False, str(run))
    assert results["off"]["actions"] == ["power button pressed for 1 s"]
    assert (results["still_off"]["changed"], results["still_off"]["actions"]) == (False, [])
    assert (results["written"]["changed"], results["written"]["outcome"]) == (True, "written")
    assert lab.chip.read_bytes() == lab.firmware.read_bytes()
    assert "VERIFIED" in Path(results["written"]["log"]).read_text()
    assert (results["held"]["changed"], results["held"]["outcome"]) == (False, "held")
    assert lab.board.mains is True
    assert [lab.board.gpio[line] for line in (1, 2, 3)] == [0, 0, 0]
    assert kvm.calls("gadget.up")[0]["storage"] == [{"path": "/msd/live.iso", "cdrom": False, "ro": True}]
    assert results["checked"]["gadget"]["up"] is True
    assert (results["on"]["state"], results["info"]["state"]) == ("on", "on")
    assert kvm.calls("input.type")[0]["text"] == "inst.sshd 2"
    assert results["typed"]["characters"] == 11
    assert (results["moved"]["x"], results["moved"]["changed"]) == (10, True)
    assert results["given_back"]["summary"][1].startswith(str(run))
    assert results["twice"] == {"changed": False, "failed": False}
    assert "bench1: power button pressed for 1 s" in output
    steps = [json.loads(line)["step"] for line in (run / "steps.jsonl").read_text().splitlines()]
    assert steps[0] == "step power"


def test_a_chip_in_doubt_gets_no_power_until_it_is_flashed(lab: Lab) -> None:
    """What a flash leaves that was killed: the mark, and SPI lines that nobody released."""
    (lab.folder / "marks").mkdir()
    (lab.folder / "marks" / "bench1.unverified").write_text("old.rom was being written\n")
    lab.board.gpio |= {1: 1, 3: 1}
    status, output, results = lab.play(
        [
            step("session"),
            step("power", "refused", state="on") | {"ignore_errors": True},
            step("flash", "flash", image=str(lab.firmware)),
            step("power", "on", state="on"),
            step("session", state="absent"),
        ]
    )
    assert status == 0, output
    assert "its flash chip was never verified: old.rom was being written" in results["refused"]["msg"]
    assert results["flash"]["outcome"] == "written"
    assert results["on"]["state"] == "on"
    assert [lab.board.gpio[line] for line in (1, 2, 3)] == [0, 0, 0]


def test_everything_wrong_is_told_at_once_and_nothing_moves(lab: Lab, kvm: Kvm) -> None:
    (kvm.root / "down").touch()
    lab.firmware.write_bytes(b"\0" * 4096)
    (lab.folder / "needles").mkdir()
    (lab.folder / "needles" / "menu.json").write_text('{"tags": ["menu"]')
    lab.inventory["mains"]["hosts"]["sonoff1"]["mains_url"] = "http://127.0.0.1:9"
    status, output, results = lab.play(
        [
            step(
                "session",
                "taken",
                needles="needles",
                flash_image=str(lab.firmware),
                install_image="none.iso",
                kickstart="lang en_US.UTF-8\nautopart --tpye=lvm\n",
            )
            | {"ignore_errors": True},
        ]
    )
    taken = results["taken"]
    assert taken["failed"] is True
    assert taken["kind"] == "infrastructure"
    problems = {problem["check"]: problem["message"] for problem in taken["evidence"]["problems"]}
    assert list(problems) == ["needles", "firmware", "image", "kickstart", "kvm", "flasher", "mains"]
    assert "needles/menu.json" in problems["needles"]
    assert "firmware.rom has 4 KiB, the chip has 1 MiB" in problems["firmware"]
    assert "none.iso does not exist" in problems["image"]
    assert "line 2" in problems["kickstart"]
    assert "cannot reach pikvm1" in problems["kvm"]
    assert "tasmota at http://127.0.0.1:9 does not answer" in problems["mains"]
    assert all(message in taken["msg"] for message in problems.values())
    assert "bench1: 7 problems, and nothing has moved" in output
    assert find_session("bench1") is None
    assert lab.board.pulses == []
    assert not (kvm.root / "calls").exists()
    assert not (lab.folder / "runs").exists()
    assert status == 0


def test_failures_say_whose_they_are(lab: Lab) -> None:
    lab.board.dead = True
    go_on = {"ignore_errors": True}
    status, output, results = lab.play(
        [
            step("power", "early", state="on") | go_on,
            step("session"),
            step("power", "choice", state="up") | go_on,
            step("power", "dead", state="on") | go_on,
            step("flash", "no_image", image="none.rom") | go_on,
            step("screen", "no_tags") | go_on,
            step("video_input", "size", resolution="big") | go_on,
            step("video_input", "edid", edid="none.hex") | go_on,
            step("session", state="absent"),
        ]
    )
    assert status == 0, output
    assert "run hwlab.sut.session with state: present" in results["early"]["msg"]
    assert results["early"]["kind"] == "configuration"
    assert (
        "value of state must be one of: on, off, forced_off, cycled, reset, got: up"
        in results["choice"]["msg"]
    )
    assert results["dead"]["kind"] == "infrastructure"
    assert results["dead"]["msg"].startswith("bench1: the SUT does not come on after 3 presses")
    assert "run_folder" in results["dead"]["evidence"]
    assert "none.rom does not exist" in results["no_image"]["msg"]
    assert "give tags" in results["no_tags"]["msg"]
    assert "expected WIDTHxHEIGHT" in results["size"]["msg"]
    assert "none.hex" in results["edid"]["msg"]
    assert results["edid"]["kind"] == "configuration"


def test_a_variable_without_a_value_is_named_with_its_host(lab: Lab) -> None:
    lab.inventory["flashers"]["hosts"]["rte1"]["flasher_chip_voltage"] = "{{ nothing }}"
    assert "flasher_chip_voltage of host rte1 cannot be used" in lab.play([step("session")])[1]


def test_check_mode_moves_nothing(lab: Lab, kvm: Kvm) -> None:
    status, output, results = lab.play(
        [
            step("session", "taken", kickstart=KICKSTART),
            step("power", "power", state="on"),
            step("session", "given_back", state="absent"),
        ],
        "--check",
    )
    assert status == 0, output
    assert results["taken"]["changed"] is True
    assert results["power"]["skipped"] is True
    assert results["given_back"]["changed"] is False
    assert find_session("bench1") is None
    assert not (kvm.root / "calls").exists()


def test_check_mode_looks_when_the_bench_is_taken(lab: Lab) -> None:
    dry = {"check_mode": True}
    status, output, results = lab.play(
        [
            step("session"),
            step("power", "on", state="on") | dry,
            step("power", "off", state="off") | dry,
            step("flash", "flash", image=str(lab.firmware)) | dry,
            step("keyboard", "typed", keys=["a"]) | dry,
            step("session", state="absent"),
        ]
    )
    assert status == 0, output
    assert [results[name]["changed"] for name in ("on", "off", "flash", "typed")] == [True, False, True, True]
    assert lab.board.pulses == []


def test_killing_ansible_playbook_gives_the_bench_back(lab: Lab, kvm: Kvm) -> None:
    process = lab.start([step("session"), {"ansible.builtin.pause": {"seconds": 60}}])
    eventually(lambda: find_session("bench1"))
    process.kill()
    process.wait()
    eventually(lambda: kvm.given_back == "release")
    eventually(lambda: find_session("bench1") is None)


def test_another_run_must_wait(lab: Lab) -> None:
    first = lab.start([step("session"), {"ansible.builtin.pause": {"seconds": 60}}])
    try:
        eventually(lambda: find_session("bench1"))
        output = lab.play([step("power", state="on")])[1]
        assert f"the bench is taken by another run on this machine (process {first.pid})" in output
    finally:
        first.kill()
        first.wait()
    eventually(lambda: find_session("bench1") is None)
    assert lab.board.pulses == []
