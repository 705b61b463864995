# SPDX-License-Identifier: GPL-3.0-or-later
"""Things built once: each in a folder named after all that went into it."""

from __future__ import annotations

import fcntl
import hashlib
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path

from hwlab_emulator.paths import cache_root


def fingerprint(inputs: Iterable[str | bytes | Path]) -> str:
    """Twelve hex digits over texts and over files and folders (their relative names, modes and contents)."""
    digest = hashlib.sha256()
    for item in inputs:
        if isinstance(item, Path):
            files = [item] if item.is_file() else sorted(p for p in item.rglob("*") if p.is_file())
            for file in files:
                if "__pycache__" in file.parts:
                    continue
                name = file.name if file == item else file.relative_to(item).as_posix()
                digest.update(f"{name}\0{file.stat().st_mode & 0o111}\0".encode())
                digest.update(hashlib.sha256(file.read_bytes()).digest())
        else:
            digest.update(item.encode() if isinstance(item, str) else item)
            digest.update(b"\0")
    return digest.hexdigest()[:12]


def built(kind: str, inputs: Iterable[str | bytes | Path], build: Callable[[Path], None]) -> Path:
    """Return the folder of `kind` for these inputs; call `build` with an empty folder if there is none yet.

    A build that fails leaves nothing that looks finished, and two builders of one thing wait for each other.
    """
    root = cache_root()
    root.mkdir(parents=True, exist_ok=True)
    final = root / f"{kind}-{fingerprint(inputs)}"
    with (root / f"{kind}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if final.is_dir():
            return final
        work = root / f"{final.name}.partial"
        shutil.rmtree(work, ignore_errors=True)
        work.mkdir(mode=0o700)
        build(work)
        work.rename(final)
    return final


def drop_others(kind: str, keep: Path) -> None:
    """Remove what older recipes of `kind` built."""
    for folder in cache_root().glob(f"{kind}-*"):
        if folder.is_dir() and folder != keep:
            shutil.rmtree(folder, ignore_errors=True)
