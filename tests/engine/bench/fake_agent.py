# SPDX-License-Identifier: GPL-3.0-or-later
"""Stands in for the KVM's agent: its command line, protocol, lock and lease, with nothing moved.

Run as `KVM_ROOT=folder python3 fake_agent.py agent.pyz start|attach ...`. What it was asked is in
KVM_ROOT/calls (JSON lines), what it gave back in KVM_ROOT/given_back.
"""

from __future__ import annotations

import json
import os
import selectors
import socket
import sys
import threading
import time
from pathlib import Path
from typing import Any

ROOT = Path(os.environ["KVM_ROOT"])
SOCKET, PAPERS = ROOT / "agent.sock", ROOT / "agent.json"


class Agent:
    def __init__(self, token: str, holder: str, lease: float) -> None:
        self.token, self.holder, self.lease = token, holder, lease
        self.heard = time.monotonic()
        self.gadget = False

    def answer(self, method: str, params: dict[str, Any]) -> dict[str, Any]:
        settings: dict[str, Any] = json.loads((ROOT / "answers.json").read_text())
        if method in settings:
            if "error" in settings[method]:
                raise ValueError(settings[method]["error"])
            return dict(settings[method])
        if method == "store.put_begin":
            return {"path": str(ROOT / "msd.part"), "final": str(ROOT / params["name"])}
        if method == "store.put_end":
            (ROOT / "msd.part").rename(ROOT / params["name"])
            return {"path": str(ROOT / params["name"])}
        if method == "gadget.up":
            self.gadget = True
        return {"up": self.gadget} if method.startswith("gadget.") else {}

    def serve(self, connection: socket.socket) -> None:
        with connection, connection.makefile("rb") as lines:
            for line in lines:
                self.heard = time.monotonic()
                request = json.loads(line)
                with open(ROOT / "calls", "a") as calls:
                    calls.write(json.dumps([request["method"], request["params"]]) + "\n")
                try:
                    answer: dict[str, Any] = {"result": self.answer(request["method"], request["params"])}
                except ValueError as error:
                    answer = {"error": str(error)}
                if request["method"] == "release":
                    answer = {"result": {"given_back": ["everything"], "failed": []}}
                connection.sendall(json.dumps({"id": request["id"], **answer}).encode() + b"\n")
                if request["method"] == "release":
                    self.give_back("release")

    def give_back(self, why: str) -> None:
        PAPERS.unlink(missing_ok=True)
        SOCKET.unlink(missing_ok=True)
        (ROOT / "given_back").write_text(why)
        os._exit(0)

    def run(self, server: socket.socket) -> None:
        server.settimeout(0.05)
        while True:
            if time.monotonic() - self.heard > self.lease:
                self.give_back("lease")
            try:
                connection, _ = server.accept()
            except TimeoutError:
                continue
            connection.settimeout(None)
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()


def start(argv: list[str]) -> int:
    token = json.loads(sys.stdin.readline())["token"]
    holder, lease = argv[argv.index("--holder") + 1], float(argv[argv.index("--lease") + 1])
    if PAPERS.exists():
        papers = json.loads(PAPERS.read_text())
        if papers["token"] == token:
            print(json.dumps({"started": False, "yours": True}))
            return 0
        print(json.dumps({"error": "held", "holder": papers["holder"], "since": "noon", "lease_left": 20}))
        return 3
    server = socket.socket(socket.AF_UNIX)
    server.bind(str(SOCKET))
    server.listen()
    if os.fork():
        print(json.dumps({"started": True, "socket": str(SOCKET), "given_back": []}))
        return 0
    os.setsid()
    for fd, mode in ((0, os.O_RDONLY), (1, os.O_WRONLY), (2, os.O_WRONLY)):
        os.dup2(os.open(os.devnull, mode), fd)
    PAPERS.write_text(json.dumps({"token": token, "holder": holder, "pid": os.getpid()}))
    Agent(token, holder, float(os.environ.get("FAKE_LEASE", lease))).run(server)
    return 0


def attach() -> int:
    token = json.loads(sys.stdin.buffer.readline())["token"]
    for _ in range(100):
        if PAPERS.exists() or not SOCKET.exists():
            break
        time.sleep(0.02)
    if not PAPERS.exists():
        print(json.dumps({"error": "no agent runs"}))
        return 4
    papers = json.loads(PAPERS.read_text())
    if papers["token"] != token:
        print(json.dumps({"error": f"held by {papers['holder']}"}))
        return 5
    connection = socket.socket(socket.AF_UNIX)
    connection.connect(str(SOCKET))
    print(
        json.dumps({"event": "attached", "holder": papers["holder"], "boot_id": "b", "lease": 5}), flush=True
    )
    with selectors.DefaultSelector() as selector:
        selector.register(0, selectors.EVENT_READ)
        selector.register(connection, selectors.EVENT_READ)
        while True:
            for key, _ in selector.select():
                data = os.read(key.fd, 65536)
                if not data:
                    return 0
                os.write(1, data) if key.fd != 0 else connection.sendall(data)


if __name__ == "__main__":
    sys.exit(start(sys.argv) if sys.argv[2] == "start" else attach())
