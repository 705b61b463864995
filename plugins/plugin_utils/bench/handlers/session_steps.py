# SPDX-License-Identifier: GPL-3.0-or-later
"""session.info, session.check, finish, evidence.add, agent."""

from __future__ import annotations

import asyncio
import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ansible_collections.hwlab.sut.plugins.plugin_utils.bench.config_reader import Reader
from ansible_collections.hwlab.sut.plugins.plugin_utils.bench.handlers.console import console_states
from ansible_collections.hwlab.sut.plugins.plugin_utils.bench.session import Session
from ansible_collections.hwlab.sut.plugins.plugin_utils.errors import ConfigurationError, InfrastructureError

Progress = Callable[[str], None]


async def info(session: Session, params: Reader, progress: Progress) -> dict[str, Any]:
    """What the session is and how its parts are doing."""
    params.done()
    return {
        "bench": session.config.bench,
        "pid": os.getpid(),
        "owner": session.config.owner,
        "keep": session.config.keep,
        "run_folder": str(session.run.path),
        "uptime": round(time.monotonic() - session.began, 1),
        "steps": session.recorder.count,
        "kvm": session.link.state if session.link else None,
        "video": session.video.state,
        "consoles": console_states(session),
    }


async def check(session: Session, params: Reader, progress: Progress) -> dict[str, Any]:
    """Everything that must work before the power comes on: consoles, the KVM's agent, its USB gadget."""
    params.done()
    for line in session.consoles.values():
        await line.opened(10.0)
    gadget: dict[str, Any] = {}
    if session.link:
        gadget = await session.agent("gadget.info", {})
        if not gadget.get("up"):
            raise InfrastructureError(
                f"{session.kvm().name} shows the SUT no keyboard: its USB gadget is not up; run the "
                "usb_gadget "
                "step first",
                evidence={"gadget": gadget},
            )
    return {"changed": False, "consoles": console_states(session), "gadget": gadget}


async def finish(session: Session, params: Reader, progress: Progress) -> dict[str, Any]:
    """Give the bench back; the daemon ends after the answer."""
    failed = session.recorder.failed_step is not None
    outcome = params.choice("outcome", ("passed", "failed", "aborted"), "failed" if failed else "passed")
    message = params.optional_text("message")
    params.done()
    if message:
        session.run.about(message=message)
    done = await session.give_back(outcome)
    return {"changed": True, "run_folder": str(session.run.path), "outcome": outcome, **done}


async def add_evidence(session: Session, params: Reader, progress: Progress) -> dict[str, Any]:
    """Keep a further file in the run's folder."""
    name, text = params.name("name"), params.optional_text("text")
    source, about = params.optional_text("path"), params.optional_text("about")
    params.done()
    if (text is None) == (source is None):
        raise ConfigurationError("evidence: give text or path, one of the two")
    folder = session.run.path / "files"
    folder.mkdir(exist_ok=True)
    target = folder / name
    if text is not None:
        target.write_text(text, encoding="utf-8")
    else:
        await asyncio.to_thread(_copy, Path(str(source)), target)
    session.run.event("evidence added", file=f"files/{name}", about=about)
    return {"changed": True, "path": str(target)}


def _copy(source: Path, target: Path) -> None:
    try:
        shutil.copyfile(source, target)
    except OSError as error:
        raise ConfigurationError(f"evidence: path is {source}: {error.strerror}") from error


async def agent(session: Session, params: Reader, progress: Progress) -> dict[str, Any]:
    """Call the KVM's agent directly."""
    method, what = params.text("method"), params.mapping("params")
    timeout = params.number("timeout", 60.0)
    params.done()
    return await session.agent(method, what, timeout)
