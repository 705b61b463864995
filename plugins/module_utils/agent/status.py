# SPDX-License-Identifier: GPL-3.0-or-later
"""Entry point `status`: who holds the bench, for anyone who may log in."""

from __future__ import annotations

import json
import time
from typing import Any

from . import giveback
from .host import Host
from .lock import LockFile
from .places import journal_of


def main() -> int:
    print(json.dumps(status(Host.from_environment())))
    return 0


def status(host: Host) -> dict[str, Any]:
    lock = LockFile(host)
    held = lock.is_held()
    facts = lock.read() if held else {}
    left = [] if held else giveback.leftovers(host, journal_of(host))
    return {
        "held": held,
        **{name: facts.get(name) for name in ("holder", "since", "boot_id", "lease")},
        "lease_left": lease_left(host) if held else None,
        "leftovers": left,
    }


def lease_left(host: Host) -> float | None:
    """Seconds, from the deadline that the agent writes down; null when it has not."""
    try:
        deadline = float((host.run_folder / "deadline").read_text())
    except (OSError, ValueError):
        return None
    return round(max(0.0, deadline - time.monotonic()), 1)
