# SPDX-License-Identifier: GPL-3.0-or-later
"""A virtual bench, a playbook at work on it, and a look at it from outside."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
#: Units that a run puts aside or touches.
UNITS = ("kvmd-otg", "kvmd-janus", "kvmd-nginx", "kvmd")


@dataclass
class Run:
    """A started playbook; its output is in `log`, its evidence below `runs`."""

    process: subprocess.Popen[bytes]
    log: Path
    runs: Path

    def wait(self, timeout: float) -> int:
        """The exit code; a playbook that takes longer is ended, which is an AssertionError."""
        try:
            return self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            self.stop()
            raise AssertionError(
                f"the playbook did not end within {timeout} s:\n{self.output[-4000:]}"
            ) from None

    @property
    def output(self) -> str:
        return self.log.read_text()

    def wait_for(self, text: str, timeout: float) -> None:
        """Wait until the output has `text`; AssertionError if it never does."""
        deadline = time.monotonic() + timeout
        while text not in self.output:
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise AssertionError(f"{text!r} did not show within {timeout} s:\n{self.output[-4000:]}")
            time.sleep(0.2)

    def kill(self) -> None:
        """End the playbook as the kernel does when memory runs out."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self) -> None:
        """End the playbook as Ctrl-C does, if it still runs."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            self.process.wait(60)

    @property
    def folder(self) -> Path:
        """The evidence of the run."""
        return (self.runs / "latest").resolve()


@dataclass
class VirtualBench:
    """The bench `name`; `folder` is for its inventory and the playbooks' output."""

    name: str
    folder: Path

    def _hwlab(self, *words: str) -> str:
        command = [str(BIN / "hwlab"), "emulator", *words]
        return subprocess.check_output(command, text=True, env={**os.environ, "TERM": "dumb"})

    def up(self) -> None:
        self._hwlab("up", self.name)
        self.inventory.write_text(self._hwlab("inventory", self.name))

    def down(self) -> None:
        self._hwlab("down", self.name)

    @property
    def inventory(self) -> Path:
        return self.folder / f"{self.name}.yml"

    def status(self) -> str:
        """What its board says of itself."""
        return self._hwlab("status", self.name)

    def on_kvm(self, *command: str) -> str:
        """Output of a command on its KVM."""
        return self._hwlab("shell", self.name, "kvm", *command)

    def kvm_state(self) -> str:
        """What a run changes on the KVM and must give back: units, gadgets, EDID, files, processes."""
        looks = (
            f"systemctl is-active {' '.join(UNITS)}",
            "systemctl list-units --no-legend --plain 'hwlab-bench*' | cut -d' ' -f1",
            "ls /sys/kernel/config/usb_gadget",
            "v4l2-ctl -d /dev/kvmd-video --get-edid 2>/dev/null | sha256sum",
            "find /etc /usr/share/kvmd -type f -exec sha256sum {} + | sort | sha256sum",
            "pgrep -x ustreamer",
            "grep ' / ' /proc/mounts",
        )
        return self.on_kvm("; ".join(looks) + "; true")

    def start(self, *arguments: str) -> Run:
        """Start the playbook with further arguments."""
        number = len(list(self.folder.glob("playbook-*.log")))
        log, runs = self.folder / f"playbook-{number}.log", self.folder / f"runs-{number}"
        command = [
            *(str(BIN / "ansible-playbook"), "playbooks/qubes_install.yml", "-i", str(self.inventory)),
            *("-e", f"bench_runs_dir={runs}"),
            *("-e", f"bench_profile={ROOT}/inventories/profiles/lab_os"),
            *arguments,
        ]
        with log.open("wb") as output:
            process = subprocess.Popen(
                command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT
            )
        return Run(process, log, runs)
