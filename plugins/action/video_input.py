# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from pathlib import Path
from typing import Any

from ansible_collections.hwlab.sut.plugins.plugin_utils.ansible.resolution import parse_resolution
from ansible_collections.hwlab.sut.plugins.plugin_utils.ansible.step import Step
from ansible_collections.hwlab.sut.plugins.plugin_utils.edid.edid import read_edid


class ActionModule(Step):
    """Shows the SUT a monitor by its EDID, and takes its picture in."""

    ARGUMENTS = {
        "resolution": {"type": "str"},
        "edid": {"type": "path"},
        "stream": {"type": "bool", "default": True},
    }
    RULES = {"mutually_exclusive": [("resolution", "edid")], "required_one_of": [("resolution", "edid")]}

    def step(self, options: dict[str, Any]) -> dict[str, Any]:
        size = parse_resolution(options["resolution"]) if options["resolution"] else None
        edid = read_edid(Path(self.local_file(options["edid"]))).hex if options["edid"] else None
        if self.check_mode:
            return {"changed": True, "msg": "check mode: the EDID that the input holds was not compared"}
        return self.call("video_input.ensure", resolution=size, edid_hex=edid, stream=options["stream"])
