# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

from ansible_collections.hwlab.sut.plugins.plugin_utils.ansible.step import Step


class ActionModule(Step):
    """Brings the SUT to a power state."""

    ARGUMENTS = {
        "state": {
            "type": "str",
            "choices": ["on", "off", "forced_off", "cycled", "reset"],
            "required": True,
        },
        "shutdown_timeout": {"type": "float"},
    }

    def step(self, options: dict[str, Any]) -> dict[str, Any]:
        if not self.check_mode:
            return self.call("power.ensure", **options)
        now = self.call("power.info")
        wanted = options["state"].removeprefix("forced_")
        return {"changed": now["state"] != wanted, "state": now["state"], "probes": now["probes"]}
