# SPDX-License-Identifier: GPL-3.0-or-later
"""The agent's socket: who is attached, the lease, requests in their lanes, events to all."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from ..gadget.errors import GadgetError
from . import dispatch, giveback
from .bench import Bench
from .client import Client
from .errors import AgentError
from .host import write_private
from .lock import is_token
from .params import Params
from .watch import Watcher

#: The longest line, in bytes: a kickstart or a text to type goes in one.
LINE_LIMIT = 16 << 20
QUICK_LOOK, PICTURE_LOOK = 0.25, 1.0


class AgentServer:
    """Serves until the lease runs out, release is asked for, or stop() is called."""

    def __init__(self, bench: Bench, facts: dict[str, Any], digest: str) -> None:
        self._bench = bench
        self._facts = facts
        self._digest = digest
        self._lease = float(facts["lease"])
        self._deadline = 0.0
        self._deadline_noted = 0.0
        self._started = time.monotonic()
        self._clients: set[Client] = set()
        self._lanes = {name: ThreadPoolExecutor(1, name) for name in (dispatch.INPUT, dispatch.BENCH)}
        self._tasks: set[asyncio.Task[None]] = set()
        self._over = asyncio.Event()
        self.reason = ""

    async def run(self, path: str) -> None:
        """Serve on a Unix socket at `path` until over."""
        self._renew()
        with contextlib.suppress(FileNotFoundError):
            os.unlink(path)
        mask = os.umask(0o177)
        try:
            server = await asyncio.start_unix_server(self._serve_client, path, limit=LINE_LIMIT)
        finally:
            os.umask(mask)
        watches = [asyncio.create_task(self._watch_lease()), asyncio.create_task(self._watch_bench())]
        try:
            await self._over.wait()
        finally:
            server.close()
            os.unlink(path)
            (self._bench.host.run_folder / "deadline").unlink(missing_ok=True)
            for watch in watches:
                watch.cancel()
            self._bench.controller.interrupt()

    def _renew(self) -> None:
        """Noted on disk too, for `status`: the monotonic clock is the same for every process."""
        now = time.monotonic()
        self._deadline = now + self._lease
        if now - self._deadline_noted > 0.5:
            self._deadline_noted = now
            write_private(self._bench.host.run_folder / "deadline", str(self._deadline).encode())

    def stop(self, reason: str) -> None:
        """End; the first reason counts."""
        self.reason = self.reason or reason
        self._over.set()

    def lease_left(self) -> float:
        return round(max(0.0, self._deadline - time.monotonic()), 1)

    async def give_back(self) -> tuple[list[str], list[str]]:
        """Keys up, video ended, everything in the journal as before; after what is running in the lanes."""
        loop = asyncio.get_running_loop()
        self._bench.controller.interrupt()
        return await loop.run_in_executor(self._lanes[dispatch.BENCH], self._give_back)

    def _give_back(self) -> tuple[list[str], list[str]]:
        bench = self._bench
        self._lanes[dispatch.INPUT].shutdown(wait=True)
        with contextlib.suppress(GadgetError, OSError):
            bench.controller.release()
        bench.controller.close()
        said = []
        if bench.video is not None:
            bench.video.stop()
            bench.video = None
            said.append("video stopped")
        done, failed = giveback.give_back(bench.host, bench.journal)
        return said + done, failed

    async def _serve_client(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        client = Client(writer)
        try:
            if not await self._admit(reader, client):
                return
            self._clients.add(client)
            while line := await reader.readline():
                self._renew()
                self._start(self._answer(client, line))
        except (OSError, ValueError, asyncio.IncompleteReadError):
            pass  # the client is gone, or sent a line beyond all limits
        finally:
            self._clients.discard(client)
            client.close()
            self._start(self._let_go(client))

    async def _admit(self, reader: asyncio.StreamReader, client: Client) -> bool:
        try:
            token = json.loads(await reader.readline())["token"]
        except (ValueError, KeyError, TypeError):
            token = None
        if not isinstance(token, str) or not is_token(token, self._digest):
            client.send({"error": f"this token does not hold the bench; {self._facts['holder']} does"})
            return False
        self._renew()
        client.send({"event": "attached", **self._facts})
        return True

    async def _answer(self, client: Client, line: bytes) -> None:
        number: Any = None
        try:
            try:
                request = json.loads(line)
                number = request["id"]
                name, values = request["method"], request.get("params") or {}
            except (ValueError, KeyError, TypeError, AttributeError):
                raise AgentError('a request is a line {"id": n, "method": name, "params": {}}') from None
            result = await self._call(client, name, values)
        except (AgentError, GadgetError) as error:
            client.send({"id": number, "error": str(error)})
        except Exception as error:  # whatever it was, the client must not wait for ever
            client.send({"id": number, "error": f"the agent failed: {type(error).__name__}: {error}"})
            raise
        else:
            client.send({"id": number, "result": result})
            if name == "release":
                self.stop("released")

    async def _call(self, client: Client, name: object, values: Any) -> dict[str, Any]:
        params = Params(values)
        if name in dispatch.SERVER_METHODS:
            params.done()
            if name == "renew":
                return {"lease_left": self.lease_left()}
            if name == "status":
                return self._status()
            said, failed = await self.give_back()
            return {"given_back": said, "failed": failed}
        method = dispatch.find(name)

        def handle() -> dict[str, Any]:
            # A client that has gone meanwhile no longer wants its keys typed.
            if client.gone and method.lane == dispatch.INPUT:
                raise AgentError("the client is gone")
            return method.handler(self._bench, params)

        client.busy(method.lane, 1)
        try:
            return await asyncio.get_running_loop().run_in_executor(self._lanes[method.lane], handle)
        finally:
            client.busy(method.lane, -1)

    async def _let_go(self, client: Client) -> None:
        """Nobody's keys stay down: stop what the client was typing, then release."""
        if self._over.is_set():
            return
        if client.is_busy(dispatch.INPUT):
            self._bench.controller.interrupt()
        with contextlib.suppress(GadgetError, OSError, RuntimeError):
            lane = self._lanes[dispatch.INPUT]
            await asyncio.get_running_loop().run_in_executor(lane, self._bench.controller.release)

    async def _watch_lease(self) -> None:
        while self._deadline > time.monotonic():
            await asyncio.sleep(min(0.5, self._lease / 10))
        self.stop(f"nobody has renewed the lease of {self._lease:g} s")

    async def _watch_bench(self) -> None:
        watcher = Watcher(self._bench)
        rounds = 0
        while True:
            rounds += 1
            events = watcher.quick()
            if rounds % round(PICTURE_LOOK / QUICK_LOOK) == 0:
                events += await asyncio.to_thread(watcher.picture)
            for event in events:
                for client in self._clients:
                    client.send(event)
            await asyncio.sleep(QUICK_LOOK)

    def _status(self) -> dict[str, Any]:
        gadget = self._bench.composite.describe()
        video = self._bench.video
        return {
            **self._facts,
            "lease_left": self.lease_left(),
            "uptime": round(time.monotonic() - self._started, 1),
            "taken": self._bench.journal.kinds(),
            "units": {
                name: state["former"] for name, state in (self._bench.journal.get("units") or {}).items()
            },
            "gadget": {name: gadget[name] for name in ("up", "udc", "state")},
            "video": {"port": video.port if video else None},
        }

    def _start(self, work: Any) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
