# SPDX-License-Identifier: GPL-3.0-or-later
"""Waiting for what another thread, task or process does."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import TypeVar

Value = TypeVar("Value")

Words = str | Callable[[], str]

#: Seconds. Generous: only a test that fails takes this long, and the machine may be busy.
PATIENCE = 60.0
_TICK = 0.02


def eventually(test: Callable[[], Value], what: Words = "it", seconds: float = PATIENCE) -> Value:
    """The first true value of `test`; the test fails when there is none in `seconds`.

    `what` says what never came: words, or a function that reads them, from a log say, when it is too late.
    """
    until = time.monotonic() + seconds
    while not (value := test()):
        assert time.monotonic() < until, _failure(what, seconds)
        time.sleep(_TICK)
    return value


async def eventually_async(test: Callable[[], Value], what: Words = "it", seconds: float = PATIENCE) -> Value:
    """`eventually` for a coroutine, whose loop runs on meanwhile."""
    until = time.monotonic() + seconds
    while not (value := test()):
        assert time.monotonic() < until, _failure(what, seconds)
        await asyncio.sleep(_TICK)
    return value


def _failure(what: Words, seconds: float) -> str:
    return f"{what if isinstance(what, str) else what()} never came within {seconds:g} s"
