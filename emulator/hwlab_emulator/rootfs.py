# SPDX-License-Identifier: GPL-3.0-or-later
"""Root file systems from the distribution's packages, by mmdebstrap."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

#: What no machine of a bench reads.
EXCLUDED = (
    "/usr/share/man/*",
    "/usr/share/doc/*",
    "/usr/share/info/*",
    "/usr/share/locale/*",
    "/usr/share/lintian/*",
    "/usr/share/bug/*",
)


def suite() -> str:
    """The release that images are made of: this machine's own, whose package sources are at hand."""
    given = os.environ.get("HWLAB_EMULATOR_SUITE")
    return given or platform.freedesktop_os_release()["VERSION_CODENAME"]


def sources() -> list[str]:
    """The distribution's own apt sources as mmdebstrap takes them; HWLAB_EMULATOR_MIRROR replaces them."""
    given = os.environ.get("HWLAB_EMULATOR_MIRROR")
    if given:
        return [given]
    folder = Path("/etc/apt/sources.list.d")
    candidates = [folder / f"{name}.sources" for name in ("debian", "ubuntu")]
    found = [str(path) for path in candidates if path.exists()]
    single = Path("/etc/apt/sources.list")
    if not found and single.exists() and single.read_text().strip():
        found = [str(single)]
    return found


def as_root(command: Sequence[str]) -> None:
    """Run a step of an image's build that needs root, since the files of a tree belong to many users.

    As another user this calls sudo, for this one command. Raises PermissionError where there is none, and
    CalledProcessError when the command fails.
    """
    if os.geteuid() != 0:
        sudo = shutil.which("sudo")
        if sudo is None:
            message = "building an image needs root: run `hwlab emulator build` as root or install sudo"
            raise PermissionError(message)
        command = [sudo, *command]
    subprocess.run(command, check=True)


def make_tree(
    target: Path | None, packages: Sequence[str], hooks: Sequence[str] = (), variant: str = "minbase"
) -> None:
    """Install `packages` of the suite into the folder `target`, or into an archive if its name ends in .tar.

    `hooks` are shell lines for mmdebstrap's --customize-hook ("$1" is the tree). Without a target the tree is
    thrown away after the last hook, for builds whose hooks make an image of it.
    """
    command = [
        "mmdebstrap",
        "--mode=root",
        f"--variant={variant}",
        f"--include={','.join(packages)}",
        '--aptopt=Acquire::Check-Valid-Until "false"',
        '--aptopt=APT::Install-Recommends "false"',
        *(f"--dpkgopt=path-exclude={pattern}" for pattern in EXCLUDED),
        *(f"--customize-hook={hook}" for hook in hooks),
        *(["--format=null"] if target is None else []),
        suite(),
        "/dev/null" if target is None else str(target),
        *sources(),
    ]
    as_root(command)
