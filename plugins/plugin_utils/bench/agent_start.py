# SPDX-License-Identifier: GPL-3.0-or-later
"""Bringing the agent onto a KVM and starting it: the bench's lock is taken here."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from ansible_collections.hwlab.sut.plugins.plugin_utils.bench import agent_package
from ansible_collections.hwlab.sut.plugins.plugin_utils.bench.config import KvmConfig
from ansible_collections.hwlab.sut.plugins.plugin_utils.errors import InfrastructureError
from ansible_collections.hwlab.sut.plugins.plugin_utils.ssh import Completed

#: Exit status of `start` when someone else holds the bench.
_HELD = 3


@dataclass(frozen=True)
class KvmState:
    """What was found on the KVM before the agent is started."""

    boot_id: str
    checksum: str


class AgentStarter:
    """Uploads and starts the agent with one token. All methods raise InfrastructureError."""

    def __init__(self, kvm: KvmConfig, token: str, holder: str) -> None:
        self._kvm = kvm
        self._token, self._holder = token, holder

    def attach_argv(self) -> list[str]:
        """Argument vector of the long-lived ssh that is attached to the agent.

        It shares its connection with the short commands only: video and uploads have their own.
        """
        return self._kvm.ssh.argv([self._kvm.python, agent_package.REMOTE_PATH, "attach"])

    @property
    def token_line(self) -> bytes:
        return json.dumps({"token": self._token}).encode() + b"\n"

    async def look(self) -> KvmState:
        """Reach the KVM; its boot id, and the checksum of the agent that is there ("" when none is)."""
        path = agent_package.REMOTE_PATH
        done = await self._kvm.ssh.run_async(
            f"cat /proc/sys/kernel/random/boot_id && {{ sha256sum {path} 2>/dev/null || echo; }}", timeout=30
        )
        boot_id, _, rest = done.text.partition("\n")
        return KvmState(boot_id.strip(), rest.split(" ")[0].strip())

    async def start(self, found: KvmState) -> dict[str, Any]:
        """Upload if what is there differs, then start; the agent's answer. Says who holds a taken bench."""
        if found.checksum != agent_package.digest():
            await self._upload()
        words = [self._kvm.python, agent_package.REMOTE_PATH, "start", "--holder", self._holder]
        words += ["--lease", f"{self._kvm.lease:g}"]
        done = await self._kvm.ssh.run_async(words, input=self.token_line, timeout=60, check=False)
        answer = _answer(done)
        if done.returncode == 0:
            return answer
        if done.returncode == _HELD:
            raise self._taken(answer)
        words_said = answer.get("error") or done.stderr.decode(errors="replace").strip()[-1000:]
        hint = f"; is {self._kvm.python} installed there?" if done.returncode == 127 else ""
        raise InfrastructureError(
            f"{self._kvm.name}: the agent does not start (status {done.returncode}): {words_said}{hint}",
            evidence={"host": self._kvm.name},
        )

    async def _upload(self) -> None:
        await self._kvm.ssh.run_async(
            agent_package.install_command(), input=agent_package.build(), timeout=60
        )

    def _taken(self, answer: dict[str, Any]) -> InfrastructureError:
        holder = answer.get("holder", "someone")
        left = answer.get("lease_left")
        until = "" if left is None else f"; it will be free in {left:.0f} s unless the holder renews"
        return InfrastructureError(
            f"{self._kvm.name} is held by {holder} since {answer.get('since', 'a while ago')}{until}. "
            "Wait for that run, or end it (its session gives the bench back)",
            evidence={"host": self._kvm.name, "holder": holder, "since": answer.get("since")},
        )


def _answer(done: Completed) -> dict[str, Any]:
    for line in reversed(done.stdout.splitlines()):
        try:
            value = json.loads(line)
        except ValueError:
            continue
        if isinstance(value, dict):
            return value
    return {}
