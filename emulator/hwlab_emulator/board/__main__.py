# SPDX-License-Identifier: GPL-3.0-or-later
"""The board's process: `python -m hwlab_emulator.board NAME`, until it is told to end."""

from __future__ import annotations

import asyncio
import logging
import signal
import sys
from contextlib import suppress

from hwlab_emulator.board.bench_board import BenchBoard
from hwlab_emulator.paths import BenchPaths
from hwlab_emulator.settings import load_settings


async def _run(name: str) -> None:
    settings = load_settings(name)
    if settings is None:
        raise SystemExit(f"there is no bench {name!r}")
    task = asyncio.create_task(BenchBoard(BenchPaths(name), settings).run())
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, task.cancel)
    with suppress(asyncio.CancelledError):
        await task


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    asyncio.run(_run(sys.argv[1]))
