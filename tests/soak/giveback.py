# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs killed at random moments: within a minute the KVM must be as it was, and the next run able to start.

    make soak-giveback N=20 SEED=1

Each time the playbook, or the bench's session, or both are killed. Last line: {"n", "seed", "failures"}.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import tempfile
import time
from pathlib import Path

from tests.whole.bench_run import Run, VirtualBench

PATIENCE = 60.0
VICTIMS = ("playbook", "session", "both")


def session_pid(run: Run) -> int | None:
    """The process that holds the bench for `run`, if it has come so far."""
    try:
        return int(json.loads((run.folder / "run.json").read_text())["pid"])
    except (OSError, ValueError, KeyError):
        return None


def strike(run: Run, victim: str) -> None:
    """Kill what `victim` names."""
    pid = session_pid(run)
    if victim != "playbook" and pid is not None:
        os.kill(pid, signal.SIGKILL)
    if victim == "session" and pid is not None:
        # The playbook must notice and end by itself.
        run.wait(120)
    else:
        run.kill()


def attempt(bench: VirtualBench, dice: random.Random) -> str:
    """One run, killed; returns what is wrong afterwards, nothing if all is well."""
    former = bench.kvm_state()
    run = bench.start()
    delay, victim = dice.uniform(3, 60), dice.choice(VICTIMS)
    time.sleep(delay)
    strike(run, victim)
    struck = time.monotonic()
    while (now := bench.kvm_state()) != former:
        if time.monotonic() - struck > PATIENCE:
            return f"{victim} killed after {delay:.0f} s: not given back in {PATIENCE:.0f} s:\n{now}"
        time.sleep(2)
    print(f"{victim} killed after {delay:.0f} s: given back in {time.monotonic() - struck:.0f} s", flush=True)
    return ""


def main() -> int:
    """Soak; the exit code is 1 if anything failed."""
    count, seed = int(os.environ.get("N", "20")), int(os.environ.get("SEED", "1"))
    dice = random.Random(seed)
    with tempfile.TemporaryDirectory(prefix="hwlab-soak-") as folder:
        bench = VirtualBench("soak", Path(folder))
        bench.up()
        try:
            failures = [wrong for _ in range(count) if (wrong := attempt(bench, dice))]
        finally:
            bench.down()
    for wrong in failures:
        print(wrong)
    print(json.dumps({"n": count, "seed": seed, "failures": len(failures)}))
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
