# SPDX-License-Identifier: GPL-3.0-or-later
"""screen.wait, screen.check, screen.still, screen.shot, screen.needles."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any

from ansible_collections.hwlab.sut.plugins.plugin_utils.bench.config_reader import Reader
from ansible_collections.hwlab.sut.plugins.plugin_utils.bench.evidence import slug
from ansible_collections.hwlab.sut.plugins.plugin_utils.bench.handlers.mouse import BUTTONS, click
from ansible_collections.hwlab.sut.plugins.plugin_utils.bench.screen_wait import Look, ScreenWait
from ansible_collections.hwlab.sut.plugins.plugin_utils.bench.session import Session
from ansible_collections.hwlab.sut.plugins.plugin_utils.errors import (
    ConfigurationError,
    InfrastructureError,
    TestError,
)
from ansible_collections.hwlab.sut.plugins.plugin_utils.screen.change import STILL_LEVEL, StillnessWatch
from ansible_collections.hwlab.sut.plugins.plugin_utils.screen.needle import NeedleSet
from ansible_collections.hwlab.sut.plugins.plugin_utils.video.recorder import write_png

Progress = Callable[[str], None]


async def wait(session: Session, params: Reader, progress: Progress) -> dict[str, Any]:
    """Wait for a needle; TestError when none shows in time."""
    return await _look(session, params, progress, must=True)


async def check(session: Session, params: Reader, progress: Progress) -> dict[str, Any]:
    """As `wait`, but a needle that does not show is an answer."""
    return await _look(session, params, progress, must=False)


async def _look(session: Session, params: Reader, progress: Progress, must: bool) -> dict[str, Any]:
    tags = params.one_or_more("tags", ())
    tag, name = params.optional_text("tag"), params.optional_text("needle")
    forbid = params.one_or_more("forbid", ())
    folder = params.optional_text("needles")
    timeout = params.number("timeout", 30.0)
    stable, wants_click = params.number("stable", 0.0), params.flag("click", False)
    point, button = params.optional_text("click_point"), params.choice("button", tuple(BUTTONS), "left")
    params.done()
    tags += (tag,) if tag else ()
    wanted = _wanted(session.needles.of(folder), tags, name)
    bad = session.needles.of(folder).select(list(forbid)) if forbid else None
    both = NeedleSet({needle.name: needle for part in (wanted, bad or ()) for needle in part}.values())
    await session.video.start()
    shown = [name] if name else list(tags)
    waiting = ScreenWait(session.video, both, shown, timeout, progress)
    look = await waiting.run()
    if look is None:
        return await _not_shown(session, waiting, must)
    if bad is not None and look.result.needle.name in bad and look.result.needle.name not in wanted:
        raise await _forbidden(session, look, shown)
    if stable:
        await _still(session, stable, max(stable * 3, timeout), STILL_LEVEL)
    result = _found(look, waiting)
    if wants_click:
        x, y = look.result.best.click_point_of(point)
        result["clicked"] = await click(session, x, y, button)
    return result


def _wanted(needles: NeedleSet, tags: tuple[str, ...], name: str | None) -> NeedleSet:
    if bool(tags) == bool(name):
        raise ConfigurationError("screen: give tags or needle, one of the two")
    return needles.named(name) if name else needles.select(list(tags))


def _found(look: Look, waiting: ScreenWait) -> dict[str, Any]:
    values = look.result.as_dict(candidates=3)
    return values | {
        "matched": True,
        "waited": round(waiting.waited, 3),
        "frames": waiting.frames,
        "frame_age": round(time.monotonic() - look.frame.time, 3),
    }


async def _not_shown(session: Session, waiting: ScreenWait, must: bool) -> dict[str, Any]:
    if must:
        raise await waiting.failure(session.run.failure_picture)
    look = waiting.look
    nearest = look.result.as_dict(candidates=3) if look else {}
    return {
        "matched": False,
        "waited": round(waiting.waited, 3),
        "frames": waiting.frames,
        "closest": nearest,
    }


async def _forbidden(session: Session, look: Look, tags: list[str]) -> TestError:
    picture = session.run.failure_picture
    await asyncio.to_thread(write_png, picture, look.frame.bgr)
    needle = look.result.needle.name
    return TestError(
        f"while waiting for {' or '.join(tags)}, the screen showed {needle}, which is forbidden. See "
        f"{picture}",
        evidence={"tags": tags, "needle": needle, "picture": str(picture)},
    )


async def still(session: Session, params: Reader, progress: Progress) -> dict[str, Any]:
    """Wait until the picture stands still."""
    seconds, timeout = params.number("seconds", 2.0), params.number("timeout", 30.0)
    level = params.number("similarity", STILL_LEVEL)
    params.done()
    await session.video.start()
    return {"waited": round(await _still(session, seconds, timeout, level), 3)}


async def _still(session: Session, seconds: float, timeout: float, level: float) -> float:
    began = time.monotonic()
    watch, number, frame = StillnessWatch(level), 0, None
    while (waited := time.monotonic() - began) <= timeout:
        newest = session.video.latest()
        if newest is not None and newest.number != number:
            number, frame = newest.number, newest
        # A source may send nothing while nothing changes: the newest frame counts for the present.
        if frame is not None and watch.add(frame.bgr, time.monotonic()) >= seconds:
            return waited
        await session.video.next(number, 0.1)
    if frame is None:
        missing = await session.video.still_missing()
        raise InfrastructureError(f"screen: no picture in {timeout:g} s: {missing or 'no frame arrived'}")
    picture = session.run.failure_picture
    await asyncio.to_thread(write_png, picture, frame.bgr)
    raise TestError(
        f"the screen did not stand still for {seconds:g} s within {timeout:g} s. See {picture}",
        evidence={"picture": str(picture)},
    )


async def shot(session: Session, params: Reader, progress: Progress) -> dict[str, Any]:
    """Write the newest frame now."""
    name = params.text("name", "screen")
    params.done()
    await session.video.start()
    frame = session.video.latest() or await session.video.next(0, 10.0)
    if frame is None:
        raise InfrastructureError(f"screen: no picture: {await session.video.still_missing()}")
    path = session.run.screens / f"{session.recorder.count:03d}-{slug(name)}-shot.png"
    await asyncio.to_thread(write_png, path, frame.bgr)
    return {
        "path": str(path),
        "width": frame.width,
        "height": frame.height,
        "age": round(time.monotonic() - frame.time, 3),
    }


async def needles(session: Session, params: Reader, progress: Progress) -> dict[str, Any]:
    """Read a folder of needles and tell which of `tags` none of them has."""
    folder, tags = params.optional_text("needles"), params.one_or_more("tags", ())
    params.done()
    found = session.needles.of(folder)
    return {"count": len(found), "missing": found.missing(list(tags)) if tags else []}
