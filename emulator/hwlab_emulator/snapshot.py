# SPDX-License-Identifier: GPL-3.0-or-later
"""Boot a machine once while its image is built, and keep it as it stands in its disk's snapshot."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hwlab_emulator.network import switch_command
from hwlab_emulator.paths import BenchPaths
from hwlab_emulator.processes import never_ending_input
from hwlab_emulator.qmp import Qmp


@contextmanager
def build_bench(kind: str) -> Iterator[BenchPaths]:
    """A bench of its own for the first boot of a `kind` of machine: empty folders and a running switch."""
    paths = BenchPaths(f".build-{kind}")
    for folder in (paths.root, paths.sockets):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True, mode=0o700)
    paths.logs.mkdir()
    with never_ending_input() as stdin:
        switch = subprocess.Popen(switch_command(paths), stdin=stdin, stdout=subprocess.DEVNULL)
    try:
        while not (paths.sockets / "switch" / "ctl").exists():
            if switch.poll() is not None:
                raise RuntimeError(f"vde_switch ended with {switch.returncode}")
            time.sleep(0.02)
        yield paths
    finally:
        switch.terminate()
        switch.wait()
        for folder in (paths.root, paths.sockets):
            shutil.rmtree(folder, ignore_errors=True)


async def _save(socket: Path, name: str) -> None:
    qmp = Qmp()
    await qmp.connect(socket)
    answer = await qmp.human(f"savevm {name}")
    if answer.strip():
        raise RuntimeError(f"no snapshot: {answer.strip()}")
    await qmp.execute("quit")
    await qmp.wait_closed()


def boot_and_save(
    command: list[str], socket: Path, console: Path, ready: str, name: str, timeout: float = 300.0
) -> None:
    """Run QEMU until its console log holds `ready`, save the snapshot `name`, end it.

    `socket` is its QMP. Raises RuntimeError, with the end of the console, when it ends or `timeout` passes.
    """
    machine = subprocess.Popen(command)
    deadline = time.monotonic() + timeout
    try:
        while not (console.exists() and ready.encode() in console.read_bytes()):
            if machine.poll() is not None or time.monotonic() > deadline:
                tail = console.read_text(errors="replace")[-2000:] if console.exists() else ""
                raise RuntimeError(f"the machine did not come up; its console ends with:\n{tail}")
            time.sleep(0.1)
        # What was started last settles: it shall not be found starting at every resume.
        time.sleep(1.0)
        asyncio.run(_save(socket, name))
        machine.wait(30)
    finally:
        machine.kill()
        machine.wait()
