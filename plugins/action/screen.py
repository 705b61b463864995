# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

from ansible_collections.hwlab.sut.plugins.plugin_utils.ansible.step import Step
from ansible_collections.hwlab.sut.plugins.plugin_utils.errors import ConfigurationError


class ActionModule(Step):
    """Waits for what the SUT's screen shows, and clicks on it."""

    ARGUMENTS = {
        "state": {"type": "str", "choices": ["shown", "still", "saved"], "default": "shown"},
        "tags": {"type": "list", "elements": "str", "default": []},
        "needle": {"type": "str"},
        "click_point": {"type": "str"},
        "forbid": {"type": "list", "elements": "str", "default": []},
        "needles": {"type": "path"},
        "timeout": {"type": "float", "default": 30.0},
        "optional": {"type": "bool", "default": False},
        "click": {"type": "bool", "default": False},
        "button": {"type": "str", "choices": ["left", "middle", "right"], "default": "left"},
        "double": {"type": "bool", "default": False},
        "stable": {"type": "float", "default": 0.0},
        "seconds": {"type": "float", "default": 2.0},
        "similarity": {"type": "float", "default": 47.0},
        "name": {"type": "str"},
    }

    def step(self, options: dict[str, Any]) -> dict[str, Any]:
        if options["state"] == "saved":
            shot = self.call("screen.shot", name=options["name"])
            return {"changed": False} | shot | {"screenshot": shot["path"]}
        if options["state"] == "still":
            waited = {name: options[name] for name in ("seconds", "timeout", "similarity")}
            return {"changed": False} | self.call("screen.still", **waited)
        return self._shown(options)

    def _shown(self, options: dict[str, Any]) -> dict[str, Any]:
        if bool(options["tags"]) == bool(options["needle"]):
            raise ConfigurationError("give tags, one of which must show, or the name of a needle")
        clicks = options["click"] and not self.check_mode
        # A double click is two steps: the session finds the place, then the mouse goes there.
        single = clicks and not options["double"]
        found = self.call(
            "screen.check" if options["optional"] else "screen.wait",
            tags=options["tags"] or None,
            needle=options["needle"],
            forbid=options["forbid"] or None,
            # Without a folder, the session's own is meant.
            needles=self.local_file(options["needles"]) if options["needles"] else None,
            timeout=options["timeout"],
            click=single,
            click_point=options["click_point"] if single else None,
            button=options["button"],
            stable=options["stable"],
        )
        if clicks and not single and found.get("matched") and found.get("click_point"):
            x, y = found["click_point"]
            self.call("mouse", x=x, y=y, click=options["button"], double=True)
        return {"changed": bool(clicks and found.get("matched"))} | found
