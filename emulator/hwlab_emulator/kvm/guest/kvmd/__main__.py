# SPDX-License-Identifier: GPL-3.0-or-later
"""`kvmd --run`, as the unit calls it."""

from __future__ import annotations

import asyncio
import signal
import sys

from .server import serve


async def _until_told_to_end() -> None:
    task = asyncio.ensure_future(serve())
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    try:
        await task
    except asyncio.CancelledError:
        return


if __name__ == "__main__":
    if sys.argv[1:] != ["--run"]:
        raise SystemExit("usage: kvmd --run")
    asyncio.run(_until_told_to_end())
