# SPDX-License-Identifier: GPL-3.0-or-later
"""The %pre and %post scripts of a kickstart."""

from __future__ import annotations

import os
import stat
import subprocess
import tempfile
from pathlib import Path

from lab_installer.journal import InstallError, Journal
from lab_installer.plan import Script
from lab_installer.processes import ROOT


def run_script(script: Script, section: str, journal: Journal) -> None:
    """Run a script, its output line by line on the journal; raise InstallError on --erroronfail only."""
    root = ROOT if script.chroot and section == "%post" else "/"
    folder = Path(root, "tmp")
    descriptor, name = tempfile.mkstemp(prefix="ks-script-", dir=folder)
    with os.fdopen(descriptor, "w") as file:
        file.write(script.text)
    path = Path(name)
    path.chmod(stat.S_IRWXU)
    inside = f"/tmp/{path.name}"
    command = [*script.interpreter.split(), inside]
    journal.say(f"{section} of line {script.number}: running with {script.interpreter}")
    log: list[str] = []
    try:
        process = subprocess.Popen(
            ["chroot", root, *command] if root != "/" else command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            cwd="/",
        )
        assert process.stdout is not None
        for line in process.stdout:
            journal.say(f"{section}: {line.rstrip()}")
            log.append(line)
        status = process.wait()
    except OSError as error:
        raise InstallError(
            f"{section} of line {script.number}: cannot run {script.interpreter}: {error}"
        ) from error
    finally:
        path.unlink(missing_ok=True)
        if script.logfile:
            Path(root, script.logfile.lstrip("/")).write_text("".join(log))
    if status:
        message = f"{section} of line {script.number} ended with exit status {status}"
        if script.fail_on_error:
            raise InstallError(message)
        journal.say(f"warning: {message}")
