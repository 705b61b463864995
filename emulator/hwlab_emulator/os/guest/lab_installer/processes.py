# SPDX-License-Identifier: GPL-3.0-or-later
"""Programs that the installer calls."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence

from lab_installer.journal import InstallError

ROOT = "/mnt/sysimage"


def call(command: Sequence[str], text: str | None = None, chroot: bool = False) -> str:
    """Run `command` (inside the installed system with `chroot`), `text` on its input; return its output.

    Raises InstallError with the last lines that it wrote when it fails.
    """
    argv = ["chroot", ROOT, *command] if chroot else list(command)
    run = subprocess.run(argv, input=text, capture_output=True, text=True, errors="replace", check=False)
    if run.returncode:
        said = " / ".join((run.stderr or run.stdout).strip().splitlines()[-3:])
        raise InstallError(
            f"{command[0]} failed with exit status {run.returncode}: {said or 'it said nothing'}"
        )
    return run.stdout
