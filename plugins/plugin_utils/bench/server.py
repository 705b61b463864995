# SPDX-License-Identifier: GPL-3.0-or-later
"""The event loop of a session: takes the bench, serves tasks, gives the bench back."""

from __future__ import annotations

import asyncio
import contextlib
import faulthandler
import json
import os
import signal
import sys
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

from ansible_collections.hwlab.sut.plugins.plugin_utils.bench.config import BenchConfig
from ansible_collections.hwlab.sut.plugins.plugin_utils.bench.dispatch import run_step
from ansible_collections.hwlab.sut.plugins.plugin_utils.bench.evidence import RunFolder, write_json
from ansible_collections.hwlab.sut.plugins.plugin_utils.bench.lease import OwnerWatch
from ansible_collections.hwlab.sut.plugins.plugin_utils.bench.places import SessionPlace
from ansible_collections.hwlab.sut.plugins.plugin_utils.bench.protocol import (
    LINE_LIMIT,
    Request,
    decode_request,
    encode,
)
from ansible_collections.hwlab.sut.plugins.plugin_utils.bench.session import GIVE_BACK_TIME, Session
from ansible_collections.hwlab.sut.plugins.plugin_utils.errors import HwlabError, InfrastructureError


def run_session(config: BenchConfig, place: SessionPlace, to_starter: int) -> int:
    """Run one session to its end; says on `to_starter` when it is ready, or why not. Returns an exit
    status."""
    try:
        run = RunFolder(Path(config.runs), config.bench, {"owner": config.owner, "pid": os.getpid()})
    except HwlabError as error:
        _tell(to_starter, {"error": error.as_dict()})
        return 1
    _log_to(run.path / "session.log")
    try:
        # Not asyncio.run: it would wait for threads, and a flash that is only watched may take minutes more.
        loop = asyncio.new_event_loop()
        return loop.run_until_complete(_main(_with_control(config, place), place, run, to_starter))
    finally:
        run.close()


async def _main(config: BenchConfig, place: SessionPlace, run: RunFolder, to_starter: int) -> int:
    return await Server(config, place, run).main(to_starter)


class Server:
    """The socket's side of a session."""

    def __init__(self, config: BenchConfig, place: SessionPlace, run: RunFolder) -> None:
        self._config, self._place, self._run = config, place, run
        self._over = asyncio.Event()
        self._outcome = "aborted"
        self._steps: set[asyncio.Task[None]] = set()

    async def main(self, to_starter: int) -> int:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            loop.add_signal_handler(number, self._end, f"signal {signal.Signals(number).name}")
        owner: OwnerWatch | None = None
        session: Session | None = None
        try:
            if self._config.owner is not None and not self._config.keep:
                owner = OwnerWatch(self._config.owner, lambda: self._end("the owner ended"))
            session = Session(self._config, self._run)
            await session.take()
            server = await self._listen(session)
        except HwlabError as error:
            self._run.about(outcome="failed", failure={"step": "take the bench", "error": error.as_dict()})
            _tell(to_starter, {"error": error.as_dict()})
            return 1
        if not _tell(to_starter, self._papers()):
            self._end("nobody waited for the session")
        async with server:
            await self._over.wait()
            _guard_time()
            server.close()
            with contextlib.suppress(OSError):
                self._place.socket.unlink()
            session.stopping.set()
            for step in self._steps:
                step.cancel()
            await session.give_back(self._outcome)
            if owner:
                owner.close()
            if self._steps:
                await asyncio.wait(self._steps, timeout=1.0)
        return 0

    def _end(self, why: str) -> None:
        if not self._over.is_set():
            self._run.event("ending", why=why)
            self._run.about(ended_by=why)
            self._over.set()

    async def _listen(self, session: Session) -> asyncio.Server:
        self._place.socket.unlink(missing_ok=True)

        async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await self._talk(session, reader, writer)

        server = await asyncio.start_unix_server(talk, self._place.socket, limit=LINE_LIMIT)
        self._place.socket.chmod(0o600)
        write_json(self._place.papers, self._papers())
        return server

    def _papers(self) -> dict[str, Any]:
        return {
            "socket": str(self._place.socket),
            "run_folder": str(self._run.path),
            "pid": os.getpid(),
            "bench": self._config.bench,
            "owner": self._config.owner,
        }

    async def _talk(
        self, session: Session, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        with contextlib.suppress(ConnectionError, ValueError):
            while line := await reader.readline():
                step = asyncio.create_task(self._serve(session, line, writer))
                self._steps.add(step)
                gone = asyncio.create_task(reader.read(1))
                await asyncio.wait({step, gone}, return_when=asyncio.FIRST_COMPLETED)
                if not step.done():  # The task was killed or timed out: nobody waits for this step any more.
                    step.cancel()
                gone.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await step
                self._steps.discard(step)
                break
        writer.close()

    async def _serve(self, session: Session, line: bytes, writer: asyncio.StreamWriter) -> None:
        number = 0

        def send(message: dict[str, Any]) -> None:
            if not writer.is_closing():
                writer.write(encode({"id": number, **message}))

        request: Request | None = None
        try:
            request = decode_request(line)
            number = request.id
            result = await run_step(session, request, lambda text: send({"progress": text}))
            send({"result": result})
        except HwlabError as error:
            send({"error": error.as_dict()})
        except asyncio.CancelledError:
            ended = InfrastructureError(
                "the bench is given back while this step was at work: the run has ended"
            )
            send({"error": ended.as_dict()})
        with contextlib.suppress(ConnectionError):
            await writer.drain()
        if request and request.method == "finish":
            self._end("finish")


def _with_control(config: BenchConfig, place: SessionPlace) -> BenchConfig:
    """The same config with shared ssh connections, whose sockets lie in the session's private folder."""
    kvm, flasher = config.kvm, config.flasher
    if kvm:
        kvm = replace(kvm, ssh=replace(kvm.ssh, control_folder=str(place.ssh)))
    if flasher:
        flasher = replace(flasher, ssh=replace(flasher.ssh, control_folder=str(place.ssh)))
    return replace(config, kvm=kvm, flasher=flasher)


def _guard_time() -> None:
    """Giving back may not take longer than GIVE_BACK_TIME: the process then ends, and the agent's lease does
    the rest."""
    timer = threading.Timer(GIVE_BACK_TIME, os._exit, (2,))
    timer.daemon = True
    timer.start()


def _log_to(path: Path) -> None:
    """Everything the process would print goes to the run's folder."""
    log = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    for standard in (1, 2):
        os.dup2(log, standard)
    os.close(log)
    sys.stderr.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    faulthandler.enable()


def _tell(to_starter: int, message: dict[str, Any]) -> bool:
    """False when the starter has gone."""
    try:
        os.write(to_starter, json.dumps(message).encode() + b"\n")
    except BrokenPipeError:
        return False
    os.close(to_starter)
    return True
