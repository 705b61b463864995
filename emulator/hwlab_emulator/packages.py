# SPDX-License-Identifier: GPL-3.0-or-later
"""The distribution's part of a machine, kept by itself: it changes less often than what is put over it."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Sequence
from pathlib import Path

from hwlab_emulator.cache import built
from hwlab_emulator.rootfs import make_tree, suite

ARCHIVE = "tree.tar"


def installed_packages(machine: str, packages: Sequence[str], modules: Sequence[str]) -> Path:
    """Return the cached tree.tar of `packages` with no kernel modules but `modules`; build it if needed."""

    def build(folder: Path) -> None:
        trim = shlex.join([sys.executable, "-m", "hwlab_emulator.kernel"])
        hooks = [f'{trim} "$1" {shlex.join(modules)}', 'rm -rf "$1"/var/lib/apt/lists/*']
        make_tree(folder / ARCHIVE, packages, hooks)

    recipe = Path(__file__).with_name("rootfs.py")
    return built(f"{machine}-packages", [suite(), repr((packages, modules)), recipe], build) / ARCHIVE
