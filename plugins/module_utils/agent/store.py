# SPDX-License-Identifier: GPL-3.0-or-later
"""The PiKVM's image store: a partition of its own, read-only except while something is written.

Layout: images at its root; while `.__NAME.incomplete` exists, kvmd shows NAME as incomplete. What was
uploaded through here has its SHA-256 in `.__NAME.sha256`, with the size and time for which it holds.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from pathlib import Path
from typing import Any

from ..gadget.configfs import read_attribute
from .errors import AgentError
from .host import Host
from .journal import Journal
from .readonly import mount_of, writable

KIND = "upload"
FOLDER = "/var/lib/kvmd/msd"


def folder_of(host: Host) -> Path:
    folder = host.path(FOLDER)
    if not folder.is_dir():
        raise AgentError(f"the KVM has no image store {FOLDER}")
    return folder


def image_path(host: Host, name: str) -> Path:
    """Path of an image; AgentError when the name could leave the folder or is one that kvmd hides."""
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9 ._+()-]{0,200}", name):
        raise AgentError(
            f"'{name}' cannot be the name of an image: letters, digits and . _ - + ( ) only, no folder"
        )
    return folder_of(host) / name


def listing(host: Host) -> list[dict[str, Any]]:
    """name, path, size in bytes, complete, sha256 or null."""
    images = []
    for path in sorted(folder_of(host).iterdir()):
        if path.is_file() and not path.name.startswith("."):
            images.append(
                {
                    "name": path.name,
                    "path": str(path),
                    "size": path.stat().st_size,
                    "complete": not _mark(path).exists(),
                    "sha256": _known_digest(path),
                }
            )
    return images


def free_bytes(host: Host) -> int:
    facts = os.statvfs(folder_of(host))
    return facts.f_bavail * facts.f_frsize


def begin(host: Host, journal: Journal, name: str, size: int) -> Path:
    """Make room for an upload and the store writable; returns the file to write."""
    path = image_path(host, name)
    if journal.get(KIND):
        raise AgentError(f"an upload of {(journal.get(KIND) or {})['name']} is under way already")
    _check_not_shown(host, path)
    replaced = path.stat().st_size if path.exists() else 0
    if size > free_bytes(host) + replaced:
        raise AgentError(
            f"{name} has {size} bytes, the KVM's image store has {free_bytes(host)} free; remove an image "
            f"first"
        )
    point, read_only = mount_of(path)
    journal.put(KIND, {"name": name, "point": point, "read_only": read_only, "size": size})
    if read_only:
        _remount(host, point, "rw")
    _mark(path).touch()
    _digest_file(path).unlink(missing_ok=True)
    path.unlink(missing_ok=True)
    return path


def end(host: Host, journal: Journal, name: str, sha256: str | None, keep: bool) -> dict[str, Any]:
    """Check what was written and keep it, or throw it away; the store is read-only again."""
    state = journal.get(KIND)
    if not state or state["name"] != name:
        raise AgentError(f"no upload of {name} was begun")
    path = image_path(host, name)
    try:
        if not keep:
            return {"path": "", "size": 0, "sha256": ""}
        size = path.stat().st_size if path.exists() else 0
        if size != state["size"]:
            raise AgentError(f"{name} has {size} of {state['size']} bytes on the KVM; upload it again")
        digest = _digest(path)
        if sha256 is not None and digest != sha256.lower():
            raise AgentError(f"{name} has SHA-256 {digest} on the KVM, not {sha256.lower()}; upload it again")
        facts = {"sha256": digest, "size": size, "mtime": path.stat().st_mtime_ns}
        _digest_file(path).write_text(json.dumps(facts))
        _mark(path).unlink(missing_ok=True)
        return {"path": str(path), "size": size, "sha256": digest}
    finally:
        give_back(host, state)
        journal.drop(KIND)


def remove(host: Host, name: str) -> tuple[bool, list[str]]:
    """Remove an image: (changed, warnings)."""
    path = image_path(host, name)
    warnings: list[str] = []
    if not path.exists():
        return False, warnings
    _check_not_shown(host, path)
    with writable(host, path, warnings):
        for gone in (path, _mark(path), _digest_file(path)):
            gone.unlink(missing_ok=True)
    return True, warnings


def give_back(host: Host, state: dict[str, Any]) -> list[str]:
    """Throw an unfinished upload away, make the store read-only again."""
    path = image_path(host, str(state["name"]))
    said = []
    if _mark(path).exists():
        for gone in (path, _mark(path)):
            gone.unlink(missing_ok=True)
        said.append(f"unfinished upload of {path.name} removed")
    if state["read_only"] and not mount_of(path)[1]:
        _remount(host, str(state["point"]), "ro")
    return said


def _check_not_shown(host: Host, path: Path) -> None:
    """An image in a LUN must stay: the SUT reads it, and a removed one keeps the store from being
    read-only."""
    for file in host.path("/sys/kernel/config/usb_gadget").glob("*/functions/mass_storage.*/lun.*/file"):
        if read_attribute(file) == os.path.realpath(path):
            raise AgentError(f"{path.name} is in {file.parent.name} of the USB gadget; eject it first")


def _remount(host: Host, point: str, mode: str) -> None:
    if host.has("kvmd-helper-otgmsd-remount"):
        host.run(["kvmd-helper-otgmsd-remount", mode])
    else:
        host.run(["mount", "-o", f"remount,{mode}", point])


def _mark(path: Path) -> Path:
    return path.with_name(f".__{path.name}.incomplete")


def _digest_file(path: Path) -> Path:
    return path.with_name(f".__{path.name}.sha256")


def _digest(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as image:
        for block in iter(lambda: image.read(1 << 20), b""):
            digest.update(block)
    return digest.hexdigest()


def _known_digest(path: Path) -> str | None:
    """The digest of the upload, when the file has not been touched since."""
    try:
        facts = json.loads(_digest_file(path).read_text())
        status = path.stat()
        if facts["size"] == status.st_size and facts["mtime"] == status.st_mtime_ns:
            return str(facts["sha256"])
    except (OSError, ValueError, KeyError, TypeError):
        pass
    return None
