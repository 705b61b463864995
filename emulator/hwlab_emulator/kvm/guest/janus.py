# SPDX-License-Identifier: GPL-3.0-or-later
"""Stands where the Janus gateway is on a PiKVM: owns its socket and says that there is no WebRTC here.

It exists so that the unit kvmd-janus is a real one, which runs, holds something and can be stopped.
"""

from __future__ import annotations

import http.server
import os
import socketserver

SOCKET = "/run/kvmd/janus-ws.sock"


class Refusal(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_error(503, "This KVM offers no WebRTC")

    def address_string(self) -> str:
        return "unix"


def main() -> None:
    if os.path.exists(SOCKET):
        os.unlink(SOCKET)
    with socketserver.ThreadingUnixStreamServer(SOCKET, Refusal) as server:
        os.chmod(SOCKET, 0o660)
        try:
            server.serve_forever()
        finally:
            os.unlink(SOCKET)


if __name__ == "__main__":
    main()
