# SPDX-License-Identifier: GPL-3.0-or-later
"""Uploading disk images into the KVM's store, /var/lib/kvmd/msd, which is mounted read-only between
uploads."""

from __future__ import annotations

import asyncio
import hashlib
import threading
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from ansible_collections.hwlab.sut.plugins.plugin_utils.bench.config import KvmConfig
from ansible_collections.hwlab.sut.plugins.plugin_utils.errors import (
    ConfigurationError,
    HwlabError,
    InfrastructureError,
)

_REPORT_EVERY = 5.0
#: The store hashes what it got before it accepts it; slowest seen: an SD card at 10 MB/s.
_SLOWEST_HASH = 10e6


class Agent(Protocol):
    """Calls the KVM's agent."""

    def __call__(
        self, method: str, params: dict[str, Any] | None = None, timeout: float = 60.0
    ) -> Awaitable[dict[str, Any]]: ...


@dataclass(frozen=True)
class Image:
    """A disk image on the controller."""

    path: Path
    name: str
    size: int
    sha256: str


async def read_image(path: str, name: str | None, sha256: str | None) -> Image:
    """Read and hash an image; ConfigurationError when it is missing, empty, or not what `sha256` says."""
    file = Path(path)
    if not file.is_file():
        raise ConfigurationError(f"media: image is {path}, but there is no such file")
    size = file.stat().st_size
    if size == 0:
        raise ConfigurationError(f"media: image {path} is empty")
    found = await asyncio.to_thread(_hash, file)
    if sha256 and sha256.lower() != found:
        raise ConfigurationError(f"media: image {path} has SHA-256 {found}, expected {sha256}")
    return Image(file, name or file.name, size, found)


def _hash(file: Path) -> str:
    with open(file, "rb") as source:
        return hashlib.file_digest(source, "sha256").hexdigest()


class MediaStore:
    """The store of one KVM."""

    def __init__(self, kvm: KvmConfig, agent: Agent) -> None:
        self._kvm, self._agent = kvm, agent

    async def ensure(
        self, image: Image, progress: Callable[[str], None], stopping: threading.Event
    ) -> dict[str, Any]:
        """Have `image` in the store; nothing is sent when name, size and SHA-256 agree."""
        store = await self._agent("store.list", {}, 120)
        for stored in store.get("images", []):
            same = stored.get("name") == image.name and stored.get("complete", True)
            if same and stored.get("size") == image.size and stored.get("sha256") == image.sha256:
                return self._result(image, str(stored["path"]), changed=False, seconds=0.0)
        free = store.get("free")
        if isinstance(free, int) and free < image.size:
            raise InfrastructureError(
                f"{self._kvm.name}: {store.get('folder')} has {free / 1e6:.0f} MB free, {image.name} needs "
                f"{image.size / 1e6:.0f} MB; remove images that are not needed (media: state absent)",
                evidence={"host": self._kvm.name, "free": free, "needed": image.size},
            )
        began = time.monotonic()
        begun = await self._agent("store.put_begin", {"name": image.name, "size": image.size}, 60)
        keep = False
        try:
            await self._send(image, str(begun["path"]), progress, stopping)
            keep = True
        finally:
            if not keep:
                await self._throw_away(image)
        ended = await self._agent(
            "store.put_end", {"name": image.name, "sha256": image.sha256}, 60 + image.size / _SLOWEST_HASH
        )
        return self._result(image, str(ended["path"]), True, time.monotonic() - began)

    async def _send(
        self, image: Image, remote: str, progress: Callable[[str], None], stopping: threading.Event
    ) -> None:
        loop = asyncio.get_running_loop()
        told = time.monotonic()

        def on_bytes(sent: int) -> None:
            nonlocal told
            if stopping.is_set():
                raise InfrastructureError(f"the upload of {image.name} was given up: the run is given back")
            if time.monotonic() - told > _REPORT_EVERY:
                told = time.monotonic()
                words = (
                    f"{image.name}: {sent / 1e6:.0f} of {image.size / 1e6:.0f} MB sent to {self._kvm.name}"
                )
                loop.call_soon_threadsafe(progress, words)

        await asyncio.to_thread(self._kvm.ssh.copy_to, image.path, remote, on_bytes=on_bytes)

    async def _throw_away(self, image: Image) -> None:
        try:
            await self._agent("store.put_end", {"name": image.name, "keep": False}, 30)
        except HwlabError:
            return  # The agent removes unfinished uploads when it gives back.

    def _result(self, image: Image, path: str, changed: bool, seconds: float) -> dict[str, Any]:
        return {
            "changed": changed,
            "uploaded": changed,
            "name": image.name,
            "path": path,
            "size": image.size,
            "sha256": image.sha256,
            "seconds": round(seconds, 1),
        }
