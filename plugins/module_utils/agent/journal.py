# SPDX-License-Identifier: GPL-3.0-or-later
"""What has to be given back, written down before it is taken.

The file outlives the agent, not the boot (it lies in /run): whatever ends the agent, the next process to
look knows what was in use and what it was like before.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from .host import write_private


class Journal:
    """Former states by kind (`units`, `gadget`, `edid`, ...), each a JSON object."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._entries: dict[str, dict[str, Any]] = {}
        try:
            loaded = json.loads(path.read_text())
        except (FileNotFoundError, ValueError):
            loaded = {}
        if isinstance(loaded, dict):
            self._entries = loaded

    def get(self, kind: str) -> dict[str, Any] | None:
        return self._entries.get(kind)

    def kinds(self) -> list[str]:
        return list(self._entries)

    def put(self, kind: str, state: dict[str, Any]) -> None:
        """Write down a state, on disk when this returns."""
        self._entries[kind] = state
        self._save()

    def record_once(self, kind: str, state: dict[str, Any]) -> None:
        """Write down a former state unless one is written down already."""
        if kind not in self._entries:
            self.put(kind, state)

    def drop(self, kind: str) -> None:
        """It has been given back."""
        if self._entries.pop(kind, None) is not None:
            self._save()

    def _save(self) -> None:
        if self._entries:
            write_private(self.path, json.dumps(self._entries, indent=1).encode())
        else:
            self.path.unlink(missing_ok=True)
