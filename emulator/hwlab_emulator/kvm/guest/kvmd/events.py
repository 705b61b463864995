# SPDX-License-Identifier: GPL-3.0-or-later
"""The websocket /ws: states out, keys and mouse in."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from aiohttp import WSMsgType, web

from .answers import ApiError, flag
from .atx import Atx
from .hid import BUTTONS, Hid
from .info import Info
from .msd import Msd
from .streamer import Streamer


class Events:
    """All open websockets."""

    def __init__(self) -> None:
        self._clients: set[web.WebSocketResponse] = set()
        self._sending: set[asyncio.Task[None]] = set()
        self.atx = Atx(lambda: self._tell("atx"))
        self.msd = Msd(lambda: self._tell("msd"))
        self.streamer = Streamer(lambda: self._tell("streamer"))
        self.hid, self.info = Hid(), Info()

    def routes(self) -> list[web.RouteDef]:
        return [web.get("/ws", self.connect)]

    async def _state(self, name: str) -> dict[str, Any]:
        if name == "streamer":
            return await self.streamer.state()
        parts = {"atx": self.atx.state, "msd": self.msd.state, "hid": self.hid.state, "info": self.info.state}
        return parts[name]()

    def _tell(self, name: str) -> None:
        if self._clients:
            task = asyncio.create_task(self._broadcast(name))
            self._sending.add(task)
            task.add_done_callback(self._sending.discard)

    async def _broadcast(self, name: str) -> None:
        event = json.dumps({"event_type": name, "event": await self._state(name)})
        for client in list(self._clients):
            if not client.closed:
                await client.send_str(event)

    async def connect(self, request: web.Request) -> web.WebSocketResponse:
        stream = flag(request, "stream", True)
        socket = web.WebSocketResponse(heartbeat=15)
        await socket.prepare(request)
        self.hid.clear()
        if stream:
            await self.streamer.watch()
        try:
            for name in ("info", "atx", "msd", "hid", "streamer"):
                await socket.send_json({"event_type": name, "event": await self._state(name)})
            await socket.send_json({"event_type": "loop", "event": {}})
            self._clients.add(socket)
            async for message in socket:
                if message.type == WSMsgType.TEXT:
                    await self._from_client(socket, message.data)
        finally:
            self._clients.discard(socket)
            if stream:
                self.streamer.unwatch()
            self.hid.clear()
        return socket

    async def _from_client(self, socket: web.WebSocketResponse, text: str) -> None:
        """One event of a client; what is not understood is dropped, as kvmd does."""
        try:
            message = json.loads(text)
            kind, event = message["event_type"], message.get("event", {})
            if kind == "ping":
                await socket.send_json({"event_type": "pong", "event": {}})
            elif kind == "key":
                self.hid.key(event["key"], bool(event["state"]))
            elif kind == "mouse_move":
                self.hid.move(int(event["to"]["x"]), int(event["to"]["y"]))
            elif kind == "mouse_button" and event["button"] in BUTTONS:
                self.hid.button(event["button"], bool(event["state"]))
        except (ValueError, KeyError, TypeError, ApiError):
            return
