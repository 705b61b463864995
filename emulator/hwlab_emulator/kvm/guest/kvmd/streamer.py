# SPDX-License-Identifier: GPL-3.0-or-later
"""The picture: a real ustreamer, run only while somebody watches (or always, if configured).

ustreamer's own HTTP interface: https://github.com/pikvm/ustreamer, docs/ustreamer.1.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web

from .answers import UnavailableError, ValidatorError, answer, flag, number

SOCKET = Path("/run/kvmd/ustreamer.sock")
DEVICE = "/dev/kvmd-video"
#: kvmd's shutdown_delay and snapshot timeout, in seconds.
SHUTDOWN_SECONDS, SNAPSHOT_SECONDS = 10.0, 5.0
RESTART_SECONDS = 1.0
LIMITS = {"desired_fps": {"min": 0, "max": 70}}


class Streamer:
    """Starts and ends ustreamer, and fetches snapshots from it."""

    def __init__(self, changed: Callable[[], None], forever: bool = False, socket: Path = SOCKET) -> None:
        self._changed, self._forever, self._socket = changed, forever, socket
        self._params = {"desired_fps": 10, "quality": 80}
        self._process: asyncio.subprocess.Process | None = None
        self._watchers = 0
        self._ending: asyncio.TimerHandle | None = None
        self._saved: tuple[bytes, dict[str, str]] | None = None

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/streamer", self.get),
            web.get("/streamer/snapshot", self.snapshot),
            web.delete("/streamer/snapshot", self.forget),
            web.post("/streamer/set_params", self.set_params),
            web.post("/streamer/reset", self.reset),
        ]

    def command(self) -> list[str]:
        """ustreamer's arguments (UYVY, as a v3 captures)."""
        return [
            *("ustreamer", f"--device={DEVICE}", "--format=uyvy", "--encoder=cpu", "--workers=2"),
            *("--persistent", "--dv-timings", f"--quality={self._params['quality']}"),
            *(f"--desired-fps={self._params['desired_fps']}", "--drop-same-frames=30", "--log-level=0"),
            *(f"--unix={self._socket}", "--unix-rm", "--unix-mode=0660"),
        ]

    async def _start(self) -> None:
        if self._ending:
            self._ending.cancel()
            self._ending = None
        if self._process is None or self._process.returncode is not None:
            self._process = await asyncio.create_subprocess_exec(*self.command())
            self._changed()

    async def stop(self) -> None:
        """End ustreamer and wait for it."""
        process, self._process = self._process, None
        if process and process.returncode is None:
            process.terminate()
            try:
                await asyncio.wait_for(process.wait(), SNAPSHOT_SECONDS)
            except TimeoutError:
                process.kill()
                await process.wait()
            self._changed()

    async def open(self) -> None:
        """With `forever` the stream runs from the start."""
        if self._forever:
            await self._start()

    async def watch(self) -> None:
        """A stream client came."""
        self._watchers += 1
        await self._start()

    def unwatch(self) -> None:
        """A stream client left; the last one's picture stays for a while."""
        self._watchers -= 1
        if not self._watchers and not self._forever:
            loop = asyncio.get_running_loop()
            self._ending = loop.call_later(SHUTDOWN_SECONDS, lambda: loop.create_task(self.stop()))

    async def _fetch(self, path: str) -> tuple[bytes, dict[str, str]]:
        if self._process is None:
            raise UnavailableError
        connector = aiohttp.UnixConnector(str(self._socket))
        timeout = aiohttp.ClientTimeout(total=SNAPSHOT_SECONDS)
        try:
            async with (
                aiohttp.ClientSession(connector=connector, timeout=timeout) as client,
                client.get(f"http://localhost{path}") as response,
            ):
                response.raise_for_status()
                return await response.read(), dict(response.headers)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise UnavailableError from error

    async def state(self) -> dict[str, Any]:
        state: Any = None
        if self._process is not None:
            with contextlib.suppress(UnavailableError, ValueError):
                state = json.loads((await self._fetch("/state"))[0])["result"]
        return {
            "limits": LIMITS,
            "params": self._params,
            "snapshot": {"saved": None},
            "streamer": state,
            "features": {"quality": True, "resolution": False, "h264": False},
        }

    async def get(self, request: web.Request) -> web.Response:
        return answer(await self.state())

    async def snapshot(self, request: web.Request) -> web.Response:
        save, load = flag(request, "save", False), flag(request, "load", False)
        allow_offline = flag(request, "allow_offline", False)
        if flag(request, "ocr", False):
            raise ValidatorError("OCR is not available")
        if load and self._saved:
            body, headers = self._saved
        else:
            body, headers = await self._fetch("/snapshot")
            if headers.get("X-UStreamer-Online") != "true" and not allow_offline:
                raise UnavailableError
            if save:
                self._saved = body, headers
        kept = {name: value for name, value in headers.items() if name.startswith("X-UStreamer-")}
        return web.Response(body=body, content_type="image/jpeg", headers=kept)

    async def forget(self, request: web.Request) -> web.Response:
        self._saved = None
        return answer()

    async def set_params(self, request: web.Request) -> web.Response:
        if "resolution" in request.query:
            raise ValidatorError("The argument 'resolution' is not supported by this device")
        quality = number(request, "quality", 1, 100, self._params["quality"])
        fps = number(request, "desired_fps", 0, 70, self._params["desired_fps"])
        self._params = {"desired_fps": fps, "quality": quality}
        if self._process is not None:
            asyncio.get_running_loop().call_later(RESTART_SECONDS, lambda: asyncio.create_task(self._again()))
        return answer()

    async def reset(self, request: web.Request) -> web.Response:
        await self._again()
        return answer()

    async def _again(self) -> None:
        running = self._process is not None
        await self.stop()
        if running:
            await self._start()
