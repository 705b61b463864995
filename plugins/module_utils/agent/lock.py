# SPDX-License-Identifier: GPL-3.0-or-later
"""Who holds the bench: /run/hwlab/lock.json, locked by the agent for as long as it lives."""

from __future__ import annotations

import fcntl
import hashlib
import hmac
import json
import os
import re
from pathlib import Path
from typing import Any

from .errors import AgentError
from .host import Host, write_private


def check_token(token: object) -> str:
    if not isinstance(token, str) or not re.fullmatch(r"[!-~]{16,128}", token):
        raise AgentError('the first line on stdin must be {"token": 16 to 128 printable characters}')
    return token


def token_digest(token: str) -> str:
    """What is written down of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def is_token(token: str, digest: str) -> bool:
    return hmac.compare_digest(token_digest(token), digest)


class LockFile:
    """The description of the holder, beside a kernel lock that ends with the process."""

    def __init__(self, host: Host) -> None:
        self.path = host.run_folder / "lock.json"
        self._flock_path = host.run_folder / "lock"
        self._descriptor = -1

    def acquire(self) -> None:
        """AgentError when another process holds it."""
        descriptor = _flock(self._flock_path)
        if descriptor is None:
            raise AgentError("another agent holds this bench's lock")
        self._descriptor = descriptor

    def is_held(self) -> bool:
        """Whether any agent lives."""
        descriptor = _flock(self._flock_path)
        if descriptor is None:
            return True
        os.close(descriptor)
        return False

    def describe(self, facts: dict[str, Any]) -> None:
        write_private(self.path, json.dumps(facts).encode())

    def read(self) -> dict[str, Any]:
        """What the holder wrote; empty when there is none."""
        try:
            found = json.loads(self.path.read_text())
        except (OSError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}

    def release(self) -> None:
        self.path.unlink(missing_ok=True)
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1


def _flock(path: Path) -> int | None:
    """An exclusive lock's descriptor, or None when it is taken. The file itself is never removed."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o711)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return descriptor
