# SPDX-License-Identifier: GPL-3.0-or-later
"""kvmd's HTTP API on its Unix socket, where root needs no password (kvmd/apps/kvmd/api/atx.py)."""

from __future__ import annotations

import http.client
import json
import socket
import urllib.parse
from pathlib import Path
from typing import Any

from .errors import AgentError

#: kvmd clicks for 0.1 s (`power`, `reset`) or 5.5 s (`power_long`), and for nothing else.
LONG_PRESS = 4.0


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, path: Path) -> None:
        super().__init__("localhost", timeout=20)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self._path))


def call(path: Path, method: str, url: str, **query: str) -> dict[str, Any]:
    """The `result` of an API call; AgentError quotes kvmd's error."""
    connection = _UnixConnection(path)
    try:
        connection.request(method, f"{url}?{urllib.parse.urlencode(query)}")
        reply = connection.getresponse()
        body = reply.read()
    except (OSError, http.client.HTTPException) as error:
        raise AgentError(f"kvmd does not answer on {path}: {error}; is its unit running?") from error
    finally:
        connection.close()
    try:
        parsed = json.loads(body)
        result = parsed["result"]
    except (ValueError, KeyError, TypeError):
        raise AgentError(f"kvmd answered {url} with status {reply.status} and no result") from None
    if not parsed.get("ok"):
        raise AgentError(f"kvmd refused {url}: {result.get('error')}: {result.get('error_msg')}")
    return dict(result)


def click(path: Path, button: str, seconds: float) -> None:
    """Press a button of the ATX header; returns when it is released."""
    if button not in ("power", "reset"):
        raise AgentError(f"params.button is '{button}', not power or reset")
    long = seconds >= LONG_PRESS
    if long and button == "reset":
        raise AgentError("kvmd presses reset for 0.1 s only; leave params.seconds out")
    call(path, "POST", "/atx/click", button="power_long" if long else button, wait="1")


def leds(path: Path) -> dict[str, bool]:
    found = call(path, "GET", "/atx")
    lights = found.get("leds") or {}
    return {
        "power": bool(lights.get("power")),
        "hdd": bool(lights.get("hdd")),
        "enabled": bool(found.get("enabled")),
        "busy": bool(found.get("busy")),
    }
