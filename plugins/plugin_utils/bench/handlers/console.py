# SPDX-License-Identifier: GPL-3.0-or-later
"""console.open, console.mark, console.wait, console.send, console.read: the SUT's serial lines."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible_collections.hwlab.sut.plugins.plugin_utils.bench.config_reader import Reader
from ansible_collections.hwlab.sut.plugins.plugin_utils.bench.session import Session
from ansible_collections.hwlab.sut.plugins.plugin_utils.console.line import ConsoleLine
from ansible_collections.hwlab.sut.plugins.plugin_utils.console.waiting import compile_pattern, wait_for
from ansible_collections.hwlab.sut.plugins.plugin_utils.errors import ConfigurationError

Progress = Callable[[str], None]


async def opened(session: Session, params: Reader, progress: Progress) -> dict[str, Any]:
    """Wait until a line, or every line, is connected."""
    name, timeout = params.optional_text("console"), params.number("timeout", 30.0)
    params.done()
    lines = [_line(session, name)] if name else list(session.consoles.values())
    for line in lines:
        await line.opened(timeout)
    return {"consoles": console_states(session)}


async def mark(session: Session, params: Reader, progress: Progress) -> dict[str, Any]:
    """The position after everything received so far."""
    line = _line(session, params.optional_text("console"))
    params.done()
    return {"console": line.name, "mark": line.received.end}


async def wait(session: Session, params: Reader, progress: Progress) -> dict[str, Any]:
    """Wait for a pattern over everything received since a mark."""
    pattern = compile_pattern(params.text("pattern"))
    fail_on = [compile_pattern(text, "fail_on") for text in params.one_or_more("fail_on", ())]
    line = _line(session, params.optional_text("console"))
    timeout, since = params.number("timeout", 60.0), _since(line, params, "last")
    params.done()
    found = await wait_for(line, pattern, since, timeout, fail_on, progress)
    return {
        "matched": found.text,
        "groups": found.groups,
        "named": found.named,
        "console": line.name,
        "mark": found.mark,
        "waited": round(found.waited, 3),
        "log": str(line.log.path),
    }


async def send(session: Session, params: Reader, progress: Progress) -> dict[str, Any]:
    """Send text, UTF-8, followed by a carriage return unless `enter` is false."""
    line = _line(session, params.optional_text("console"))
    text, enter = params.optional_text("text") or "", params.flag("enter", True)
    delay = params.number("delay", 0.0)
    params.flag("secret", False)  # Read by the recorder, which then writes down no text.
    params.done()
    data = text.encode() + (b"\r" if enter else b"")
    await line.send(data, delay)
    return {"changed": True, "console": line.name, "sent": len(data)}


async def read(session: Session, params: Reader, progress: Progress) -> dict[str, Any]:
    """What was received since a mark, the last `limit` characters of it."""
    line = _line(session, params.optional_text("console"))
    since = _since(line, params, "start")
    limit = params.integer("limit", 65536, 1) or 65536
    params.done()
    end = line.received.end
    return {"console": line.name, "text": line.received.text(max(since, end - limit)), "mark": end}


def console_states(session: Session) -> dict[str, dict[str, Any]]:
    """For session.info and console.open."""
    return {
        line.name: {
            "state": "connected" if line.connected else "disconnected",
            "problem": None if line.connected else line.problem,
            "log": str(line.log.path),
            "bytes": line.bytes_received,
        }
        for line in session.consoles.values()
    }


def _line(session: Session, name: str | None) -> ConsoleLine:
    known = ", ".join(session.consoles) or "none"
    if name is None:
        primary = [line.name for line in session.config.consoles if "primary" in line.tags]
        names = primary or list(session.consoles)
        if len(names) != 1:
            raise ConfigurationError(
                f"console is missing, and of the consoles of {session.config.bench} ({known}) not one alone "
                "is "
                "tagged primary in connection_tags"
            )
        name = names[0]
    if name not in session.consoles:
        raise ConfigurationError(
            f"console is {name!r}, but connection_list of {session.config.bench} holds: {known}"
        )
    return session.consoles[name]


def _since(line: ConsoleLine, params: Reader, default: str) -> int:
    words = {"start": 0, "now": line.received.end, "last": line.last_match}
    value = params.anything("since", default)
    if isinstance(value, str) and value in words:
        return words[value]
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    raise ConfigurationError(f"console: since is {value!r}, expected start, now, last or a mark (a number)")
