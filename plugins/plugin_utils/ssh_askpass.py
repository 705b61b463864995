# SPDX-License-Identifier: GPL-3.0-or-later
"""How a password reaches the OpenSSH client without appearing in an argument or in a file.

ssh(1): with SSH_ASKPASS_REQUIRE=force, ssh runs the program named by SSH_ASKPASS and takes the password from
its output, terminal or not. The program is a two-line script in a private folder; the password itself is only
in the environment of that one ssh process, which other users cannot read (proc(5), /proc/PID/environ).
"""

from __future__ import annotations

import atexit
import functools
import os
import shutil
import tempfile
from pathlib import Path

_VARIABLE = "HWLAB_SSH_PASSWORD"


@functools.cache
def _program() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="hwlab-askpass-"))
    atexit.register(shutil.rmtree, folder, True)
    script = folder / "askpass"
    script.write_text(f'#!/bin/sh\nprintf "%s\\n" "${_VARIABLE}"\n')
    script.chmod(0o700)
    return script


def askpass_environment(password: str | None) -> dict[str, str]:
    """Environment for an ssh process that may need `password`; our own environment when there is none."""
    environment = {name: value for name, value in os.environ.items() if name != _VARIABLE}
    if password is not None:
        environment |= {"SSH_ASKPASS": str(_program()), "SSH_ASKPASS_REQUIRE": "force", _VARIABLE: password}
    return environment
