# SPDX-License-Identifier: GPL-3.0-or-later
"""What a session owns, and the order in which it is taken and given back."""

from __future__ import annotations

import asyncio
import contextlib
import getpass
import os
import socket
import threading
import time
from collections.abc import Awaitable
from functools import partial
from typing import Any

from ansible_collections.hwlab.sut.plugins.plugin_utils.bench.config import BenchConfig, KvmConfig
from ansible_collections.hwlab.sut.plugins.plugin_utils.bench.evidence import RunFolder, now
from ansible_collections.hwlab.sut.plugins.plugin_utils.bench.kvm_link import KvmLink
from ansible_collections.hwlab.sut.plugins.plugin_utils.bench.needle_sets import NeedleSets
from ansible_collections.hwlab.sut.plugins.plugin_utils.bench.recorder import Recorder
from ansible_collections.hwlab.sut.plugins.plugin_utils.bench.video_stream import VideoStream, no_video
from ansible_collections.hwlab.sut.plugins.plugin_utils.console.connection import transport_for
from ansible_collections.hwlab.sut.plugins.plugin_utils.console.line import ConsoleLine
from ansible_collections.hwlab.sut.plugins.plugin_utils.errors import (
    ConfigurationError,
    HwlabError,
    InfrastructureError,
)
from ansible_collections.hwlab.sut.plugins.plugin_utils.video.source import FrameSource
from ansible_collections.hwlab.sut.plugins.plugin_utils.video.ustreamer import UstreamerSource

#: How long consoles may take to connect when the session begins.
_CONSOLE_TIME = 15.0
#: What each part of giving back may take; together below GIVE_BACK_TIME.
_RELEASE_TIME, _REST_TIME = 25.0, 5.0
#: All of giving back, in seconds.
GIVE_BACK_TIME = 40.0


class Session:
    """One bench for one run. Make it in a running event loop."""

    def __init__(self, config: BenchConfig, run: RunFolder) -> None:
        self.config, self.run = config, run
        self.began = time.monotonic()
        self.stopping = threading.Event()
        self.needles = NeedleSets(config.needles)
        self.link = self._make_link(config.kvm) if config.kvm else None
        self.video = VideoStream(self._ustreamer if config.kvm else no_video, run.event)
        self.recorder = Recorder(run, self.video.save)
        self.consoles = {
            line.name: ConsoleLine(line.name, partial(transport_for, line.command, line.name), run.serial)
            for line in config.consoles
        }
        #: Keeps power changes and flashing apart.
        self.board_lock = asyncio.Lock()
        self._given_back: dict[str, Any] | None = None
        self._giving_back = asyncio.Lock()

    async def take(self) -> None:
        """Open the consoles, then take the KVM. On an error everything taken is given back first."""
        for line in self.config.consoles:
            transport_for(line.command, line.name)  # A wrong command is refused before anything is opened.
        self.needles.check()
        try:
            for console in self.consoles.values():
                console.start()
            await asyncio.gather(*(line.opened(_CONSOLE_TIME) for line in self.consoles.values()))
            if self.link:
                answer = await self.link.open()
                self.run.about(kvm=self.link.state)
                if answer.get("given_back"):
                    self.run.event("a former run's leftovers were given back", found=answer["given_back"])
        except HwlabError as error:
            self.run.about(failure={"step": "take the bench", "error": error.as_dict()})
            await self.give_back("failed")
            raise

    async def agent(
        self, method: str, params: dict[str, Any] | None = None, timeout: float = 60.0
    ) -> dict[str, Any]:
        """Call the KVM's agent."""
        if self.link is None:
            raise ConfigurationError(f"{self.config.bench} has no KVM: set sut_kvm to a host of group kvms")
        return await self.link.call(method, params, timeout)

    def kvm(self) -> KvmConfig:
        if self.config.kvm is None:
            raise ConfigurationError(f"{self.config.bench} has no KVM: set sut_kvm to a host of group kvms")
        return self.config.kvm

    async def give_back(self, outcome: str) -> dict[str, Any]:
        """Give everything back, once; ends within GIVE_BACK_TIME whatever happens. Returns what was done."""
        async with self._giving_back:
            if self._given_back is None:
                self._given_back = await self._give_back(outcome)
            return self._given_back

    async def _give_back(self, outcome: str) -> dict[str, Any]:
        self.stopping.set()
        began = time.monotonic()
        done: dict[str, Any] = {"given_back": True, "note": "", "restored": {}}
        await _within(_REST_TIME, self.recorder.close())
        await _within(_REST_TIME, self.video.close())
        if self.link:
            try:
                done["restored"] = await self.link.release(_RELEASE_TIME)
                if failed := done["restored"].get("failed"):
                    done |= {"given_back": False, "note": f"not restored on the KVM: {'; '.join(failed)}"}
            except HwlabError as error:
                done |= {"given_back": False, "note": error.message}
        await _within(_REST_TIME, _all(line.close() for line in self.consoles.values()))
        done["seconds"] = round(time.monotonic() - began, 1)
        self.run.event("given back", **done)
        self.run.about(ended=now(), outcome=outcome, give_back=done)
        return done

    def _make_link(self, kvm: KvmConfig) -> KvmLink:
        holder = f"{getpass.getuser()}@{socket.gethostname()} pid {os.getpid()}, run {self.run.path}"
        link = KvmLink(kvm, holder, self._agent_event, self.run.event)
        link.on_fresh_agent = self._after_fresh_agent
        return link

    def _agent_event(self, event: dict[str, Any]) -> None:
        name = str(event.get("event"))
        if name != "leds":
            self.run.event(f"agent: {name}", **{key: value for key, value in event.items() if key != "event"})

    def _after_fresh_agent(self) -> None:
        asyncio.get_running_loop().create_task(self.video.restart("the agent was started again"))

    async def _ustreamer(self) -> FrameSource:
        kvm = self.kvm()
        settings = {
            "device": kvm.video_device,
            "format": kvm.video_format,
            "fps": kvm.video_fps,
            "quality": kvm.video_quality,
        }
        answer = await self.agent("video.start", settings, 30)
        port = answer.get("port")
        if not isinstance(port, int):
            raise InfrastructureError(f"{kvm.name}: video.start did not tell its port: {answer}")
        argv = kvm.ssh.argv(own=True, extra=["-W", f"127.0.0.1:{port}"])
        limited = kvm.video_levels == "limited"
        return UstreamerSource(argv, name=kvm.name, env=kvm.ssh.environment(), limited=limited)


async def _within(seconds: float, work: Awaitable[None]) -> None:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await work


async def _all(works: Any) -> None:
    await asyncio.gather(*works, return_exceptions=True)
