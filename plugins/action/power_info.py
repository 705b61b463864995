# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

from ansible_collections.hwlab.sut.plugins.plugin_utils.ansible.step import Step


class ActionModule(Step):
    """Tells the SUT's power state and what it was judged by."""

    def step(self, options: dict[str, Any]) -> dict[str, Any]:
        return {"changed": False} | self.call("power.info")
