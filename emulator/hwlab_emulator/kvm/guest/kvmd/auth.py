# SPDX-License-Identifier: GPL-3.0-or-later
"""Who may use the API: headers, HTTP Basic, a cookie; root at the Unix socket may without."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
import socket
import struct
from pathlib import Path
from typing import Any

from aiohttp import web

from .answers import ForbiddenError, UnauthorizedError, answer

HTPASSWD = Path("/etc/kvmd/htpasswd")
COOKIE = "auth_token"
DIGEST_BYTES = hashlib.sha512().digest_size


def password_fits(stored: str, password: str) -> bool:
    """Whether a password is the one of an htpasswd entry {SSHA512}base64(sha512(password + salt) + salt)."""
    scheme, _, encoded = stored.partition("}")
    if scheme != "{SSHA512":
        return False
    raw = base64.b64decode(encoded)
    digest, salt = raw[:DIGEST_BYTES], raw[DIGEST_BYTES:]
    return hmac.compare_digest(hashlib.sha512(password.encode() + salt).digest(), digest)


def peer_uid(request: web.Request) -> int:
    """User at the other end of the Unix socket, -1 if it is none."""
    peer = request.transport.get_extra_info("socket") if request.transport else None
    if peer is None or peer.family != socket.AF_UNIX:
        return -1
    raw = peer.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    return int(struct.unpack("3i", raw)[1])


class Auth:
    """Users of an htpasswd file and their sessions."""

    def __init__(self, htpasswd: Path = HTPASSWD) -> None:
        self._htpasswd = htpasswd
        self._tokens: dict[str, str] = {}

    def routes(self) -> list[web.RouteDef]:
        return [
            web.post("/auth/login", self.login),
            web.post("/auth/logout", self.logout),
            web.get("/auth/check", self.check),
        ]

    def _known(self, user: str, password: str) -> bool:
        for line in self._htpasswd.read_text().splitlines():
            name, _, stored = line.strip().partition(":")
            if name == user:
                return password_fits(stored, password)
        return False

    def verify(self, request: web.Request) -> str:
        """Name of the user. Raises UnauthorizedError without credentials, ForbiddenError with wrong ones."""
        headers = request.headers
        if "X-KVMD-User" in headers:
            pair = (headers["X-KVMD-User"].strip(), headers.get("X-KVMD-Passwd", ""))
        elif token := request.cookies.get(COOKIE):
            if token not in self._tokens:
                raise ForbiddenError
            return self._tokens[token]
        elif headers.get("Authorization", "").startswith("Basic "):
            try:
                text = base64.b64decode(headers["Authorization"][6:], validate=True).decode()
            except (binascii.Error, UnicodeDecodeError):
                raise UnauthorizedError from None
            parts = text.split(":")
            if len(parts) != 2:  # kvmd takes no password with a colon this way
                raise UnauthorizedError
            pair = (parts[0].strip(), parts[1])
        else:
            raise UnauthorizedError
        if not self._known(*pair):
            raise ForbiddenError
        return pair[0]

    @web.middleware
    async def middleware(self, request: web.Request, handler: Any) -> web.StreamResponse:
        if not request.path.startswith("/auth/") and peer_uid(request) != 0:
            self.verify(request)
        response: web.StreamResponse = await handler(request)
        return response

    async def login(self, request: web.Request) -> web.Response:
        form = await request.post()
        user = str(form.get("user", "")).strip()
        if not self._known(user, str(form.get("passwd", ""))):
            raise ForbiddenError
        token = secrets.token_hex(32)
        self._tokens[token] = user
        response = answer()
        response.set_cookie(COOKIE, token, httponly=True, samesite="Strict")
        return response

    async def logout(self, request: web.Request) -> web.Response:
        user = self.verify(request)
        self._tokens = {token: name for token, name in self._tokens.items() if name != user}
        return answer()

    async def check(self, request: web.Request) -> web.Response:
        self.verify(request)
        return answer()
