# SPDX-License-Identifier: GPL-3.0-or-later
"""The session's process: `python -m ansible_collections.hwlab.sut.plugins.plugin_utils.bench.daemon`.

Reads the config as JSON on stdin, prints one JSON line on stdout (`{"socket", "run_folder", "pid"}` or
`{"error": {...}}`), and stays behind, detached from the terminal and the process that started it. It ends
when the run is given back: by `finish`, by the end of its owner, by SIGTERM, SIGINT or SIGHUP.
"""

from __future__ import annotations

import fcntl
import json
import os
import sys
import traceback
from pathlib import Path
from typing import Any, NoReturn

from ansible_collections.hwlab.sut.plugins.plugin_utils.bench.config import BenchConfig, read_config
from ansible_collections.hwlab.sut.plugins.plugin_utils.bench.places import SessionPlace
from ansible_collections.hwlab.sut.plugins.plugin_utils.errors import (
    ConfigurationError,
    HwlabError,
    InfrastructureError,
)


def main() -> int:
    try:
        config = read_config(json.loads(sys.stdin.read()))
        place = SessionPlace(config.bench)
        place.make()
        lock = take_lock(place)
    except ValueError as error:
        return _say({"error": ConfigurationError(f"the session's config is no JSON: {error}").as_dict()})
    except HwlabError as error:
        return _say({"error": error.as_dict()})
    from_daemon, to_starter = os.pipe()
    if os.fork():
        os.close(to_starter)
        return _pass_on(from_daemon)
    os.close(from_daemon)
    _detach(keep=(to_starter, lock))
    return _serve(config, place, to_starter)


def take_lock(place: SessionPlace) -> int:
    """The bench's lock among this user's sessions, held by an open file; InfrastructureError names the
    holder."""
    lock = os.open(place.lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        papers = _papers(place.papers)
        os.close(lock)
        raise InfrastructureError(
            f"a session of bench {papers.get('bench', place.folder.name)} is running already (pid "
            f"{papers.get('pid')}, for process {papers.get('owner')}, run {papers.get('run_folder')}): wait "
            "for "
            "that run, or end it with `kill` (it gives the bench back)",
            evidence=papers,
        ) from None
    return lock


def _papers(path: Path) -> dict[str, Any]:
    try:
        return dict(json.loads(path.read_text()))
    except (OSError, ValueError):
        return {}


def _pass_on(pipe: int) -> int:
    """Print what the daemon says when it is ready or has failed."""
    with os.fdopen(pipe, "rb") as answers:
        line = answers.read()
    if not line:
        error = InfrastructureError("the session's process ended before it was ready")
        return _say({"error": error.as_dict()})
    sys.stdout.buffer.write(line)
    sys.stdout.buffer.flush()
    return 1 if b'"error"' in line[:10] else 0


def _detach(keep: tuple[int, ...]) -> None:
    """Become a process that nobody waits for: own session, no inherited files, a plain working folder."""
    os.setsid()
    os.chdir("/")
    os.umask(0o022)
    nothing = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(nothing, standard)
    first = 3
    for fd in sorted(keep):
        os.closerange(first, fd)
        first = fd + 1
    os.closerange(first, min(os.sysconf("SC_OPEN_MAX"), 65536))


def _serve(config: BenchConfig, place: SessionPlace, to_starter: int) -> NoReturn:
    # The heavy part (OpenCV) is loaded here, so that a wrong config is told without it.
    from ansible_collections.hwlab.sut.plugins.plugin_utils.bench.server import run_session

    status = 1
    try:
        status = run_session(config, place, to_starter)
    except Exception:
        traceback.print_exc()
    finally:
        # Not sys.exit: a power or flash step may still sit in a thread, and everything that matters has been
        # given back and written.
        os._exit(status)


def _say(message: dict[str, Any]) -> int:
    print(json.dumps(message), flush=True)
    return 1


if __name__ == "__main__":
    sys.exit(main())
