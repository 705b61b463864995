# SPDX-License-Identifier: GPL-3.0-or-later
"""Variables of one inventory host, with errors that name the variable and the host."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible.errors import AnsibleError
from ansible_collections.hwlab.sut.plugins.plugin_utils.ansible.plain import plain
from ansible_collections.hwlab.sut.plugins.plugin_utils.errors import ConfigurationError


class HostVariables:
    """What the inventory says of `host`; values are templated when asked for."""

    def __init__(self, host: str, variables: Mapping[str, Any]) -> None:
        self.host = host
        self._variables = variables

    def get(self, *names: str, default: Any = None) -> Any:
        """The first of `names` that is set, as a plain value. Raises ConfigurationError when it has no value
        because of something undefined inside."""
        for name in names:
            if name not in self._variables:
                continue
            try:
                value = plain(self._variables[name])
            except (AnsibleError, TypeError) as error:
                raise ConfigurationError(f"{name} of host {self.host} cannot be used: {error}") from error
            if value is not None:
                return value
        return default

    def need(self, name: str, example: str) -> Any:
        """A variable that must be set; `example` shows what would be right."""
        value = self.get(name)
        if value is None or value == "":
            raise ConfigurationError(
                f"{name} is not set for host {self.host}; set it in the inventory, for example {example}"
            )
        return value

    def neighbour(self, name: str, hostvars: Mapping[str, Any]) -> HostVariables | None:
        """The host that variable `name` names, or None when it is not set."""
        other = self.get(name)
        if other is None or other == "":
            return None
        if other not in hostvars:
            raise ConfigurationError(
                f"{name} of host {self.host} is {other!r}, which is no host of the inventory; add it to its "
                f"group"
            )
        return HostVariables(str(other), hostvars[other])
