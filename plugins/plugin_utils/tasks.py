# SPDX-License-Identifier: GPL-3.0-or-later
"""Ending asyncio tasks for sure."""

from __future__ import annotations

import asyncio
from typing import Any


async def end(task: asyncio.Task[Any] | None) -> None:
    """Cancel a task and return when it has ended, whatever it ended with.

    A cancellation can be lost inside the task: asyncio.wait_for of Python 3.11 drops one that arrives in the
    moment when what it waits for is done (https://github.com/python/cpython/issues/86296). So it is repeated.
    """
    while task is not None and not task.done():
        task.cancel()
        await asyncio.wait({task}, timeout=0.5)
