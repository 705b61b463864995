# SPDX-License-Identifier: GPL-3.0-or-later
"""What the worker tells the screen; the screen redraws when `version` changed."""

from __future__ import annotations

import os
import threading
from dataclasses import dataclass

#: Screens, in the order in which an installation shows them.
LOADING, HUB, PROGRESS, DONE, ERROR = "loading", "hub", "progress", "done", "error"


@dataclass
class State:
    screen: str = LOADING
    activity: str = "Starting the installer"
    progress: float = 0.0
    address: str = ""
    ssh: bool = False
    error: str = ""
    finish: str = "wait"


class SharedState:
    """Written by the worker, read by the screen; a pipe wakes the screen, so that waiting costs nothing."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._state = State()
        self.wake_fd, self._wake = os.pipe()

    def update(self, **changes: object) -> None:
        with self._lock:
            if all(getattr(self._state, name) == value for name, value in changes.items()):
                return
            for name, value in changes.items():
                setattr(self._state, name, value)
        os.write(self._wake, b"!")

    def read(self) -> State:
        with self._lock:
            return State(**vars(self._state))
