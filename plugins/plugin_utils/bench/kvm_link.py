# SPDX-License-Identifier: GPL-3.0-or-later
"""The session's hold on its KVM: agent started, lease renewed, link mended, reboot noticed."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import time
from collections.abc import Callable
from typing import Any

from ansible_collections.hwlab.sut.plugins.plugin_utils.bench.agent_channel import (
    OTHER_TOKEN,
    AgentChannel,
    ChannelLost,
)
from ansible_collections.hwlab.sut.plugins.plugin_utils.bench.agent_start import AgentStarter
from ansible_collections.hwlab.sut.plugins.plugin_utils.bench.config import KvmConfig
from ansible_collections.hwlab.sut.plugins.plugin_utils.bench.desired import REPEATABLE, Desired
from ansible_collections.hwlab.sut.plugins.plugin_utils.errors import HwlabError, InfrastructureError
from ansible_collections.hwlab.sut.plugins.plugin_utils.tasks import end

#: How long a step waits for a lost link to come back: a PiKVM boots in about 30 s.
MENDING_TIME = 90.0
_RETRY_EVERY = 2.0


class KvmLink:
    """Holds the KVM from `open` to `release`.

    `on_event` gets the agent's events; `note(what, **values)` gets what happened to the link.
    """

    def __init__(
        self,
        kvm: KvmConfig,
        holder: str,
        on_event: Callable[[dict[str, Any]], None],
        note: Callable[..., None],
    ) -> None:
        self._kvm, self._on_event, self._note = kvm, on_event, note
        self._starter = AgentStarter(kvm, secrets.token_urlsafe(24), holder)
        self._channel: AgentChannel | None = None
        self._up = asyncio.Event()
        self._keeper: asyncio.Task[None] | None = None
        self._desired = Desired()
        self.boot_id = ""
        self.problem = "not connected yet"
        #: Called after the agent was started anew, when everything it had is gone.
        self.on_fresh_agent: Callable[[], None] = lambda: None

    @property
    def state(self) -> dict[str, Any]:
        """For session.info."""
        return {
            "name": self._kvm.name,
            "connected": self._up.is_set(),
            "problem": None if self._up.is_set() else self.problem,
            "boot_id": self.boot_id,
        }

    async def open(self) -> dict[str, Any]:
        """Take the bench: upload, start, attach. InfrastructureError when the KVM is away or held."""
        answer = await self._start()
        await self._attach()
        self._keeper = asyncio.create_task(self._keep(), name="KVM link")
        return answer

    async def call(
        self, method: str, params: dict[str, Any] | None = None, timeout: float = 60.0
    ) -> dict[str, Any]:
        """Call the agent, waiting for a lost link first.

        A call whose answer is lost with the link is said again when that does no harm (desired.REPEATABLE).
        """
        params = params or {}
        while True:
            channel = await self._linked(method)
            try:
                result = await channel.call(method, params, timeout)
            except ChannelLost as error:
                if method in REPEATABLE:
                    continue
                raise InfrastructureError(
                    f"{error.message}; it was lost during {method}, which may or may not have happened",
                    evidence={"host": self._kvm.name, "method": method},
                ) from error
            self._desired.note(method, params)
            return result

    async def release(self, timeout: float) -> dict[str, Any]:
        """Have the agent give everything back and end; the link is closed afterwards in any case."""
        if self._keeper is None:  # The KVM was never taken.
            await self.close()
            return {}
        try:
            async with asyncio.timeout(timeout):
                await self._up.wait()
                await end(self._keeper)
                assert self._channel is not None
                return await self._channel.call("release", {}, timeout)
        except TimeoutError as error:
            raise InfrastructureError(
                f"{self._kvm.name} could not be told to give back ({self.problem}); its agent does so by "
                f"itself when the lease of {self._kvm.lease:g} s ends"
            ) from error
        finally:
            await self.close()

    async def close(self) -> None:
        """Let go of the link; the agent gives back when its lease ends."""
        await end(self._keeper)
        self._up.clear()
        if self._channel is not None:
            await self._channel.close()
        await asyncio.to_thread(self._kvm.ssh.close)

    async def _linked(self, method: str) -> AgentChannel:
        try:
            async with asyncio.timeout(MENDING_TIME):
                await self._up.wait()
        except TimeoutError as error:
            raise InfrastructureError(
                f"{method}: no link to {self._kvm.name} for {MENDING_TIME:g} s: {self.problem}",
                evidence={"host": self._kvm.name, "method": method},
            ) from error
        assert self._channel is not None
        return self._channel

    async def _start(self) -> dict[str, Any]:
        found = await self._starter.look()
        if self.boot_id and found.boot_id != self.boot_id:
            self._note("KVM rebooted", host=self._kvm.name, boot_id=found.boot_id)
        self.boot_id = found.boot_id
        return await self._starter.start(found)

    async def _attach(self) -> None:
        self._channel = await AgentChannel.open(self._kvm, self._starter, self._on_event)
        self._up.set()

    async def _keep(self) -> None:
        """Renew the lease every few seconds; mend the link for as long as the run lasts."""
        while True:
            assert self._channel is not None
            await self._renew_until_lost(self._channel)
            self._up.clear()
            self.problem = self._channel.why.message if self._channel.why else "it stopped answering"
            self._note("KVM link lost", host=self._kvm.name, why=self.problem)
            await self._channel.close()
            # A shared connection that hangs would only make the next tries hang too.
            await asyncio.to_thread(self._kvm.ssh.close)
            lost = time.monotonic()
            while not await self._mend():
                await asyncio.sleep(_RETRY_EVERY)
            self._note("KVM link back", host=self._kvm.name, seconds=round(time.monotonic() - lost, 1))

    async def _renew_until_lost(self, channel: AgentChannel) -> None:
        every = min(5.0, self._kvm.lease / 5)
        while not channel.lost.is_set():
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(every):
                    await channel.lost.wait()
                return
            try:
                await channel.call("renew", {}, max(every, 5.0))
            except HwlabError:
                return

    async def _mend(self) -> bool:
        """One try to attach again; starts a new agent when the old one is gone, and repeats what it had."""
        try:
            try:
                await self._attach()
                return True
            except ChannelLost as error:
                self.problem = error.message
                if error.status == 255:
                    return False
                if error.status == OTHER_TOKEN:
                    self._note("bench taken by someone else", why=error.message)
            await self._start()
            channel = await AgentChannel.open(self._kvm, self._starter, self._on_event)
            self._note("agent started again", host=self._kvm.name)
            await self._repeat(channel)
            self._channel = channel
            self._up.set()
            self.on_fresh_agent()
            return True
        except HwlabError as error:
            self.problem = error.message
            return False

    async def _repeat(self, channel: AgentChannel) -> None:
        for method, params in self._desired.calls():
            try:
                await channel.call(method, params, 30)
            except ChannelLost:
                raise
            except HwlabError as error:
                self._note("not restored", method=method, why=error.message)
