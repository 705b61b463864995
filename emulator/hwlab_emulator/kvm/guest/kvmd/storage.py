# SPDX-License-Identifier: GPL-3.0-or-later
"""Images in /var/lib/kvmd/msd: what is there, and the read-only mount that is opened for writing only."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

FOLDER = Path("/var/lib/kvmd/msd")
REMOUNT = "kvmd-helper-otgmsd-remount"


class Storage:
    """The folder of images. An image is incomplete while its marker `.__NAME.incomplete` is there."""

    def __init__(self, folder: Path = FOLDER) -> None:
        self.folder = folder

    def images(self) -> dict[str, dict[str, Any]]:
        """Name -> complete, removable, size in bytes, mod_ts."""
        found = {}
        for path in sorted(self.folder.rglob("*")) if self.folder.is_dir() else []:
            hidden = path.name.startswith(".") or "lost+found" in path.parts
            if hidden or not path.is_file():
                continue
            facts = path.stat()
            found[str(path.relative_to(self.folder))] = {
                "complete": not self._marker(path).exists(),
                "removable": True,
                "size": facts.st_size,
                "mod_ts": facts.st_mtime,
            }
        return found

    def part(self) -> dict[str, Any]:
        """Size and free bytes of the file system."""
        facts = os.statvfs(self.folder)
        size, free = facts.f_blocks * facts.f_frsize, facts.f_bavail * facts.f_frsize
        return {"size": size, "free": free, "writable": True}

    @staticmethod
    def _marker(path: Path) -> Path:
        return path.with_name(f".__{path.name}.incomplete")

    @contextlib.asynccontextmanager
    async def writable(self) -> AsyncIterator[None]:
        """The mount is read-write meanwhile."""
        await self._remount("rw")
        try:
            yield
        finally:
            await self._remount("ro")

    async def _remount(self, mode: str) -> None:
        if os.path.ismount(self.folder):
            process = await asyncio.create_subprocess_exec(REMOUNT, mode)
            if await process.wait():
                raise OSError(f"{REMOUNT} {mode} failed")

    async def write(self, name: str, size: int, chunks: AsyncIterator[bytes], forget: bool) -> int:
        """Store an image; returns the bytes written. With `forget` one that broke off is removed."""
        path = self.folder / name
        written = 0
        async with self.writable():
            path.parent.mkdir(parents=True, exist_ok=True)
            self._marker(path).touch()
            try:
                with path.open("wb") as file:
                    async for chunk in chunks:
                        file.write(chunk)
                        written += len(chunk)
                    file.flush()
                    os.fsync(file.fileno())
                if written == size:
                    self._marker(path).unlink()
            finally:
                if written != size and forget:
                    path.unlink(missing_ok=True)
                    self._marker(path).unlink(missing_ok=True)
        return written

    async def remove(self, name: str) -> None:
        """Delete an image and its marker."""
        path = self.folder / name
        async with self.writable():
            path.unlink()
            self._marker(path).unlink(missing_ok=True)
