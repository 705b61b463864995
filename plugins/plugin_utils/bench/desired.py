# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run has asked of the KVM and wants again after the KVM rebooted under it."""

from __future__ import annotations

from typing import Any

#: Methods that state how things shall be: the same call again does no harm, so a lost answer is no trouble.
REPEATABLE = frozenset(
    (
        "renew",
        "status",
        "leds",
        "units.claim",
        "edid.set",
        "edid.get",
        "timings.set",
        "video.info",
        "video.start",
        "video.stop",
        "gadget.up",
        "gadget.down",
        "gadget.info",
        "media.insert",
        "media.eject",
        "kickstart.serve",
        "kickstart.stop",
        "atx.leds",
        "store.list",
        "store.remove",
    )
)
#: What is said again to a new agent, in this order; a method of the second column cancels the first.
_KEPT = {
    "units.claim": None,
    "edid.set": None,
    "timings.set": None,
    "gadget.up": "gadget.down",
    "media.insert": "media.eject",
    "kickstart.serve": "kickstart.stop",
}


class Desired:
    """Remembers the last call of each kind."""

    def __init__(self) -> None:
        self._calls: dict[tuple[str, object], dict[str, Any]] = {}

    def note(self, method: str, params: dict[str, Any]) -> None:
        """Remember a call that succeeded."""
        if method in _KEPT:
            self._calls[self._key(method, params)] = params
        for kept, ended_by in _KEPT.items():
            if method == ended_by:
                self._calls.pop(self._key(kept, params), None)
        if method in ("gadget.up", "gadget.down"):
            # The gadget's own storage comes anew with it.
            self._calls = {key: value for key, value in self._calls.items() if key[0] != "media.insert"}

    def calls(self) -> list[tuple[str, dict[str, Any]]]:
        """What to say to a fresh agent."""
        order = list(_KEPT)
        keys = sorted(self._calls, key=lambda key: order.index(key[0]))
        return [(key[0], self._calls[key]) for key in keys]

    @staticmethod
    def _key(method: str, params: dict[str, Any]) -> tuple[str, object]:
        return method, params.get("lun", 0) if method == "media.insert" else None
