# SPDX-License-Identifier: GPL-3.0-or-later
"""A whole run on a virtual bench, step by step.

    make measure-run

Two runs: the first on a bench that was never flashed and whose KVM has no image yet, the second after it.
Last line: {"first": seconds, "second": seconds, "steps": {step: [first, second]}}.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from pathlib import Path

from tests.whole.bench_run import VirtualBench


def one_run(bench: VirtualBench) -> tuple[float, dict[str, float]]:
    """Seconds of a whole run, and of each of its steps."""
    started = time.monotonic()
    run = bench.start()
    if run.wait(1800) != 0:
        raise SystemExit(run.output[-4000:])
    took = time.monotonic() - started
    steps = json.loads((run.folder / "timings.json").read_text())["steps"]
    return took, {step["step"]: step["seconds"] for step in steps}


def main() -> int:
    """Measure and print."""
    with tempfile.TemporaryDirectory(prefix="hwlab-measure-") as folder:
        bench = VirtualBench("measure", Path(folder))
        bench.up()
        try:
            (first, first_steps), (second, second_steps) = one_run(bench), one_run(bench)
        finally:
            bench.down()
    print(f"{'step':90} {'first':>8} {'second':>8}")
    for step, seconds in first_steps.items():
        print(f"{step[:90]:90} {seconds:8.1f} {second_steps.get(step, 0.0):8.1f}")
    print(f"{'the playbook':90} {first:8.1f} {second:8.1f}")
    steps = {step: [seconds, second_steps.get(step)] for step, seconds in first_steps.items()}
    print(json.dumps({"first": round(first, 1), "second": round(second, 1), "steps": steps}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
