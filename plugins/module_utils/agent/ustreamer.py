# SPDX-License-Identifier: GPL-3.0-or-later
"""ustreamer as the agent runs it: on a loopback port of its own, watched until it answers.

Options: `ustreamer --help` of 4.9 (Debian 12) to 6.x (PiKVM). It is a child in the agent's unit, so it ends
with it.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import socket
import subprocess
import tempfile
import time
from typing import Any, NamedTuple

from .errors import AgentError

#: How long a started ustreamer may take to answer, in seconds.
START_PATIENCE = 10.0


class StreamOptions(NamedTuple):
    device: str
    format: str
    fps: int
    quality: int
    encoder: str
    workers: int


class Ustreamer:
    """One running ustreamer."""

    def __init__(self, options: StreamOptions) -> None:
        self.options = options
        self.port = _free_port()
        self._log = tempfile.TemporaryFile(mode="w+", errors="replace")  # noqa: SIM115
        try:
            self._process = subprocess.Popen(
                _command(options, self.port),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=self._log,
            )
        except FileNotFoundError:
            self._log.close()
            raise AgentError("the KVM has no command 'ustreamer'") from None
        self.pid = self._process.pid

    def wait_ready(self) -> None:
        """Return when it answers; AgentError quotes its log when it ends or does not answer."""
        deadline = time.monotonic() + START_PATIENCE
        while time.monotonic() < deadline:
            if not self.alive():
                raise AgentError(f"ustreamer ended at once: {self.log_tail()}")
            with contextlib.suppress(OSError, ValueError, http.client.HTTPException):
                self.state()
                return
            time.sleep(0.05)
        tail = self.log_tail()
        self.stop()
        raise AgentError(f"ustreamer has not answered within {START_PATIENCE:g} s: {tail}")

    def state(self) -> dict[str, Any]:
        """Its /state."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=2)
        try:
            connection.request("GET", "/state")
            found = json.loads(connection.getresponse().read())
        finally:
            connection.close()
        return found if isinstance(found, dict) else {}

    def alive(self) -> bool:
        return self._process.poll() is None

    def log_tail(self) -> str:
        """The last things it said, on one line."""
        self._log.flush()
        self._log.seek(0)
        return " | ".join(line.strip() for line in self._log.readlines()[-3:]) or "it said nothing"

    def stop(self) -> None:
        if self.alive():
            self._process.terminate()
            try:
                self._process.wait(3)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self._log.close()


def _command(options: StreamOptions, port: int) -> list[str]:
    command = [
        "ustreamer",
        "--host=127.0.0.1",
        f"--port={port}",
        f"--device={options.device}",
        f"--format={options.format.lower()}",
        f"--encoder={options.encoder}",
        f"--workers={options.workers}",
        f"--quality={options.quality}",
        f"--desired-fps={options.fps}",
        "--persistent",
        "--dv-timings",
    ]
    if options.format == "rgb24" and "--format-swap-rgb" in _help():
        # The V4's capture chip delivers BGR under the name RGB24.
        command.append("--format-swap-rgb")
    return command


def _help() -> str:
    with contextlib.suppress(OSError, subprocess.TimeoutExpired):
        done = subprocess.run(
            ["ustreamer", "--help"], stdin=subprocess.DEVNULL, capture_output=True, timeout=5, check=False
        )
        return done.stdout.decode(errors="replace")
    return ""


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
