# SPDX-License-Identifier: GPL-3.0-or-later
"""The flasher's clock, which a resumed machine has from its snapshot: set through a port that it reads
(flasher/guest/usr/local/lib/clock) and again now and then."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress

from hwlab_emulator.paths import BenchPaths

EVERY_S = 600.0
RETRY_S = 0.5


async def keep_clock(paths: BenchPaths) -> None:
    """Keep the clock right until cancelled. The connection stays: the machine would poll for one."""
    while True:
        with suppress(OSError):
            reader, writer = await asyncio.open_unix_connection(str(paths.socket("flasher-clock")))
            try:
                while not reader.at_eof():
                    writer.write(f"{time.time():.0f}\n".encode())
                    await writer.drain()
                    with suppress(TimeoutError):
                        await asyncio.wait_for(reader.read(1), EVERY_S)
            finally:
                writer.close()
        await asyncio.sleep(RETRY_S)
