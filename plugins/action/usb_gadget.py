# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

from ansible_collections.hwlab.sut.plugins.plugin_utils.ansible.resolution import parse_resolution
from ansible_collections.hwlab.sut.plugins.plugin_utils.ansible.step import Step


class ActionModule(Step):
    """Has the KVM's USB gadget up with keyboard, tablet and disks, or removed."""

    ARGUMENTS = {
        "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
        "storage": {
            "type": "list",
            "elements": "dict",
            "default": [],
            "options": {
                "image": {"type": "str", "required": True},
                "cdrom": {"type": "bool", "default": False},
                "ro": {"type": "bool", "default": True},
            },
        },
        "resolution": {"type": "str"},
        "manufacturer": {"type": "str"},
        "product": {"type": "str"},
    }

    def step(self, options: dict[str, Any]) -> dict[str, Any]:
        size = parse_resolution(options["resolution"]) if options["resolution"] else None
        # An absolute path is a file of the KVM, anything else a name in its image store.
        storage = [
            {
                ("path" if disk["image"].startswith("/") else "name"): disk["image"],
                "cdrom": disk["cdrom"],
                "ro": disk["ro"],
            }
            for disk in options["storage"]
        ]
        if self.check_mode:
            up = bool(self.call("usb_gadget.info").get("up"))
            return {"changed": up != (options["state"] == "present")}
        return self.call(
            "usb_gadget.ensure",
            state=options["state"],
            storage=storage,
            resolution=size,
            manufacturer=options["manufacturer"],
            product=options["product"],
        )
