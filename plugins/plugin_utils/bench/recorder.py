# SPDX-License-Identifier: GPL-3.0-or-later
"""Notes every step of a run: how long it took, what came out, and the picture after it."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ansible_collections.hwlab.sut.plugins.plugin_utils.bench.evidence import RunFolder, now, slug
from ansible_collections.hwlab.sut.plugins.plugin_utils.bench.protocol import Request
from ansible_collections.hwlab.sut.plugins.plugin_utils.errors import HwlabError

#: Parameters whose text is not written down; with `secret`, those of _SECRET_TEXT neither.
_LONG_OR_PRIVATE = ("content",)
_SECRET_TEXT = ("text", "keys")
_LONGEST = 2000


class Recorder:
    """Writes the evidence of steps; pictures are encoded one after another in a thread, never waited for.

    `save_picture(path)` writes the newest frame and tells whether there was one.
    """

    def __init__(self, run: RunFolder, save_picture: Callable[[Path], bool]) -> None:
        self._run = run
        self._save_picture = save_picture
        self._began = time.monotonic()
        self._count = 0
        self._timings: list[dict[str, Any]] = []
        self._pictures: asyncio.Queue[Path] = asyncio.Queue()
        self._painter = asyncio.create_task(self._paint(), name="pictures")
        self._ended: str | None = None
        self.failed_step: dict[str, Any] | None = None

    @property
    def count(self) -> int:
        return self._count

    def begin(self, request: Request) -> Step:
        self._count += 1
        return Step(self, self._count, request)

    def picture(self, path: Path) -> None:
        """Have the newest frame written to `path` soon."""
        self._pictures.put_nowait(path)

    async def close(self) -> None:
        """Finish the pictures and write the timings."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(3.0):
                await self._pictures.join()
        self._painter.cancel()
        self._ended = now()
        self._write_timings()

    def finished(self, record: dict[str, Any], timing: dict[str, Any]) -> None:
        self._run.step(record)
        self._timings.append(timing)
        self._write_timings()

    def screen_path(self, number: int, step: str) -> Path:
        return self._run.screens / f"{number:03d}-{slug(step)}.png"

    @property
    def failure_path(self) -> Path:
        return self._run.failure_picture

    def failed(self, record: dict[str, Any]) -> None:
        self.failed_step = {name: record[name] for name in ("n", "step", "method", "error")}
        self._run.about(failure=self.failed_step)

    async def _paint(self) -> None:
        while True:
            path = await self._pictures.get()
            try:
                await asyncio.to_thread(self._save_picture, path)
            except Exception as error:  # noqa: BLE001 - a picture that cannot be written must not end the run
                self._run.event("picture not written", path=str(path), why=str(error))
            finally:
                self._pictures.task_done()

    def _write_timings(self) -> None:
        seconds = round(time.monotonic() - self._began, 3)
        self._run.timings({"seconds": seconds, "ended": self._ended, "steps": self._timings})


class Step:
    """One step while it runs."""

    def __init__(self, recorder: Recorder, number: int, request: Request) -> None:
        self.number = number
        self._recorder = recorder
        self._request = request
        self._title = request.step or request.method
        self._started, self._began = now(), time.monotonic()
        #: Where the picture after the step goes, once one was asked for.
        self.screenshot: Path | None = None

    def ask_for_picture(self) -> Path:
        self.screenshot = self._recorder.screen_path(self.number, self._title)
        self._recorder.picture(self.screenshot)
        return self.screenshot

    def succeed(self, result: dict[str, Any]) -> None:
        self._finish({"ok": True, "result": _shortened(result)})

    def fail(self, error: HwlabError) -> None:
        record = self._finish({"ok": False, "error": error.as_dict()})
        self._recorder.failed(record)

    def _finish(self, outcome: dict[str, Any]) -> dict[str, Any]:
        head = {
            "n": self.number,
            "step": self._title,
            "method": self._request.method,
            "started": self._started,
            "seconds": round(time.monotonic() - self._began, 3),
        }
        record = head | {"params": _harmless(self._request.params)} | outcome
        if self.screenshot:
            record["screenshot"] = f"screens/{self.screenshot.name}"
        self._recorder.finished(record, head | {"ok": outcome["ok"]})
        return record


def _harmless(params: dict[str, Any]) -> dict[str, Any]:
    """The parameters without what must not be written down and without what is too long to read."""
    hidden = _LONG_OR_PRIVATE + (_SECRET_TEXT if params.get("secret") else ())
    return {name: "***" if name in hidden else value for name, value in params.items()}


def _shortened(result: dict[str, Any]) -> dict[str, Any]:
    return {
        name: value[:_LONGEST] + " ..." if isinstance(value, str) and len(value) > _LONGEST else value
        for name, value in result.items()
    }
