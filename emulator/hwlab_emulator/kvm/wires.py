# SPDX-License-Identifier: GPL-3.0-or-later
"""The board's end of the KVM's low-speed wires: clock, LEDs, and the ATX header's buttons.

JSON lines over a virtio-serial port, described in guest/wires.py, its other end.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any


class KvmWires:
    """Joins the board to the KVM. `on_press` gets the button, power or reset, and the press in seconds."""

    def __init__(self, on_press: Callable[[str, float], None]) -> None:
        self._on_press = on_press
        self._writer: asyncio.StreamWriter | None = None
        self._task: asyncio.Task[None] | None = None

    async def connect(self, path: Path) -> None:
        """Plug in: `path` is the port's socket. Raises OSError when no machine listens there."""
        reader, self._writer = await asyncio.open_unix_connection(str(path))
        self._task = asyncio.create_task(self._read(reader))

    async def close(self) -> None:
        """Unplug."""
        if self._task is not None:
            self._task.cancel()
        if self._writer is not None:
            self._writer.close()
            self._writer = None

    async def set_clock(self, now: float | None = None) -> None:
        """Set the KVM's clock, which a resumed machine has from its snapshot; in seconds since 1970."""
        await self._send({"clock": time.time() if now is None else now})

    async def set_leds(self, power: bool, hdd: bool) -> None:
        """Light the LEDs that the KVM watches."""
        await self._send({"led": {"power": power, "hdd": hdd}})

    async def _send(self, message: dict[str, Any]) -> None:
        if self._writer is None:
            raise ConnectionError("the KVM's wires are not connected")
        self._writer.write(json.dumps(message).encode() + b"\n")
        await self._writer.drain()

    async def _read(self, reader: asyncio.StreamReader) -> None:
        try:
            while line := await reader.readline():
                message = json.loads(line)
                if "press" in message:
                    self._on_press(str(message["press"]), float(message["seconds"]))
        except (OSError, ValueError):
            pass
        finally:
            self._writer = None
