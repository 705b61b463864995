# SPDX-License-Identifier: GPL-3.0-or-later
"""Waiting for what another thread or process does."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

Value = TypeVar("Value")

#: Seconds. Generous: only a test that fails takes this long, and the machine may be busy.
PATIENCE = 60.0


def eventually(test: Callable[[], Value], seconds: float = PATIENCE) -> Value:
    """The first true value of `test`; fails the test when there is none in time."""
    until = time.monotonic() + seconds
    while not (value := test()):
        assert time.monotonic() < until, f"not within {seconds} s"
        time.sleep(0.02)
    return value
