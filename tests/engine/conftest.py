# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tests of several parts need: HTTP servers that answer as devices do, and a KVM."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from .bench.stand_in_kvm import Kvm, write_python

#: (method, path, decoded body) -> (status, text of the answer)
Answer = Callable[[str, str, Any], tuple[int, str]]


@pytest.fixture
def serve() -> Iterator[Callable[[Answer], str]]:
    """Start a server on a free loopback port for each `answer` given; returns its URL."""
    servers: list[ThreadingHTTPServer] = []

    def start(answer: Answer) -> str:
        class Handler(BaseHTTPRequestHandler):
            def handle_any(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                raw = self.rfile.read(length)
                status, text = answer(self.command, self.path, json.loads(raw) if raw else None)
                self.send_response(status)
                self.send_header("Content-Length", str(len(text.encode())))
                self.end_headers()
                self.wfile.write(text.encode())

            do_GET = do_POST = do_PATCH = handle_any

            def log_message(self, format: str, *args: Any) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        servers.append(server)
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        return f"http://127.0.0.1:{server.server_address[1]}"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture
def kvm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Kvm]:
    """A KVM that stands in, the only one that this test's sessions know."""
    root = tmp_path / "kvm"
    root.mkdir()
    monkeypatch.setenv("KVM_ROOT", str(root))
    monkeypatch.setenv("HWLAB_SESSIONS", str(tmp_path / "s"))
    write_python(tmp_path / "agent-python")
    stand_in = Kvm(root)
    yield stand_in
    stand_in.power_cut()
