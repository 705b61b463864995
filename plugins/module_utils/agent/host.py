# SPDX-License-Identifier: GPL-3.0-or-later
"""The KVM as the agent sees it: its paths and its commands."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from .errors import AgentError

#: A command that has not answered by then hangs, in seconds.
COMMAND_PATIENCE = 30.0


@dataclass(frozen=True)
class Host:
    """Paths of the KVM below `root`, which is / except where the agent is tried elsewhere."""

    root: Path = Path("/")

    @classmethod
    def from_environment(cls) -> Host:
        """HWLAB_KVM_ROOT names another root."""
        return cls(Path(os.environ.get("HWLAB_KVM_ROOT") or "/"))

    def path(self, absolute: str) -> Path:
        """A path of the KVM."""
        return self.root / absolute.lstrip("/")

    @property
    def run_folder(self) -> Path:
        """What the agent keeps while it runs; gone after a reboot."""
        return self.path("/run/hwlab")

    def boot_id(self) -> str:
        """Changes with every boot of the KVM."""
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()

    def has(self, command: str) -> bool:
        return shutil.which(command) is not None

    def run(
        self, command: Sequence[str], check: bool = True, patience: float = COMMAND_PATIENCE
    ) -> subprocess.CompletedProcess[str]:
        """Run a command without a shell and with nothing on its stdin; AgentError quotes what it said."""
        try:
            done = subprocess.run(
                list(command),
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=patience,
                text=True,
                errors="replace",
                env={**os.environ, "LC_ALL": "C"},
                check=False,
            )
        except FileNotFoundError:
            raise AgentError(f"the KVM has no command '{command[0]}'") from None
        except subprocess.TimeoutExpired:
            raise AgentError(
                f"'{' '.join(command)}' has not ended on the KVM within {patience:g} s"
            ) from None
        if check and done.returncode:
            said = " ".join((done.stderr.strip() or done.stdout.strip()).split())[-400:]
            raise AgentError(
                f"'{' '.join(command)}' failed on the KVM with exit code {done.returncode}: {said}"
            )
        return done


def write_private(path: Path, data: bytes, mode: int = 0o600) -> None:
    """Replace a file at once; it never exists with fewer bytes or a wider mode."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        os.write(descriptor, data)
        os.fchmod(descriptor, mode)
    finally:
        os.close(descriptor)
    os.replace(temporary, path)
