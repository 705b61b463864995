# SPDX-License-Identifier: GPL-3.0-or-later
"""One attached client."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections import Counter
from typing import Any


class Client:
    """Where answers and events go, and how many requests of each lane are under way."""

    def __init__(self, writer: asyncio.StreamWriter) -> None:
        self._writer = writer
        self._under_way: Counter[str] = Counter()
        self.gone = False

    def send(self, message: dict[str, Any]) -> None:
        """One JSON line; a client that has gone gets nothing."""
        if not self.gone:
            with contextlib.suppress(OSError):
                self._writer.write(json.dumps(message).encode() + b"\n")

    def busy(self, lane: str, change: int) -> None:
        self._under_way[lane] += change

    def is_busy(self, lane: str) -> bool:
        return self._under_way[lane] > 0

    def close(self) -> None:
        self.gone = True
        with contextlib.suppress(OSError):
            self._writer.close()
