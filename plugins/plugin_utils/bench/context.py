# SPDX-License-Identifier: GPL-3.0-or-later
"""What a synchronous step (power, flash) may use of the session; it runs in a thread of its own."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Protocol

from ansible_collections.hwlab.sut.plugins.plugin_utils.bench.config import BenchConfig


class StepContext(Protocol):
    """The session as a step sees it."""

    @property
    def config(self) -> BenchConfig:
        """The bench: `config.flasher`, `config.mains`, `config.kvm`, each with its ssh target."""

    @property
    def run_folder(self) -> Path:
        """Where evidence goes; files in it may be written by the step."""

    def progress(self, text: str) -> None:
        """Show one line to the user now."""

    def agent(
        self, method: str, params: dict[str, Any] | None = None, timeout: float = 60.0
    ) -> dict[str, Any]:
        """Call the KVM's agent. Raises InfrastructureError with the agent's words."""

    def stopping(self) -> bool:
        """True once the run is being given back: a step that polls should end."""

    def sleep(self, seconds: float) -> None:
        """Wait; raises InfrastructureError at once when the run is being given back."""
