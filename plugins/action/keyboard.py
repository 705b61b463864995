# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

from ansible_collections.hwlab.sut.plugins.plugin_utils.ansible.step import Step


class ActionModule(Step):
    """Types on the SUT's keyboard."""

    ARGUMENTS = {
        "text": {"type": "str"},
        "enter": {"type": "bool", "default": False},
        "keys": {"type": "list", "elements": "str", "no_log": False},
        "cps": {"type": "float"},
        "layout": {"type": "str"},
        "hold": {"type": "float"},
        "gap": {"type": "float"},
        "secret": {"type": "bool", "default": False},
    }
    RULES = {"required_one_of": [("text", "keys")], "mutually_exclusive": [("text", "keys")]}

    def step(self, options: dict[str, Any]) -> dict[str, Any]:
        if self.check_mode:
            return {"changed": True}
        options["hold_s"], options["gap_s"] = options.pop("hold"), options.pop("gap")
        return {"changed": True} | self.call("keyboard", **options)
