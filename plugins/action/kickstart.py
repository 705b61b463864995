# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

from ansible_collections.hwlab.sut.plugins.plugin_utils.ansible.step import Step


class ActionModule(Step):
    """Serves a kickstart file from the KVM to the SUT."""

    ARGUMENTS = {
        "state": {"type": "str", "choices": ["served", "stopped"], "default": "served"},
        "content": {"type": "str"},
        "port": {"type": "int", "default": 6789},
        "allow": {"type": "list", "elements": "str", "default": []},
    }
    RULES = {"required_if": [("state", "served", ("content",))]}

    def step(self, options: dict[str, Any]) -> dict[str, Any]:
        if self.check_mode:
            return {"changed": True, "msg": "check mode: what the KVM serves was not compared"}
        if options["state"] == "stopped":
            return self.call("kickstart.stop")
        return self.call(
            "kickstart.serve",
            content=options["content"],
            port=options["port"],
            allow=options["allow"] or None,
        )
