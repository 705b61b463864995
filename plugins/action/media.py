# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

from ansible_collections.hwlab.sut.plugins.plugin_utils.ansible.step import Step
from ansible_collections.hwlab.sut.plugins.plugin_utils.flash.image import declared_sha256


class ActionModule(Step):
    """Images in the KVM's store, and in the SUT's USB drive."""

    ARGUMENTS = {
        "state": {
            "type": "str",
            "choices": ["stored", "absent", "inserted", "ejected"],
            "required": True,
        },
        "path": {"type": "path"},
        "image": {"type": "str"},
        "sha256": {"type": "str"},
        "lun": {"type": "int", "default": 0},
        "cdrom": {"type": "bool", "default": False},
        "ro": {"type": "bool", "default": True},
    }
    RULES = {
        "required_if": [
            ("state", "stored", ("path",)),
            ("state", "absent", ("image",)),
            ("state", "inserted", ("image",)),
        ]
    }

    def step(self, options: dict[str, Any]) -> dict[str, Any]:
        state, image = options["state"], options["image"]
        if state == "stored":
            path = self.local_file(options["path"])
            if self.check_mode:
                return {"changed": not self._stored(image or path.rpartition("/")[2])}
            return self.call(
                "media.ensure", image=path, name=image, sha256=declared_sha256(options["sha256"], path)
            )
        if state == "absent":
            if self.check_mode:
                return {"changed": self._stored(image)}
            return self.call("media.ensure", image=image, name=image, state="absent")
        if self.check_mode:
            return {"changed": True, "msg": "check mode: what the drive holds was not asked"}
        if state == "ejected":
            return self.call("media.eject", lun=options["lun"])
        where = "path" if image.startswith("/") else "name"
        return self.call(
            "media.insert", **{where: image}, lun=options["lun"], cdrom=options["cdrom"], ro=options["ro"]
        )

    def _stored(self, name: str) -> bool:
        return any(image["name"] == name for image in self.call("media.list")["images"])
