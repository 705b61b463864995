# SPDX-License-Identifier: GPL-3.0-or-later
"""Whose session it is: a step of one ansible-playbook must not drive the bench of another."""

from __future__ import annotations

import json

from ansible_collections.hwlab.sut.plugins.plugin_utils.bench.places import SessionPlace
from ansible_collections.hwlab.sut.plugins.plugin_utils.errors import InfrastructureError


def owner_of(bench: str) -> int | None:
    """Process id of the session's owner; None when it is kept for everybody or its papers are not there."""
    try:
        owner = json.loads(SessionPlace(bench).papers.read_text()).get("owner")
    except (OSError, ValueError):
        return None
    return owner if isinstance(owner, int) else None


def check_owner(bench: str, pid: int) -> None:
    """Raise InfrastructureError when the session belongs to another process than `pid`.

    A step runs in a fork of ansible-playbook, whose pid is therefore that of the step's parent.
    """
    owner = owner_of(bench)
    if owner is not None and owner != pid:
        raise InfrastructureError(
            f"the bench is taken by another run on this machine (process {owner}); wait for its end, or "
            f"stop it"
        )
