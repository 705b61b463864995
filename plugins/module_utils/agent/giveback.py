# SPDX-License-Identifier: GPL-3.0-or-later
"""Everything that was taken, given back: by the agent when it ends, or by whoever finds its journal."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..gadget.errors import GadgetError
from . import edid, kickstart, store, units
from .bench import composite_of
from .errors import AgentError
from .host import Host
from .journal import Journal

GADGET = "gadget"


def _gadget(host: Host, _state: dict[str, Any]) -> list[str]:
    return ["USB gadget removed"] if composite_of(host).down() else []


#: In this order: units last, since they take the gadget, the input and nginx for themselves again.
_ORDER: tuple[tuple[str, Callable[[Host, dict[str, Any]], list[str]]], ...] = (
    (GADGET, _gadget),
    (edid.KIND, edid.give_back),
    (kickstart.KIND, kickstart.give_back),
    (store.KIND, store.give_back),
    (units.KIND, units.give_back),
)


def give_back(host: Host, journal: Journal) -> tuple[list[str], list[str]]:
    """(what was done, what failed). What failed stays in the journal for the next one to try."""
    said: list[str] = []
    failed: list[str] = []
    for kind, action in _ORDER:
        state = journal.get(kind)
        if state is None:
            continue
        try:
            said += action(host, state)
            journal.drop(kind)
        except (AgentError, GadgetError, OSError) as error:
            failed.append(f"{kind}: {error}")
    return said, failed


def leftovers(host: Host, journal: Journal) -> list[str]:
    """Kinds of things that nobody has given back, besides a kickstart that outlived a boot."""
    found = journal.kinds()
    if kickstart.KIND not in found and kickstart.leftover(host) is not None:
        found.append(kickstart.KIND)
    return found


def clean(host: Host, journal: Journal) -> tuple[list[str], list[str]]:
    """Give back what a killed agent or a power cut of the KVM has left."""
    state = kickstart.leftover(host)
    if state is not None:
        journal.record_once(kickstart.KIND, state)
    return give_back(host, journal)
