# SPDX-License-Identifier: GPL-3.0-or-later
"""What the installer tells: lines on the serial port and in a file."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path

SERIAL = Path("/dev/ttyS0")
LOG = Path("/run/install/installer.log")


class InstallError(Exception):
    """The installation cannot go on; the message says what was seen and what would be right."""


class Journal:
    """Writes each line to the serial port, as `installer: TEXT`, and with the time since boot to a file."""

    def __init__(self, serial: Path = SERIAL, log: Path = LOG) -> None:
        self._lock = threading.Lock()
        self._serial = os.open(serial, os.O_WRONLY | os.O_NOCTTY | os.O_CREAT, 0o644)
        self._log = log

    def say(self, text: str) -> None:
        """Tell `text`, which may have several lines."""
        with self._lock:
            for line in text.splitlines() or [""]:
                os.write(self._serial, f"installer: {line}\r\n".encode())
                with self._log.open("a") as log:
                    log.write(f"{time.monotonic():.1f} {line}\n")
