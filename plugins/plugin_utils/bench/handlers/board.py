# SPDX-License-Identifier: GPL-3.0-or-later
"""power.* and flash.*: synchronous steps of the power and flash engines, each in a thread of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from ansible_collections.hwlab.sut.plugins.plugin_utils.bench.config import BenchConfig
from ansible_collections.hwlab.sut.plugins.plugin_utils.bench.config_reader import Reader
from ansible_collections.hwlab.sut.plugins.plugin_utils.bench.context import StepContext
from ansible_collections.hwlab.sut.plugins.plugin_utils.bench.session import Session
from ansible_collections.hwlab.sut.plugins.plugin_utils.errors import InfrastructureError

Progress = Callable[[str], None]
BoardStep = Callable[[StepContext, dict[str, Any]], dict[str, Any]]


class ThreadContext:
    """The session as a thread sees it; implements context.StepContext."""

    def __init__(self, session: Session, progress: Progress) -> None:
        self._session, self._progress = session, progress
        self._loop = asyncio.get_running_loop()

    @property
    def config(self) -> BenchConfig:
        return self._session.config

    @property
    def run_folder(self) -> Path:
        return self._session.run.path

    def progress(self, text: str) -> None:
        self._loop.call_soon_threadsafe(self._progress, text)

    def agent(
        self, method: str, params: dict[str, Any] | None = None, timeout: float = 60.0
    ) -> dict[str, Any]:
        call = self._session.agent(method, params, timeout)
        return asyncio.run_coroutine_threadsafe(call, self._loop).result()

    def stopping(self) -> bool:
        return self._session.stopping.is_set()

    def sleep(self, seconds: float) -> None:
        if self._session.stopping.wait(seconds):
            raise InfrastructureError("the run is being given back; the step was not finished")


def board_step(step: BoardStep) -> Callable[[Session, Reader, Progress], Awaitable[dict[str, Any]]]:
    """A handler that runs `step` in a thread, one board step at a time."""

    async def handler(session: Session, params: Reader, progress: Progress) -> dict[str, Any]:
        context = ThreadContext(session, progress)
        async with session.board_lock:
            return await asyncio.to_thread(step, context, params.rest())

    return handler
