# SPDX-License-Identifier: GPL-3.0-or-later
"""kvmd's HTTP server on its Unix socket."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator
from pathlib import Path

from aiohttp import web

from .answers import errors
from .auth import Auth
from .events import Events

SOCKET = Path("/run/kvmd/kvmd.sock")
KVMD_GROUP = "kvmd"


def application(events: Events, auth: Auth) -> web.Application:
    """The API with all its routes."""
    app = web.Application(middlewares=[errors, auth.middleware], client_max_size=1 << 40)
    for part in (auth, events, events.atx, events.hid, events.msd, events.streamer, events.info):
        app.add_routes(part.routes())

    async def background(_: web.Application) -> AsyncIterator[None]:
        following = asyncio.create_task(events.atx.follow())
        await events.streamer.open()
        yield
        following.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await following
        await events.streamer.stop()

    app.cleanup_ctx.append(background)
    return app


def open_to_group(path: Path) -> None:
    """Let nginx (a member of the group) connect."""
    os.chmod(path, 0o660)
    with contextlib.suppress(LookupError):
        import grp

        os.chown(path, -1, grp.getgrnam(KVMD_GROUP).gr_gid)


async def serve() -> None:
    """Serve until cancelled."""
    SOCKET.parent.mkdir(exist_ok=True)
    SOCKET.unlink(missing_ok=True)
    runner = web.AppRunner(application(Events(), Auth()), access_log=None)
    await runner.setup()
    await web.UnixSite(runner, str(SOCKET)).start()
    open_to_group(SOCKET)
    try:
        await asyncio.Event().wait()
    finally:
        await runner.cleanup()
