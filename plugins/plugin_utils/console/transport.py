# SPDX-License-Identifier: GPL-3.0-or-later
"""What a console line needs of a connection, whatever carries it."""

from __future__ import annotations

import re
from typing import Protocol

from ansible_collections.hwlab.sut.plugins.plugin_utils.errors import InfrastructureError

#: What ser2net says before it closes a connection it cannot serve (ser2net 3 and 4; dataxfer.c, port.c).
_REFUSAL = re.compile(
    rb"^\s*(Port(?:'s device)? already in use|Device open failure[^\r\n]*|Unable to open[^\r\n]*)"
)


class Transport(Protocol):
    """One connection to a serial line, used once: open, read until it ends, close."""

    #: Where it goes, for messages: `rte1 port 13541` or the command.
    where: str

    async def open(self) -> None:
        """Connect. Raises InfrastructureError that names `where`."""

    async def read(self) -> bytes:
        """The next bytes as the line sent them; empty when the connection has ended."""
        ...

    async def write(self, data: bytes) -> None:
        """Send bytes to the line. Raises ConnectionError when the connection has ended."""

    async def close(self) -> None:
        """End the connection; may be called at any time, more than once."""


def check_refusal(first_bytes: bytes, where: str) -> None:
    """InfrastructureError when a port server's first words are a refusal rather than the SUT's output."""
    match = _REFUSAL.match(first_bytes)
    if match is None:
        return
    words = match.group(1).decode(errors="replace")
    advice = (
        "another client holds the serial port: find it with `ss -tp` on the controllers of the lab, or "
        "restart ser2net on the port server"
        if "already in use" in words
        else "the port server cannot open the serial device: see its ser2net.yaml and journal"
    )
    raise InfrastructureError(f"{where} refuses the console: {words}; {advice}", evidence={"refusal": words})
