# SPDX-License-Identifier: GPL-3.0-or-later
"""A lab for real ansible-playbook runs: real sessions; real HTTP devices; ssh and the KVM's agent stand
in."""

from __future__ import annotations

import base64
import json
import os
import random
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import bench.conftest as stand_ins
import pytest
import yaml

ROOT = Path(__file__).resolve().parents[3]
SIZE = 1 << 20
DUMMY = "dummy:emulate=VARIABLE_SIZE"

kvm = stand_ins.kvm


@dataclass
class Board:
    """RteCtrl on one URL, Tasmota on another, and a board that follows its button and its mains."""

    gpio: dict[int, int] = field(default_factory=lambda: dict.fromkeys(range(20), 0))
    mains: bool = True
    dead: bool = False
    pulses: list[tuple[int, int]] = field(default_factory=list)

    def rtectrl(self, method: str, path: str, body: Any) -> tuple[int, str]:
        gpio = int(path.rpartition("/")[2])
        if method == "PATCH" and "time" in body:
            self.pulses.append((gpio, body["time"]))
            if gpio == 9 and not self.dead:
                self.gpio[13] = int(self.mains and not self.gpio[13])
        elif method == "PATCH":
            self.gpio[gpio] = body["state"]
        return 200, json.dumps({"id": gpio, "state": self.gpio[gpio], "description": "", "direction": "out"})

    def tasmota(self, method: str, path: str, body: Any) -> tuple[int, str]:
        if path.lower().endswith(("on", "off")):
            self.mains = path.lower().endswith("on")
            self.gpio[13] &= self.mains
        return 200, json.dumps({"POWER": "ON" if self.mains else "OFF"})


@dataclass
class Lab:
    """One bench, its inventory and the means to run plays on it."""

    folder: Path
    board: Board
    inventory: dict[str, Any]

    @property
    def sut(self) -> dict[str, Any]:
        sut: dict[str, Any] = self.inventory["suts"]["hosts"]["bench1"]
        return sut

    @property
    def chip(self) -> Path:
        return self.folder / "chip.bin"

    @property
    def firmware(self) -> Path:
        return self.folder / "firmware.rom"

    def start(self, tasks: list[dict[str, Any]], *options: str) -> subprocess.Popen[str]:
        """ansible-playbook at work on `tasks`; every registered variable is shown at its end."""
        names = [task["register"] for task in tasks if "register" in task]
        keep = {name: "{{ " + name + " | default({}) }}" for name in names}
        save = {
            "ansible.builtin.debug": {"msg": "{{ '<' ~ (kept | to_json | b64encode) ~ '>' }}"},
            "vars": {"kept": keep},
        }
        play = {"hosts": "suts", "gather_facts": False, "tasks": [*tasks, save] if names else tasks}
        (self.folder / "play.yml").write_text(yaml.safe_dump([play], sort_keys=False))
        (self.folder / "inventory.yml").write_text(yaml.safe_dump(self.inventory))
        (self.folder / "ansible.cfg").touch()
        return subprocess.Popen(
            [
                f"{os.path.dirname(sys.executable)}/ansible-playbook",
                "-i",
                "inventory.yml",
                "play.yml",
                *options,
            ],
            cwd=self.folder,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=os.environ
            | {
                "ANSIBLE_COLLECTIONS_PATH": str(ROOT / "collections"),
                "ANSIBLE_NOCOLOR": "1",
                "ANSIBLE_CONFIG": "ansible.cfg",
                "ANSIBLE_LOCALHOST_WARNING": "false",
            },
        )

    def play(self, tasks: list[dict[str, Any]], *options: str) -> tuple[int, str, dict[str, Any]]:
        """Exit status, output and registered results of a run."""
        process = self.start(tasks, *options)
        output, _ = process.communicate(timeout=120)
        results = re.search(r"<([A-Za-z0-9+/=]+)>", output)
        kept = json.loads(base64.b64decode(results[1])) if results else {}
        return process.returncode, re.sub(r"\s+", " ", output), kept


@pytest.fixture
def lab(tmp_path: Path, kvm: stand_ins.Kvm, serve: Callable[..., str]) -> Lab:
    """A bench whose KVM and flasher are here, with a chip of 1 MiB behind flashrom's dummy programmer."""
    board = Board()
    kvm.answers({"video.info": {"signal": False}})
    ssh = {"ansible_host": "kvm", "ansible_ssh_executable": str(ROOT / "tests/engine/bench/ssh_stand_in.sh")}
    fast = dict.fromkeys(("mains_settle", "mains_drain", "agree", "on_timeout", "off_timeout"), 0.2)
    lab = Lab(
        tmp_path,
        board,
        {
            "suts": {
                "hosts": {
                    "bench1": {
                        "sut_kvm": "pikvm1",
                        "sut_flasher": "rte1",
                        "sut_mains": "sonoff1",
                        "sut_power_timings": fast | {"press_force": 1, "poll": 0.05, "off_before_on": 0},
                        "flash_timings": {"voltage": 0, "vcc": 0, "lines": 0, "release": 0},
                        "flash_folder": str(tmp_path / "rte"),
                        "flash_mark_folder": str(tmp_path / "marks"),
                    }
                }
            },
            "kvms": {
                "hosts": {"pikvm1": ssh | {"kvm_python": str(tmp_path / "agent-python"), "kvm_lease": 5}}
            },
            "flashers": {
                "hosts": {
                    "rte1": ssh
                    | {
                        "flasher_api": serve(board.rtectrl),
                        "flasher_chip_voltage": "3.3V",
                        "flasher_chip_size_mib": 1,
                        "flasher_programmer": f"{DUMMY},size={SIZE},image={tmp_path}/chip.bin",
                    }
                }
            },
            "mains": {"hosts": {"sonoff1": {"mains_driver": "tasmota", "mains_url": serve(board.tasmota)}}},
            "all": {
                "hosts": {
                    "localhost": {
                        "ansible_connection": "local",
                        "ansible_python_interpreter": "{{ ansible_playbook_python }}",
                    }
                }
            },
        },
    )
    lab.chip.write_bytes(b"\xff" * SIZE)
    lab.firmware.write_bytes(random.Random(3).randbytes(SIZE))
    return lab
