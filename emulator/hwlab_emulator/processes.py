# SPDX-License-Identifier: GPL-3.0-or-later
"""The long-running programs of a bench: started detached, found again and ended by their pid files.

A pid file holds "PID STARTTIME"; the start time (proc(5), /proc/PID/stat field 22) tells a program from
another that was given its pid later.
"""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path


@contextmanager
def never_ending_input() -> Iterator[int]:
    """A standard input on which nothing ever comes and which never ends (the reader holds its other end)."""
    with tempfile.TemporaryDirectory() as folder:
        fifo = Path(folder) / "input"
        os.mkfifo(fifo, 0o600)
        number = os.open(fifo, os.O_RDWR)
    try:
        yield number
    finally:
        os.close(number)


def _start_time(pid: int) -> str | None:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    fields = stat.rpartition(")")[2].split()
    # A zombie has ended already.
    return None if fields[0] in "ZX" else fields[19]


def remember(pid: int, pid_file: Path) -> None:
    """Write the pid file of a program that was just started."""
    pid_file.write_text(f"{pid} {_start_time(pid)}")


def running_pid(pid_file: Path) -> int | None:
    """Return the pid of the program that `pid_file` names, if it still runs."""
    try:
        pid, started = pid_file.read_text().split()
    except (OSError, ValueError):
        return None
    return int(pid) if _start_time(int(pid)) == started else None


def start(
    command: Sequence[str], pid_file: Path, log: Path, environment: dict[str, str] | None = None
) -> int:
    """Start `command` in a session of its own, so that it outlives its parent; return its pid."""
    with never_ending_input() as stdin, log.open("ab") as output:
        process = subprocess.Popen(
            command,
            stdin=stdin,
            stdout=output,
            stderr=output,
            start_new_session=True,
            env=None if environment is None else {**os.environ, **environment},
        )
    remember(process.pid, pid_file)
    # Not ours to wait for: it is found again by its pid file.
    process.returncode = 0
    return process.pid


def stop(pid_file: Path, patience: float = 5.0) -> bool:
    """End the program of `pid_file`: politely, and for good after `patience` seconds. True if it ran."""
    pid = running_pid(pid_file)
    if pid is None:
        pid_file.unlink(missing_ok=True)
        return False
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + patience
    while running_pid(pid_file) is not None:
        if time.monotonic() > deadline:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(0.02)
    with suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)
    pid_file.unlink(missing_ok=True)
    return True
