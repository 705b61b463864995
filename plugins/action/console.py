# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

from ansible_collections.hwlab.sut.plugins.plugin_utils.ansible.step import Step


class ActionModule(Step):
    """Sends to a serial line of the SUT and waits for what it says."""

    ARGUMENTS = {
        "send": {"type": "str"},
        "enter": {"type": "bool", "default": True},
        "secret": {"type": "bool", "default": False},
        "wait_for": {"type": "str"},
        "fail_on": {"type": "list", "elements": "str", "default": []},
        "console": {"type": "str"},
        "since": {"type": "str"},
        "timeout": {"type": "float", "default": 60.0},
    }
    RULES = {"required_one_of": [("send", "wait_for")]}

    def step(self, options: dict[str, Any]) -> dict[str, Any]:
        console, since = options["console"], options["since"]
        result: dict[str, Any] = {"changed": options["send"] is not None}
        if self.check_mode and options["send"] is not None:
            return result
        if options["send"] is not None:
            # The answer may come before the wait begins: it counts from before the sending.
            since = since or self.call("console.mark", console=console)["mark"]
            result |= self.call(
                "console.send",
                text=options["send"],
                console=console,
                enter=options["enter"],
                secret=options["secret"],
            )
        if options["wait_for"] is not None:
            result |= self.call(
                "console.wait",
                pattern=options["wait_for"],
                console=console,
                timeout=options["timeout"],
                since=int(since) if str(since).isdigit() else since,
                fail_on=options["fail_on"] or None,
            )
        return result
