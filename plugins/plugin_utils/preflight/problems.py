# SPDX-License-Identifier: GPL-3.0-or-later
"""Run checks at the same time and tell all that failed in one error."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor

from ansible_collections.hwlab.sut.plugins.plugin_utils.errors import (
    ConfigurationError,
    HwlabError,
    InfrastructureError,
)

Check = Callable[[], None]


def run_checks(checks: Mapping[str, Check]) -> None:
    """Run `checks` (name to function) and raise one error if any failed, in the order of `checks`.

    One problem is raised as it is. Several become one ConfigurationError if the user can set all of them
    right, otherwise one InfrastructureError; `evidence["problems"]` holds each with its check, kind and
    message.
    """
    with ThreadPoolExecutor(max_workers=max(1, len(checks))) as pool:
        running = {name: pool.submit(_problem, check) for name, check in checks.items()}
        found = {name: problem for name, task in running.items() if (problem := task.result()) is not None}
    if not found:
        return
    if len(found) == 1:
        raise next(iter(found.values()))
    told = "".join(f"\n  - {problem.message}" for problem in found.values())
    kind = (
        ConfigurationError if all(p.kind == "configuration" for p in found.values()) else InfrastructureError
    )
    raise kind(
        f"{len(found)} problems, and nothing has moved:{told}",
        evidence={"problems": [{"check": name} | problem.as_dict() for name, problem in found.items()]},
    )


def _problem(check: Check) -> HwlabError | None:
    try:
        check()
    except HwlabError as error:
        return error
    return None
