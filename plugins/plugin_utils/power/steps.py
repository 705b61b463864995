# SPDX-License-Identifier: GPL-3.0-or-later
"""The session's methods power.ensure and power.info.

power.ensure {state: on|off|forced_off|cycled|reset, shutdown_timeout?: s} -> {changed, state, before,
actions,
    probes: {name: words}, seconds}
power.info {} -> {state, why, probes: {name: words}}
"""

from __future__ import annotations

import time
from typing import Any

from ansible_collections.hwlab.sut.plugins.plugin_utils.bench.config_reader import Reader
from ansible_collections.hwlab.sut.plugins.plugin_utils.bench.context import StepContext
from ansible_collections.hwlab.sut.plugins.plugin_utils.power.assembly import controller_for
from ansible_collections.hwlab.sut.plugins.plugin_utils.power.controller import STATES
from ansible_collections.hwlab.sut.plugins.plugin_utils.power.verdict import Verdict


def ensure(context: StepContext, params: dict[str, Any]) -> dict[str, Any]:
    """Bring the SUT to a power state; see PowerController.ensure for errors."""
    reader = Reader(params, "power")
    state = reader.choice("state", STATES, "on")
    shutdown = reader.number("shutdown_timeout", -1.0, -1.0)
    reader.done()
    begin = time.monotonic()
    change = controller_for(context).ensure(state, None if shutdown < 0 else shutdown)
    return {
        "changed": change.changed,
        "state": change.after.state,
        "before": change.before.state,
        "actions": change.actions,
        "probes": _words(change.after),
        "seconds": round(time.monotonic() - begin, 1),
    }


def info(context: StepContext, params: dict[str, Any]) -> dict[str, Any]:
    """Look, and change nothing."""
    Reader(params, "power_info").done()
    verdict = controller_for(context).look()
    return {"state": verdict.state, "why": verdict.why, "probes": _words(verdict)}


def _words(verdict: Verdict) -> dict[str, str]:
    return {probe.name: str(probe).removeprefix(f"{probe.name} ") for probe in verdict.probes}
