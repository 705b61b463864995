# SPDX-License-Identifier: GPL-3.0-or-later
"""Tasks' side of a session: start it, find it, call it. Light on purpose, since every task loads it."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ansible_collections.hwlab.sut.plugins.plugin_utils.bench.places import SessionPlace
from ansible_collections.hwlab.sut.plugins.plugin_utils.errors import InfrastructureError, error_from_dict

_DAEMON = "ansible_collections.hwlab.sut.plugins.plugin_utils.bench.daemon"


class SessionClient:
    """A running session, by its socket. Every call is a connection of its own."""

    def __init__(self, socket_path: Path | str) -> None:
        self.socket_path = Path(socket_path)

    def call(
        self,
        method: str,
        params: dict[str, Any] | None = None,
        *,
        step: str = "",
        on_progress: Callable[[str], None] | None = None,
    ) -> dict[str, Any]:
        """Call a method of the session (see the package's docstring) and wait for its result.

        `step` names the task in the evidence. Raises the error that the session answers; InfrastructureError
        when there is no session, or when it ends before it answers.
        """
        request = {"id": 1, "method": method, "params": params or {}, "step": step}
        try:
            with socket.socket(socket.AF_UNIX) as connection:
                connection.connect(str(self.socket_path))
                connection.sendall(json.dumps(request).encode() + b"\n")
                with connection.makefile("rb") as answers:
                    for line in answers:
                        answer = json.loads(line)
                        if "progress" in answer:
                            if on_progress:
                                on_progress(str(answer["progress"]))
                            continue
                        if "error" in answer:
                            raise error_from_dict(answer["error"])
                        return dict(answer["result"])
        except OSError as error:
            raise InfrastructureError(
                f"no session answers at {self.socket_path} ({error.strerror}): the bench has been given "
                "back, or its session has ended; its run's folder tells why. Take the bench again"
            ) from error
        raise InfrastructureError(
            f"the session ended while {method} was at work; see session.log in its run's folder"
        )


def find_session(bench: str) -> SessionClient | None:
    """The running session of `bench`, of this user; None when there is none."""
    place = SessionPlace(bench)
    try:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(str(place.socket))
    except OSError:
        return None
    return SessionClient(place.socket)


def start_session(
    config: dict[str, Any],
    *,
    owner_pid: int | None,
    python: str = sys.executable,
    timeout: float = 120.0,
) -> SessionClient:
    """Start the session described by `config` (config.BenchConfig as JSON) and return when it is ready.

    `owner_pid` is the process whose end gives the bench back; None with `config["keep"]`. Raises
    ConfigurationError for a wrong config, InfrastructureError when something on the bench does not answer or
    the bench is taken; nothing has moved then.
    """
    message = json.dumps(config | {"owner": owner_pid}).encode()
    process = subprocess.Popen(
        [python, "-m", _DAEMON],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": _python_path()},
        cwd="/",
        start_new_session=True,
    )
    try:
        stdout, stderr = process.communicate(message, timeout)
    except subprocess.TimeoutExpired as error:
        process.kill()
        process.communicate()
        raise InfrastructureError(f"the session was not ready after {timeout:g} s") from error
    try:
        answer = json.loads(stdout.splitlines()[-1])
    except (ValueError, IndexError) as error:
        words = stderr.decode(errors="replace").strip()[-2000:]
        raise InfrastructureError(
            f"the session's process did not start: {words or 'it said nothing'}"
        ) from error
    if "error" in answer:
        raise error_from_dict(answer["error"])
    return SessionClient(answer["socket"])


def _python_path() -> str:
    """PYTHONPATH with which a plain Python finds this collection: the folder that holds
    ansible_collections."""
    parts = Path(__file__).absolute().parts
    return str(Path(*parts[: parts.index("ansible_collections")]))
