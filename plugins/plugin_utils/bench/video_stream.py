# SPDX-License-Identifier: GPL-3.0-or-later
"""The session's picture: one stream, started when it is first needed, mended when it dies or freezes."""

from __future__ import annotations

import asyncio
import contextlib
import math
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from ansible_collections.hwlab.sut.plugins.plugin_utils.errors import HwlabError, InfrastructureError
from ansible_collections.hwlab.sut.plugins.plugin_utils.tasks import end
from ansible_collections.hwlab.sut.plugins.plugin_utils.video.frame import Frame
from ansible_collections.hwlab.sut.plugins.plugin_utils.video.recorder import write_png
from ansible_collections.hwlab.sut.plugins.plugin_utils.video.source import FrameSource, SourceState

#: Seconds in a state, with no picture that is younger, before the stream is started anew. A source connects
#: again by itself; this is for what it cannot mend: the KVM's end of the stream. A first connection through a
#: slow link or to a busy KVM takes its time.
PATIENCE = {SourceState.STARTING: 60.0, SourceState.DEAD: 15.0, SourceState.LIVE: 15.0}
_LOOK_EVERY = 1.0


class VideoStream:
    """Owns the frame source. `make_source` starts what is needed on the KVM and returns a new source."""

    def __init__(self, make_source: Callable[[], Awaitable[FrameSource]], note: Callable[..., None]) -> None:
        self._make_source = make_source
        self._note = note
        self._source: FrameSource | None = None
        self._lock = asyncio.Lock()
        self._watch: asyncio.Task[None] | None = None

    @property
    def running(self) -> bool:
        return self._source is not None

    @property
    def state(self) -> dict[str, Any]:
        """For session.info: state, reason, age of the newest frame in seconds (None before the first)."""
        source = self._source
        if source is None:
            return {"state": "stopped", "reason": "", "age": None, "width": None, "height": None}
        age, frame = source.age, source.last()
        return {
            "state": str(source.state),
            "reason": source.reason,
            "age": None if math.isinf(age) else round(age, 2),
            "width": frame.width if frame else None,
            "height": frame.height if frame else None,
        }

    async def start(self) -> FrameSource:
        """The running source, started if it was not. Raises InfrastructureError when it cannot be."""
        async with self._lock:
            if self._source is None:
                self._source = await self._make_source()
                self._source.start()
                if self._watch is None:
                    self._watch = asyncio.create_task(self._mend(), name="video")
            return self._source

    def latest(self) -> Frame | None:
        """The newest frame of the SUT's picture, None when there is no picture now."""
        return self._source.latest() if self._source else None

    async def next(self, after: int, timeout: float) -> Frame | None:
        """The newest frame as soon as its number is above `after`; None after `timeout` seconds."""
        source = self._source
        if source is None:
            await asyncio.sleep(timeout)
            return None
        return await asyncio.to_thread(source.wait, after, timeout)

    def save(self, path: Path) -> bool:
        """Write the newest frame as PNG; False when there is none. For threads."""
        frame = self.latest()
        if frame is None:
            return False
        write_png(path, frame.bgr)
        return True

    async def still_missing(self) -> str:
        """Why there is no picture, in a sentence; empty when there is one."""
        source = self._source
        if source is None:
            return "the video stream is not running"
        if source.state is SourceState.NO_SIGNAL:
            return "the KVM's video input has no signal: is the SUT on, is its display connected to the KVM?"
        if source.state is SourceState.DEAD:
            return f"the video stream is down: {source.reason}"
        return "" if source.latest() else "no frame has arrived yet"

    async def restart(self, why: str) -> None:
        """Start the stream anew on both sides; a running wait goes on with the new one."""
        async with self._lock:
            old, self._source = self._source, None
            if old is None:
                return
            self._note("video restarted", why=why)
            await asyncio.to_thread(old.close)
        with contextlib.suppress(HwlabError):
            await self.start()

    async def close(self) -> None:
        await end(self._watch)
        source, self._source = self._source, None
        if source is not None:
            await asyncio.to_thread(source.close)

    async def _mend(self) -> None:
        trouble_since: float | None = None
        while True:
            await asyncio.sleep(_LOOK_EVERY)
            source = self._source
            if source is None:
                with contextlib.suppress(HwlabError):
                    await self.start()
                continue
            state = source.state
            if state is SourceState.NO_SIGNAL or (state is SourceState.LIVE and source.age < 2 * _LOOK_EVERY):
                trouble_since = None
                continue
            trouble_since = trouble_since or time.monotonic()
            if time.monotonic() - trouble_since > PATIENCE[state]:
                trouble_since = None
                await self.restart(source.reason or f"{state}, no frame for {PATIENCE[state]:g} s")


async def no_video() -> FrameSource:
    """A `make_source` for a bench without a KVM."""
    raise InfrastructureError("this bench has no KVM, so there is no picture: set sut_kvm")
