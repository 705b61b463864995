# SPDX-License-Identifier: GPL-3.0-or-later
"""The agent's process: takes the lock, serves, gives back."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import sys
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from .bench import Bench
from .errors import AgentError
from .host import Host
from .lock import LockFile
from .places import journal_of, socket_path
from .server import AgentServer


def main(request_path: str) -> int:
    """Serve what the request file asks for (holder, lease, token_sha256); the file is removed."""
    host = Host.from_environment()
    path = Path(request_path)
    request = json.loads(path.read_text())
    path.unlink()
    lock = LockFile(host)
    try:
        lock.acquire()
    except AgentError as error:
        print(error, file=sys.stderr)
        return 3
    facts = {
        "holder": request["holder"],
        "since": datetime.now(timezone.utc).isoformat(timespec="seconds"),
        "boot_id": host.boot_id(),
        "lease": request["lease"],
    }
    lock.describe({**facts, "token_sha256": request["token_sha256"], "pid": os.getpid()})
    try:
        asyncio.run(_serve(host, facts, request["token_sha256"]))
    finally:
        lock.release()
    return 0


async def _serve(host: Host, facts: dict[str, Any], digest: str) -> None:
    server = AgentServer(Bench(host, journal_of(host)), facts, digest)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, server.stop, "the unit was stopped")
    loop.call_soon(_notify_ready)
    await server.run(socket_path(host))
    print(f"ends: {server.reason}", flush=True)
    said, failed = await server.give_back()
    for line in said:
        print(f"gave back: {line}", flush=True)
    for line in failed:
        print(f"not given back: {line}", file=sys.stderr, flush=True)


def _notify_ready() -> None:
    """Tell systemd that requests are served (sd_notify(3), Type=notify)."""
    address = os.environ.get("NOTIFY_SOCKET")
    if not address:
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
        notify.sendto(b"READY=1", "\0" + address[1:] if address.startswith("@") else address)
