# SPDX-License-Identifier: GPL-3.0-or-later
"""The table of the session's methods, and how one of them is run and recorded."""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import Awaitable, Callable
from typing import Any

from ansible_collections.hwlab.sut.plugins.plugin_utils.bench.config_reader import Reader
from ansible_collections.hwlab.sut.plugins.plugin_utils.bench.handlers import (
    console,
    keyboard,
    kickstart,
    media,
    mouse,
    screen,
    session_steps,
    usb_gadget,
    video_input,
)
from ansible_collections.hwlab.sut.plugins.plugin_utils.bench.handlers.board import board_step
from ansible_collections.hwlab.sut.plugins.plugin_utils.bench.protocol import Request
from ansible_collections.hwlab.sut.plugins.plugin_utils.bench.session import Session
from ansible_collections.hwlab.sut.plugins.plugin_utils.errors import (
    ConfigurationError,
    HwlabError,
    InfrastructureError,
)
from ansible_collections.hwlab.sut.plugins.plugin_utils.flash import steps as flash_steps
from ansible_collections.hwlab.sut.plugins.plugin_utils.power import steps as power_steps

Handler = Callable[[Session, Reader, Callable[[str], None]], Awaitable[dict[str, Any]]]

METHODS: dict[str, Handler] = {
    "session.info": session_steps.info,
    "session.check": session_steps.check,
    "finish": session_steps.finish,
    "evidence.add": session_steps.add_evidence,
    "agent": session_steps.agent,
    "power.ensure": board_step(power_steps.ensure),
    "power.info": board_step(power_steps.info),
    "flash.write": board_step(flash_steps.write),
    "flash.info": board_step(flash_steps.info),
    "video_input.ensure": video_input.ensure,
    "video_input.info": video_input.info,
    "usb_gadget.ensure": usb_gadget.ensure,
    "usb_gadget.info": usb_gadget.info,
    "media.ensure": media.ensure,
    "media.insert": media.insert,
    "media.eject": media.eject,
    "media.list": media.listed,
    "screen.wait": screen.wait,
    "screen.check": screen.check,
    "screen.still": screen.still,
    "screen.shot": screen.shot,
    "screen.needles": screen.needles,
    "keyboard": keyboard.keyboard,
    "mouse": mouse.mouse,
    "console.open": console.opened,
    "console.mark": console.mark,
    "console.wait": console.wait,
    "console.send": console.send,
    "console.read": console.read,
    "kickstart.serve": kickstart.serve,
    "kickstart.stop": kickstart.stop,
}
#: Methods that only ask: they are no steps of a test and leave no evidence.
QUIET = frozenset({"session.info", "console.mark", "console.read", "media.list", "screen.needles"})


async def run_step(session: Session, request: Request, progress: Callable[[str], None]) -> dict[str, Any]:
    """Run one request, recorded as a step. Raises HwlabError and nothing else."""
    handler = METHODS.get(request.method)
    if handler is None:
        raise ConfigurationError(f"the session has no method {request.method}")
    if session.stopping.is_set():
        raise InfrastructureError("the bench is being given back; take it again")
    params = Reader(request.params, request.method)
    if request.method in QUIET:
        return await _guarded(handler(session, params, progress))
    step = session.recorder.begin(request)
    try:
        result = await _guarded(handler(session, params, progress))
    except HwlabError as error:
        _picture_of_failure(session, error)
        if session.video.latest() is not None:
            error.evidence.setdefault("screenshot", str(step.ask_for_picture()))
        error.evidence.setdefault("run_folder", str(session.run.path))
        step.fail(error)
        raise
    if session.video.latest() is not None and request.method != "finish":
        result.setdefault("screenshot", str(step.ask_for_picture()))
    step.succeed(result)
    return result


async def _guarded(work: Awaitable[dict[str, Any]]) -> dict[str, Any]:
    """A mistake of the engine's own ends the step, not the session."""
    try:
        return await work
    except (HwlabError, asyncio.CancelledError):
        raise
    except Exception as error:
        traceback.print_exc()
        raise InfrastructureError(
            f"the session made a mistake: {type(error).__name__}: {error}; see session.log in the run's "
            "folder"
        ) from error


def _picture_of_failure(session: Session, error: HwlabError) -> None:
    """A failed step has a picture, whatever kind of step it was; screen waits have drawn their own."""
    if "picture" not in error.evidence and session.video.latest() is not None:
        session.recorder.picture(session.recorder.failure_path)
        error.evidence["picture"] = str(session.recorder.failure_path)
