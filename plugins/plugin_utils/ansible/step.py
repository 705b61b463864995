# SPDX-License-Identifier: GPL-3.0-or-later
"""The base of all steps: options in, calls of the bench's session, a plain result out."""

from __future__ import annotations

import os
from typing import Any, ClassVar

from ansible.errors import AnsibleActionFail, AnsibleActionSkip, AnsibleError
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display
from ansible_collections.hwlab.sut.plugins.plugin_utils.ansible.owner import check_owner
from ansible_collections.hwlab.sut.plugins.plugin_utils.ansible.plain import plain
from ansible_collections.hwlab.sut.plugins.plugin_utils.bench.client import SessionClient, find_session
from ansible_collections.hwlab.sut.plugins.plugin_utils.errors import ConfigurationError, HwlabError

_display = Display()


class Step(ActionBase):  # type: ignore[misc]
    """One step of a test. A subclass sets ARGUMENTS (an argument spec) and RULES, and writes `step`."""

    ARGUMENTS: ClassVar[dict[str, Any]] = {}
    #: Further keywords of validate_argument_spec: mutually_exclusive, required_if ...
    RULES: ClassVar[dict[str, Any]] = {}

    # The step talks to the session on the controller: the SUT's own connection may not exist yet.
    _requires_connection = False
    _supports_check_mode = True
    _supports_async = False
    TRANSFERS_FILES = False

    def step(self, options: dict[str, Any]) -> dict[str, Any]:
        """Do it and return the result; raise HwlabError when it fails."""
        raise NotImplementedError

    def run(self, tmp: Any = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        self.variables: dict[str, Any] = task_vars or {}
        result: dict[str, Any] = super().run(tmp, task_vars)
        _, options = self.validate_argument_spec(self.ARGUMENTS, **self.RULES)
        try:
            result.update(plain(self.step(plain(options))))
        except HwlabError as error:
            raise AnsibleActionFail(self._message(error), result=self._failure(error)) from error
        return result

    @property
    def bench(self) -> str:
        """The inventory host that the task runs for."""
        return str(self.variables["inventory_hostname"])

    @property
    def check_mode(self) -> bool:
        return bool(self._task.check_mode)

    def call(self, method: str, /, **params: Any) -> dict[str, Any]:
        """Call the bench's session; parameters that are None are left out."""
        given = {name: value for name, value in params.items() if value is not None}
        return self.session().call(method, given, step=self._task.get_name(), on_progress=self.progress)

    def session(self) -> SessionClient:
        """The bench's session. Raises ConfigurationError without one; skips the task in check mode."""
        session = find_session(self.bench)
        if session is None:
            if self.check_mode:
                raise AnsibleActionSkip("check mode: the bench was not taken, so it was not asked")
            raise ConfigurationError(
                "the bench is not taken; run hwlab.sut.session with state: present before this step"
            )
        check_owner(self.bench, os.getppid())
        return session

    def local_file(self, path: str) -> str:
        """Absolute path of a file on the controller: as copy's src, beside the role or the playbook, or
        here."""
        try:
            return str(self._find_needle("files", path))
        except AnsibleError:
            return os.path.abspath(path)

    def progress(self, text: str) -> None:
        """Show a line now, while the task runs."""
        _display.display(f"    {self.bench}: {text}")

    def _message(self, error: HwlabError) -> str:
        return error.message if error.message.startswith(self.bench) else f"{self.bench}: {error.message}"

    def _failure(self, error: HwlabError) -> dict[str, Any]:
        return {"kind": error.kind, "evidence": plain(error.evidence)}
