# SPDX-License-Identifier: GPL-3.0-or-later
"""Buttons and LED on the PiKVM's ATX header, through the agent on the KVM (atx.press, atx.leds)."""

from __future__ import annotations

from typing import Any, Protocol

from ansible_collections.hwlab.sut.plugins.plugin_utils.errors import InfrastructureError


class Agent(Protocol):
    """The part of a step's context that reaches the KVM's agent."""

    def agent(
        self, method: str, params: dict[str, Any] | None = None, timeout: float = 60.0
    ) -> dict[str, Any]: ...


class AtxButton:
    """`button` is ``power`` or ``reset``."""

    def __init__(self, kvm: Agent, button: str) -> None:
        self._kvm = kvm
        self._button = button

    def press(self, seconds: float) -> None:
        self._kvm.agent("atx.press", {"button": self._button, "seconds": seconds}, timeout=seconds + 15)


class AtxLed:
    """The power LED as kvmd sees it; a header that is not enabled in kvmd cannot tell."""

    def __init__(self, kvm: Agent) -> None:
        self._kvm = kvm

    def lit(self) -> bool | None:
        leds = self._kvm.agent("atx.leds", {}, timeout=10)
        if not leds.get("enabled", True):
            return None
        if not isinstance(leds.get("power"), bool):
            raise InfrastructureError(f"kvmd did not tell the state of the power LED: {leds!r}")
        return bool(leds["power"])
