# SPDX-License-Identifier: GPL-3.0-or-later
"""usb_gadget.ensure and usb_gadget.info: keyboard, tablet and disks that the SUT sees on its USB port."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible_collections.hwlab.sut.plugins.plugin_utils.bench.config_reader import Reader
from ansible_collections.hwlab.sut.plugins.plugin_utils.bench.handlers.media import stored_path
from ansible_collections.hwlab.sut.plugins.plugin_utils.bench.session import Session

Progress = Callable[[str], None]


async def ensure(session: Session, params: Reader, progress: Progress) -> dict[str, Any]:
    """Bring the gadget up, or down; leftovers of others are cleaned by the agent."""
    state = params.choice("state", ("present", "absent"), "present")
    storage = [Reader(item, "usb_gadget.storage") for item in params.mappings("storage")]
    disks = []
    for item in storage:
        name, path = item.optional_text("name"), item.optional_text("path")
        disks.append((name, path, {"cdrom": item.flag("cdrom", False), "ro": item.flag("ro", True)}))
        item.done()
    what: dict[str, Any] = {
        "resolution": params.resolution("resolution"),
        "manufacturer": params.optional_text("manufacturer"),
        "product": params.optional_text("product"),
        "luns": params.integer("luns", None, 0, 8),
        "wait": params.number("wait", 0.0),
    }
    claim = params.flag("claim_units", True)
    params.done()
    kvm = session.kvm()
    if state == "absent":
        return {"changed": False, **await session.agent("gadget.down", {}, 30)}
    if claim:
        await session.agent("units.claim", {"stop": list(kvm.units_aside)}, 60)
    what["storage"] = [{"path": await stored_path(session, name, path), **how} for name, path, how in disks]
    what = {name: value for name, value in what.items() if value is not None}
    return {"changed": False, **await session.agent("gadget.up", what, 60 + what["wait"])}


async def info(session: Session, params: Reader, progress: Progress) -> dict[str, Any]:
    """What the SUT could see now."""
    params.done()
    return await session.agent("gadget.info", {})
