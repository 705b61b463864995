# SPDX-License-Identifier: GPL-3.0-or-later
"""A KVM that stands in: ssh to it runs here, and its agent moves nothing."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
#: Takes ssh's arguments and runs the command on this machine.
SSH = HERE / "ssh_stand_in.sh"


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


def write_python(path: Path) -> None:
    """The KVM's `python`: whatever it is asked to run, the stand-in agent runs."""
    path.write_text(f'#!/bin/sh\nexec {sys.executable} {HERE / "fake_agent.py"} "$@"\n')
    path.chmod(0o700)
