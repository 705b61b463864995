# SPDX-License-Identifier: GPL-3.0-or-later
"""A bench's devices that answer over HTTP, and ansible-playbook runs on that bench."""

from __future__ import annotations

import base64
import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[3]


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
