# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

from ansible_collections.hwlab.sut.plugins.plugin_utils.ansible.step import Step


class ActionModule(Step):
    """Moves the SUT's pointer and clicks."""

    ARGUMENTS = {
        "x": {"type": "int"},
        "y": {"type": "int"},
        "click": {"type": "str", "choices": ["left", "middle", "right"]},
        "double": {"type": "bool", "default": False},
    }
    RULES = {"required_together": [("x", "y")], "required_one_of": [("x", "click")]}

    def step(self, options: dict[str, Any]) -> dict[str, Any]:
        if self.check_mode:
            return {"changed": True}
        return {"changed": True} | self.call("mouse", **options)
