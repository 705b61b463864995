# SPDX-License-Identifier: GPL-3.0-or-later
"""Entry point `start`: the transient unit hwlab-bench, whose existence is the bench's lock."""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path
from typing import Any

from . import giveback
from .attach import answers
from .errors import AgentError
from .host import Host, write_private
from .lock import LockFile, check_token, is_token, token_digest
from .places import journal_of, socket_path
from .status import lease_left

UNIT = "hwlab-bench.service"
#: A holder that is just giving back gets this long, in seconds.
GIVING_BACK_PATIENCE = 45.0
HELD = 3


def main(holder: str, lease: float) -> int:
    """Exit codes and output: see the package's docstring."""
    host = Host.from_environment()
    try:
        token = check_token(_token_from_stdin())
        code, answer = start(host, holder, lease, token)
    except AgentError as error:
        code, answer = 1, {"error": str(error)}
    print(json.dumps(answer))
    return code


def start(host: Host, holder: str, lease: float, token: str) -> tuple[int, dict[str, Any]]:
    host.run_folder.mkdir(parents=True, exist_ok=True)
    # nginx reads the kickstart below it; what is private in there has a mode of its own.
    host.run_folder.chmod(0o711)
    lock = LockFile(host)
    deadline = time.monotonic() + GIVING_BACK_PATIENCE
    while (unit_state(host) not in ("inactive", "failed") or lock.is_held()) and time.monotonic() < deadline:
        if answers(socket_path(host)):
            return _held(host, lock, token)
        time.sleep(0.2)  # it is just starting, or giving back
    if lock.is_held():
        return _held(host, lock, token)
    said, failed = giveback.clean(host, journal_of(host))
    if failed:
        raise AgentError(f"what a former holder left behind could not be given back: {'; '.join(failed)}")
    request = host.run_folder / f"start-{os.getpid()}.json"
    write_private(
        request,
        json.dumps({"holder": holder, "lease": lease, "token_sha256": token_digest(token)}).encode(),
    )
    try:
        host.run(_systemd_run(host, request), patience=60)
    except AgentError as error:
        request.unlink(missing_ok=True)
        if lock.is_held():
            return _held(host, lock, token)  # somebody else was quicker
        raise AgentError(f"the agent's unit did not start: {error}") from None
    return 0, {"started": True, "socket": socket_path(host), "given_back": said}


def unit_state(host: Host) -> str:
    return host.run(["systemctl", "show", "--property=ActiveState", "--value", "--", UNIT]).stdout.strip()


def _systemd_run(host: Host, request: Path) -> list[str]:
    package = os.path.abspath(sys.argv[0])
    python = sys.executable
    return [
        "systemd-run",
        f"--unit={UNIT}",
        "--collect",
        "--quiet",
        "--description=Bench held by hwlab",
        "--property=Type=notify",
        # Giving back stops and starts units of the KVM; on a slow one that adds up.
        "--property=TimeoutStopSec=300",
        # Runs whatever ended the agent, SIGKILL too; with nothing left in the journal it does nothing.
        f"--property=ExecStopPost={python} {package} give-back",
        f"--setenv=HWLAB_KVM_ROOT={host.root}",
        python,
        package,
        "serve",
        str(request),
    ]


def _held(host: Host, lock: LockFile, token: str) -> tuple[int, dict[str, Any]]:
    facts = lock.read()
    if is_token(token, str(facts.get("token_sha256"))) and answers(socket_path(host)):
        return 0, {"started": False, "yours": True, "socket": socket_path(host)}
    holder = facts.get("holder", "somebody who is just starting or ending")
    since = facts.get("since")
    return HELD, {
        "error": f"the bench is held by {holder}" + (f" since {since}" if since else ""),
        **{name: facts.get(name) for name in ("holder", "since", "boot_id", "lease")},
        "lease_left": lease_left(host),
    }


def _token_from_stdin() -> object:
    try:
        return json.loads(sys.stdin.readline())["token"]
    except (ValueError, KeyError, TypeError):
        return None
