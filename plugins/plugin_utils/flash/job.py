# SPDX-License-Identifier: GPL-3.0-or-later
"""A command that runs detached on a host and is only watched from here.

It survives a lost connection: on the host, a folder holds its pid, its log and, once it ended, its exit
status. The host needs sh, setsid, kill and tail (busybox has them).
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable

from ansible_collections.hwlab.sut.plugins.plugin_utils.errors import InfrastructureError
from ansible_collections.hwlab.sut.plugins.plugin_utils.flash.host import Host
from ansible_collections.hwlab.sut.plugins.plugin_utils.power.timings import Clock

#: Looks without a sign of life before a job counts as killed: its status is written a moment after its end.
_SILENT_LOOKS = 3
_LOG_BYTES = 65536


class Job:
    """One detached command; `folder` on the host is its identity."""

    def __init__(self, host: Host, folder: str, clock: Clock, *, lost_after_s: float = 120.0) -> None:
        """`lost_after_s`: how long the host may be out of reach while the job runs."""
        self._host = host
        self._folder = shlex.quote(folder)
        self._clock = clock
        self._lost_after_s = lost_after_s

    def start(self, command: str) -> None:
        """Start `command`. Saying it twice starts it once, so that a lost answer can be asked for again."""
        # Without job control setsid does not fork: $! is the job's pid, and the id of its process group.
        inner = f"{command} > log 2>&1; echo $? > rc.part; mv rc.part rc"
        line = (
            f'mkdir -p "$(dirname {self._folder})" && {{ mkdir {self._folder} 2>/dev/null || exit 0; }} && '
            f"cd {self._folder} && {{ setsid sh -c {shlex.quote(inner)} </dev/null >/dev/null 2>&1 & "
            "echo $! > pid; }"
        )
        status, said = self._patiently(line)
        if status != 0:
            raise InfrastructureError(
                f"{self._host.name}: cannot start a job in {self._folder} (status {status}) {said.strip()}; "
                "is its file system full or read-only, is setsid there?"
            )

    def wait(self, timeout_s: float, on_log: Callable[[str], None], poll_s: float = 1.0) -> tuple[int, str]:
        """Watch until it ends; returns exit status and log. `on_log` is given the whole log at every look.

        Raises InfrastructureError when it does not end within `timeout_s` (it is killed then), when it was
        killed, or when the host stays out of reach.
        """
        until, silent = self._clock.now() + timeout_s, 0
        while True:
            status, alive, log = self._look()
            on_log(log)
            if status is not None:
                return status, log
            silent = 0 if alive else silent + 1
            if silent >= _SILENT_LOOKS:
                raise InfrastructureError(
                    f"{self._host.name}: the job in {self._folder} vanished without an exit status; "
                    f"was the host restarted? Its last words: {log[-300:].strip() or 'none'}"
                )
            if self._clock.now() >= until:
                self.kill()
                raise InfrastructureError(
                    f"{self._host.name}: the job in {self._folder} had not ended after {timeout_s:g} s "
                    f"and was killed. Its last words: {log[-300:].strip() or 'none'}"
                )
            self._clock.sleep(poll_s)

    def kill(self) -> None:
        """End it and what it started, if it still runs."""
        self._host.run(
            f"cd {self._folder} 2>/dev/null && [ ! -f rc ] && kill -- -$(cat pid) 2>/dev/null; true"
        )

    def remove(self) -> None:
        """Forget an ended job on the host."""
        self._host.run(f"rm -rf {self._folder}")

    def _look(self) -> tuple[int | None, bool, str]:
        line = (
            f'cd {self._folder} 2>/dev/null || exit 0; [ -f rc ] && echo "rc $(cat rc)"; '
            f'kill -0 "$(cat pid 2>/dev/null)" 2>/dev/null && echo alive; echo --; '
            f"tail -c {_LOG_BYTES} log 2>/dev/null; true"
        )
        head, _, log = self._patiently(line)[1].partition("--\n")
        match = re.search(r"^rc (\d+)$", head, re.MULTILINE)
        return (int(match[1]) if match else None), "alive" in head, log

    def _patiently(self, line: str) -> tuple[int, str]:
        """Run on the host, again while it is out of reach, for at most `lost_after_s`."""
        until = self._clock.now() + self._lost_after_s
        while True:
            try:
                return self._host.run(line, 30.0)
            except InfrastructureError:
                if self._clock.now() >= until:
                    raise
                self._clock.sleep(2.0)
