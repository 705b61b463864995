# SPDX-License-Identifier: GPL-3.0-or-later
"""Waiting for a pattern on a console line, over everything received since a mark."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

from ansible_collections.hwlab.sut.plugins.plugin_utils.console.line import ConsoleLine
from ansible_collections.hwlab.sut.plugins.plugin_utils.errors import (
    ConfigurationError,
    InfrastructureError,
    TestError,
)

#: How far back from new text a match may begin. It bounds the work per byte received.
REACH = 1 << 14
_REPORT_EVERY = 30.0


@dataclass(frozen=True)
class Found:
    """A match: its text, groups, and the mark after it, from which the next wait goes on."""

    text: str
    groups: list[str | None]
    named: dict[str, str | None]
    begin: int
    mark: int
    waited: float


def compile_pattern(pattern: str, option: str = "pattern") -> re.Pattern[str]:
    """A Python regular expression, `^` and `$` at the ends of lines; ConfigurationError when it is none."""
    if not pattern:
        raise ConfigurationError(f"{option} is empty: it would match anything")
    try:
        return re.compile(pattern, re.MULTILINE)
    except re.error as error:
        raise ConfigurationError(
            f"{option} {pattern!r} is no regular expression: {error}; see Python's re"
        ) from error


async def wait_for(
    line: ConsoleLine,
    pattern: re.Pattern[str],
    since: int,
    timeout: float,
    fail_on: Sequence[re.Pattern[str]] = (),
    on_progress: Callable[[str], None] | None = None,
) -> Found:
    """Wait until `pattern` is found at or after position `since`.

    Raises TestError at `timeout` seconds, or at once when a pattern of `fail_on` comes first;
    InfrastructureError when the line is not connected at the end of the wait.
    """
    began = time.monotonic()
    searched, told = since, began
    while True:
        end = line.received.end
        position, window = _window(line, since, searched)
        match = pattern.search(window, max(0, since - position))
        for bad in fail_on:
            trouble = bad.search(window, max(0, since - position))
            if trouble and (match is None or trouble.start() < match.start()):
                _fail(line, f"showed {trouble.group()!r}, which matches fail_on {bad.pattern!r}", pattern)
        if match:
            line.last_match = position + match.end()
            return Found(
                match.group(),
                list(match.groups()),
                dict(match.groupdict()),
                position + match.start(),
                line.last_match,
                time.monotonic() - began,
            )
        searched = end
        left = began + timeout - time.monotonic()
        if not await line.wait_for_news(min(left, 1.0)) and left <= 1.0:
            if line.received.end > searched:
                continue
            _fail(line, f"did not show {pattern.pattern!r} in {timeout:g} s", pattern)
        if on_progress and time.monotonic() - told > _REPORT_EVERY:
            told = time.monotonic()
            last = (line.received.tail(1) or ["nothing yet"])[0]
            on_progress(f"console {line.name}: waiting for {pattern.pattern!r}; last line: {last[:100]}")


def _window(line: ConsoleLine, since: int, searched: int) -> tuple[int, str]:
    """The text to search and its position: what is new, and REACH before it, from the start of a line."""
    begin = max(since, searched - REACH, line.received.start)
    # One character before, so that `^` at the very start of the window sees whether a line begins there.
    before = max(line.received.start, begin - 1)
    return before, line.received.text(before)


def _fail(line: ConsoleLine, what: str, pattern: re.Pattern[str]) -> NoReturn:
    tail = line.received.tail()
    evidence: dict[str, Any] = {
        "console": line.name,
        "pattern": pattern.pattern,
        "last_lines": tail,
        "log": str(line.log.path),
    }
    if not line.connected:
        raise InfrastructureError(
            f"console {line.name} {what}, and it is not connected: {line.problem}", evidence=evidence
        )
    last = f"its last line was {tail[-1][:200]!r}" if tail else "it was silent"
    raise TestError(f"console {line.name} {what}; {last}. The log is {line.log.path}", evidence=evidence)
