# SPDX-License-Identifier: GPL-3.0-or-later
"""The folder that a run leaves behind, written as the run goes and readable at any moment.

RUNS/latest -> newest run
RUNS/20260301T120000Z-lab/
    run.json        who, when, on what, how it ended; rewritten whole (renamed into place)
    steps.jsonl     one JSON line per finished step, with what was asked, found and matched
    events.jsonl    what happened between steps: links lost and found, video repaired, give-back
    timings.json    seconds per step
    screens/        NNN-SLUG.png, the picture after step NNN
    serial/         NAME.log with times of arrival, NAME.raw as it came
    failure.png     the picture when a step failed (the last one that did)
    session.log     the session's own log
"""

from __future__ import annotations

import json
import os
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from ansible_collections.hwlab.sut.plugins.plugin_utils.console.log_writer import iso_ms
from ansible_collections.hwlab.sut.plugins.plugin_utils.errors import ConfigurationError


def slug(words: str, limit: int = 50) -> str:
    """A piece of a file's name made of free text."""
    return re.sub(r"[^a-z0-9]+", "-", words.lower()).strip("-")[:limit].strip("-") or "step"


def now() -> str:
    return iso_ms(datetime.now(UTC))


def write_json(path: Path, value: Any) -> None:
    """Write whole or not at all: a reader never sees half a file."""
    part = path.with_name(path.name + ".part")
    part.write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    part.replace(path)


class RunFolder:
    """One run's folder. `about` becomes the beginning of run.json."""

    def __init__(self, runs: Path, bench: str, about: dict[str, Any]) -> None:
        self.path = _make(runs, bench)
        self.screens = self.path / "screens"
        self.serial = self.path / "serial"
        self.failure_picture = self.path / "failure.png"
        for folder in (self.screens, self.serial):
            folder.mkdir()
        self._about: dict[str, Any] = {"bench": bench, "started": now(), "ended": None, "outcome": "running"}
        self._steps = _appending(self.path / "steps.jsonl")
        self._events = _appending(self.path / "events.jsonl")
        self.about(**about)

    def about(self, **values: Any) -> None:
        """Add to run.json."""
        self._about |= values
        write_json(self.path / "run.json", self._about)

    def event(self, what: str, **values: Any) -> None:
        """Note something that happened between steps."""
        _append(self._events, {"time": now(), "event": what, **values})

    def step(self, record: dict[str, Any]) -> None:
        """Note a finished step."""
        _append(self._steps, record)

    def timings(self, value: dict[str, Any]) -> None:
        write_json(self.path / "timings.json", value)

    def close(self) -> None:
        self._steps.close()
        self._events.close()


def _make(runs: Path, bench: str) -> Path:
    stem = f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{bench}"
    try:
        runs.mkdir(parents=True, exist_ok=True)
        for count in range(1, 1000):
            path = runs / (stem if count == 1 else f"{stem}-{count}")
            try:
                path.mkdir()
            except FileExistsError:
                continue
            _point(runs / "latest", path.name)
            return path
    except OSError as error:
        raise ConfigurationError(f"cannot make the run's folder below {runs}: {error.strerror}") from error
    raise ConfigurationError(f"{runs} holds too many runs of this second: {stem}")


def _point(link: Path, target: str) -> None:
    """Point the link at the newest run; a `latest` that is no link of ours stays as it is."""
    if link.exists() and not link.is_symlink():
        return
    part = link.with_name(f".latest-{os.getpid()}")
    part.unlink(missing_ok=True)
    part.symlink_to(target)
    part.replace(link)


def _appending(path: Path) -> IO[str]:
    return open(path, "a", encoding="utf-8")


def _append(file: IO[str], value: dict[str, Any]) -> None:
    if not file.closed:
        file.write(json.dumps(value, ensure_ascii=False) + "\n")
        file.flush()
