# SPDX-License-Identifier: GPL-3.0-or-later
"""What is chosen when a bench is made and stays with it: bench.json in its folder."""

from __future__ import annotations

import fcntl
import json
import re
from dataclasses import asdict, dataclass
from pathlib import Path

from hwlab_emulator.board.traits import CHIPS
from hwlab_emulator.paths import BenchPaths, benches_root

#: The bench of the committed inventory; its index is kept for it.
DEFAULT_NAME, DEFAULT_INDEX = "lab", 1
LAST_INDEX = 254
FILE = "bench.json"


class SettingsError(Exception):
    """A bench cannot be made as asked."""


@dataclass(frozen=True)
class BenchSettings:
    """One bench."""

    index: int
    chip_mib: int = 16
    after_mains: str = "off"
    """off, on or last: what the board does when the mains come back."""
    flash_mains: str = "G3"
    """G3: the chip answers only with the mains cut; S5: with the board off."""
    diy_protocol: str = "2.0"
    """Protocol of the mains switch in DIY mode, 1.4 or 2.0."""


def check_name(name: str) -> str:
    """Return `name` if a bench can have it: it becomes a folder, a host and part of a socket's path."""
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,19}", name):
        raise SettingsError(
            f"a bench cannot be called {name!r}: use up to 20 lower-case letters, digits and underscores, "
            "a letter first"
        )
    return name


def load_settings(name: str) -> BenchSettings | None:
    """Return the settings of a bench, None if it was never made."""
    path = BenchPaths(name).root / FILE
    return BenchSettings(**json.loads(path.read_text())) if path.exists() else None


def bench_names() -> list[str]:
    """Return the names of all benches."""
    return sorted(path.parent.name for path in benches_root().glob(f"*/{FILE}"))


def make_settings(name: str, chip_mib: int = 16) -> BenchSettings:
    """Return the settings of a bench, made now if it is new; its index is free of others' and stays its own.

    An existing bench keeps the settings that it has. Raises SettingsError for a name, a chip or a number of
    benches that cannot be.
    """
    check_name(name)
    if chip_mib not in CHIPS:
        raise SettingsError(f"no chip of {chip_mib} MiB: choose {' or '.join(map(str, CHIPS))}")
    root = benches_root()
    root.mkdir(parents=True, exist_ok=True)
    with (root / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        existing = load_settings(name)
        if existing is not None:
            return existing
        settings = BenchSettings(index=_free_index(name), chip_mib=chip_mib)
        paths = BenchPaths(name)
        paths.root.mkdir(mode=0o700, exist_ok=True)
        _write(paths.root / FILE, settings)
        return settings


def _free_index(name: str) -> int:
    if name == DEFAULT_NAME:
        return DEFAULT_INDEX
    taken = {settings.index for other in bench_names() if (settings := load_settings(other))}
    for index in range(DEFAULT_INDEX + 1, LAST_INDEX + 1):
        if index not in taken:
            return index
    raise SettingsError(f"there are {len(taken)} benches: remove one's folder in {benches_root()}")


def _write(path: Path, settings: BenchSettings) -> None:
    partial = path.with_suffix(".partial")
    partial.write_text(json.dumps(asdict(settings), indent=2) + "\n")
    partial.replace(path)
