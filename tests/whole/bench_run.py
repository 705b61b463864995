# SPDX-License-Identifier: GPL-3.0-or-later
"""A playbook at work on the tests' bench, and a look at that bench from outside."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
BENCH = "whole"


@dataclass
class Run:
    """A started playbook; its output is in `log`."""

    process: subprocess.Popen[bytes]
    log: Path
    runs: Path

    def wait(self, timeout: float) -> int:
        """The exit code; a playbook that takes longer is ended, and the test fails."""
        try:
            return self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            self.process.send_signal(signal.SIGINT)
            pytest.fail(f"the playbook did not end within {timeout} s:\n{self.output[-4000:]}")

    @property
    def output(self) -> str:
        return self.log.read_text()

    def wait_for(self, text: str, timeout: float) -> None:
        """Wait until the output has `text`."""
        deadline = time.monotonic() + timeout
        while text not in self.output:
            if self.process.poll() is not None or time.monotonic() > deadline:
                pytest.fail(f"{text!r} did not show within {timeout} s:\n{self.output[-4000:]}")
            time.sleep(0.2)

    @property
    def folder(self) -> Path:
        """The evidence of the run."""
        return (self.runs / "latest").resolve()


StartRun = Callable[..., Run]


def board_status() -> str:
    """What the bench's board says of itself."""
    return subprocess.check_output([str(BIN / "hwlab"), "emulator", "status", BENCH], text=True)


def on_kvm(*command: str) -> str:
    """Output of a command on the bench's KVM."""
    shell = [str(BIN / "hwlab"), "emulator", "shell", BENCH, "kvm", *command]
    return subprocess.check_output(shell, text=True, env={**os.environ, "TERM": "dumb"})
