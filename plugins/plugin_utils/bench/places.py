# SPDX-License-Identifier: GPL-3.0-or-later
"""Where sessions of this user are found: one private folder per bench, with a lock, a socket and their
papers."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from ansible_collections.hwlab.sut.plugins.plugin_utils.errors import ConfigurationError


def sessions_root() -> Path:
    """Folder of all sessions; short, since a socket's path ends at 107 bytes (unix(7)).

    HWLAB_SESSIONS overrides it; otherwise it is below XDG_RUNTIME_DIR or /tmp, whichever there is.
    """
    given = os.environ.get("HWLAB_SESSIONS")
    if given:
        return Path(given)
    runtime = os.environ.get("XDG_RUNTIME_DIR")
    if runtime and Path(runtime).is_dir():
        return Path(runtime) / "hwlab"
    return Path(f"/tmp/hwlab-{os.getuid()}") / "sessions"


class SessionPlace:
    """The folder of one bench's session."""

    def __init__(self, bench: str) -> None:
        self.folder = sessions_root() / bench
        self.lock = self.folder / "lock"
        self.socket = self.folder / "socket"
        #: JSON: bench, pid, owner, run folder of the session that holds the lock.
        self.papers = self.folder / "session.json"
        #: Control sockets of shared ssh connections.
        self.ssh = self.folder / "ssh"

    def make(self) -> None:
        """Make the folders, for this user only. Raises ConfigurationError when they are another's."""
        for folder in (self.folder.parent, self.folder, self.ssh):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            found = folder.stat()
            if found.st_uid != os.getuid() or stat.S_IMODE(found.st_mode) & 0o077:
                raise ConfigurationError(
                    f"{folder} must belong to this user alone (mode 0700); set HWLAB_SESSIONS to another "
                    "folder"
                )
        if len(os.fsencode(self.socket)) > 100:
            raise ConfigurationError(
                f"{self.socket} is too long for a socket; set HWLAB_SESSIONS to a short path"
            )
