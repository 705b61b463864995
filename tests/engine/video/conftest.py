# SPDX-License-Identifier: GPL-3.0-or-later
"""Servers of the video tests, closed at their end."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from .mjpeg_server import MjpegServer, Script


@pytest.fixture
def serve_mjpeg() -> Iterator[Callable[[Script], MjpegServer]]:
    """Start an `MjpegServer` for each script given."""
    servers: list[MjpegServer] = []

    def start(script: Script) -> MjpegServer:
        servers.append(MjpegServer(script))
        return servers[-1]

    yield start
    for server in servers:
        server.close()
