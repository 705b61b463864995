# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

from ansible_collections.hwlab.sut.plugins.plugin_utils.ansible.step import Step
from ansible_collections.hwlab.sut.plugins.plugin_utils.flash.image import check_image, declared_sha256


class ActionModule(Step):
    """Makes the SUT's flash chip hold a firmware image."""

    ARGUMENTS = {
        "image": {"type": "path", "required": True},
        "sha256": {"type": "str"},
        "force": {"type": "bool", "default": False},
        "layout": {"type": "path"},
        "regions": {"type": "list", "elements": "str", "default": []},
        "mains_back": {"type": "bool", "default": True},
    }
    RULES = {"required_by": {"layout": "regions"}}

    def step(self, options: dict[str, Any]) -> dict[str, Any]:
        options["image"] = self.local_file(options["image"])
        if options["layout"]:
            options["layout"] = self.local_file(options["layout"])
        options["sha256"] = declared_sha256(options["sha256"], options["image"])
        if not self.check_mode:
            return self.call("flash.write", **options)
        image = check_image(options["image"], sha256=options["sha256"])
        return {
            "changed": True,
            "image": str(image.path),
            "sha256": image.sha256,
            "size": image.size,
            "msg": "check mode: the image is good; whether the chip holds it already was not read",
        }
