# SPDX-License-Identifier: GPL-3.0-or-later
"""media.ensure, media.insert, media.eject, media.list: disk images in the KVM's store and in the gadget."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible_collections.hwlab.sut.plugins.plugin_utils.bench.config_reader import Reader
from ansible_collections.hwlab.sut.plugins.plugin_utils.bench.media_store import MediaStore, read_image
from ansible_collections.hwlab.sut.plugins.plugin_utils.bench.session import Session
from ansible_collections.hwlab.sut.plugins.plugin_utils.errors import ConfigurationError

Progress = Callable[[str], None]


async def ensure(session: Session, params: Reader, progress: Progress) -> dict[str, Any]:
    """Have an image in the store, or have it not."""
    state = params.choice("state", ("present", "absent"), "present")
    path, name = params.optional_text("image"), params.optional_text("name")
    sha256 = params.optional_text("sha256")
    params.done()
    store = MediaStore(session.kvm(), session.agent)
    if state == "absent":
        name = name or (path.rpartition("/")[2] if path else None)
        if not name:
            raise ConfigurationError("media: name is missing")
        return {"name": name, "changed": False, **await session.agent("store.remove", {"name": name}, 60)}
    if path is None:
        raise ConfigurationError("media: image is missing: give the path of the image on the controller")
    image = await read_image(path, name, sha256)
    return await store.ensure(image, progress, session.stopping)


async def insert(session: Session, params: Reader, progress: Progress) -> dict[str, Any]:
    """Put an image of the store into a LUN of the running gadget."""
    name, path = params.optional_text("name"), params.optional_text("path")
    what: dict[str, Any] = {
        "lun": params.integer("lun", 0, 0, 7),
        "cdrom": params.flag("cdrom", False),
        "ro": params.flag("ro", True),
    }
    params.done()
    what["path"] = await stored_path(session, name, path)
    return {"changed": True, **await session.agent("media.insert", what, 60)}


async def eject(session: Session, params: Reader, progress: Progress) -> dict[str, Any]:
    """Take the image out of a LUN."""
    lun = params.integer("lun", 0, 0, 7)
    params.done()
    return {"changed": True, **await session.agent("media.eject", {"lun": lun}, 60)}


async def listed(session: Session, params: Reader, progress: Progress) -> dict[str, Any]:
    """What the store holds."""
    params.done()
    return await session.agent("store.list", {}, 60)


async def stored_path(session: Session, name: str | None, path: str | None) -> str:
    """The path on the KVM of an image given by its name in the store, or by its path there."""
    if bool(name) == bool(path):
        raise ConfigurationError("storage: give name (of an image in the KVM's store) or path (on the KVM)")
    if path:
        return path
    store = await session.agent("store.list", {}, 60)
    for image in store.get("images", []):
        if image.get("name") == name:
            return str(image.get("path") or f"{store['folder']}/{name}")
    there = ", ".join(str(image.get("name")) for image in store.get("images", [])) or "nothing"
    raise ConfigurationError(f"storage: {session.kvm().name} has no image named {name}; it holds {there}")
