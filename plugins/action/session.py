# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import os
from typing import Any

from ansible_collections.hwlab.sut.plugins.plugin_utils.ansible.bench_config import bench_config
from ansible_collections.hwlab.sut.plugins.plugin_utils.ansible.step import Step
from ansible_collections.hwlab.sut.plugins.plugin_utils.bench.client import find_session, start_session
from ansible_collections.hwlab.sut.plugins.plugin_utils.errors import InfrastructureError


class ActionModule(Step):
    """Takes a bench for this run, checks it, and gives it back."""

    ARGUMENTS = {
        "state": {"type": "str", "choices": ["present", "checked", "absent"], "default": "present"},
        "runs_dir": {"type": "path", "default": "runs"},
        "needles": {"type": "path"},
        "flash_image": {"type": "path"},
        "flash_image_sha256": {"type": "str"},
        "install_image": {"type": "path"},
        "kickstart": {"type": "str"},
        "keep": {"type": "bool", "default": False},
        "outcome": {"type": "str", "choices": ["passed", "failed"]},
    }

    def step(self, options: dict[str, Any]) -> dict[str, Any]:
        if options["state"] == "absent":
            return self._give_back(options["outcome"])
        if options["state"] == "checked":
            return {"changed": False} | self.call("session.check")
        if find_session(self.bench) is not None:
            return {"changed": False} | self._about()
        return self._take(options)

    def _take(self, options: dict[str, Any]) -> dict[str, Any]:
        for name in ("needles", "flash_image", "install_image"):
            if options[name]:
                options[name] = self.local_file(options[name])
        runs = os.path.abspath(options["runs_dir"])
        config = bench_config(
            self.bench, self.variables["hostvars"], runs, options["keep"], options["needles"]
        )
        checked = self._preflight(config, options)
        if self.check_mode:
            return {"changed": True, "checked": checked, "run_dir": ""}
        # Tasks run in forks of ansible-playbook: the parent is the process whose end ends the run.
        start_session(config, owner_pid=None if options["keep"] else os.getppid())
        return {"changed": True, "checked": checked} | self._about()

    def _preflight(self, config: dict[str, Any], options: dict[str, Any]) -> list[str]:
        # Imported here: of all steps only this one reads needles and kickstarts in Ansible's own process.
        from ansible_collections.hwlab.sut.plugins.plugin_utils.bench.config import read_config
        from ansible_collections.hwlab.sut.plugins.plugin_utils.preflight.bench import Inputs, checks_of
        from ansible_collections.hwlab.sut.plugins.plugin_utils.preflight.problems import run_checks

        inputs = Inputs(**{name: options[name] for name in Inputs.__dataclass_fields__})
        checks = checks_of(read_config(config), inputs)
        run_checks(checks)
        return list(checks)

    def _about(self) -> dict[str, Any]:
        info = self.call("session.info")
        return {"run_dir": info["run_folder"], "pid": info["pid"], "consoles": info["consoles"]}

    def _give_back(self, outcome: str | None) -> dict[str, Any]:
        if find_session(self.bench) is None:
            return {"changed": False}
        if self.check_mode:
            return {"changed": True}
        done = self.call("finish", outcome=outcome)
        if not done["given_back"]:
            raise InfrastructureError(
                f"the bench could not be given back whole: {done['note']}. Evidence: {done['run_folder']}",
                evidence={"run_dir": done["run_folder"], "restored": done["restored"]},
            )
        return {
            "changed": True,
            "run_dir": done["run_folder"],
            "restored": done["restored"],
            "summary": [
                "The bench is given back. Evidence of the run:",
                f"{done['run_folder']}: run.json, steps.jsonl, timings.json",
                f"{done['run_folder']}/screens: a picture of each step",
                f"{done['run_folder']}/serial: the serial lines with times of arrival",
            ],
        }
