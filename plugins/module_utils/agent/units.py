# SPDX-License-Identifier: GPL-3.0-or-later
"""systemd units put aside and given back in the state in which they were found."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import NamedTuple

from .errors import AgentError
from .host import Host
from .journal import Journal

KIND = "units"
#: Units of the PiKVM that may go down with one that is stopped; their state is recorded along.
FAMILY = "kvmd*.service"
#: Stopping kvmd waits for its streamer, which may take 10 s.
STOP_PATIENCE = 60.0


class UnitState(NamedTuple):
    """`active`: active, inactive, failed, or absent when there is no such unit; `enabled` as systemd says."""

    active: str
    enabled: str


def states(host: Host, names: list[str]) -> dict[str, UnitState]:
    """States by full name; patterns name loaded units only."""
    done = host.run(
        ["systemctl", "show", "--property=Id,LoadState,ActiveState,UnitFileState", "--", *names], check=False
    )
    if done.returncode:
        raise AgentError(f"systemctl does not answer on the KVM: {done.stderr.strip()}")
    found = {}
    for block in done.stdout.split("\n\n"):
        facts = dict(line.split("=", 1) for line in block.splitlines() if "=" in line)
        if "Id" in facts:
            absent = facts.get("LoadState") == "not-found"
            active = "absent" if absent else facts.get("ActiveState", "")
            if active in ("activating", "reloading"):
                active = "active"
            found[facts["Id"]] = UnitState(active, facts.get("UnitFileState", ""))
    return found


def full_name(name: str) -> str:
    """systemd's own habit: a name without a dot is a service."""
    if not name or name.startswith("-") or any(character in name for character in " /*?["):
        raise AgentError(f"'{name}' is not the name of a systemd unit")
    return name if "." in name else f"{name}.service"


def claim(host: Host, journal: Journal, names: list[str]) -> dict[str, dict[str, object]]:
    """Record the former states, once, and stop the units."""
    wanted = [full_name(name) for name in names]
    now = states(host, [*wanted, FAMILY]) if wanted else {}
    former = dict(journal.get(KIND) or {})
    for name, state in now.items():
        former.setdefault(name, {"former": state.active, "enabled": state.enabled})
    journal.put(KIND, former)
    running = [name for name in wanted if now[name].active == "active"]
    if running:
        host.run(["systemctl", "stop", "--", *running], patience=STOP_PATIENCE)
    return {name: {**former[full_name(name)], "stopped": full_name(name) in running} for name in names}


def give_back(host: Host, former: dict[str, dict[str, str]]) -> list[str]:
    """Start what was active and is not; returns a sentence for each."""
    wanted = [name for name, state in former.items() if state["former"] == "active"]
    if not wanted:
        return []
    now = states(host, wanted)
    down = [name for name in wanted if now[name].active not in ("active", "absent")]
    said = []
    failures = []
    for name in down:
        try:
            host.run(["systemctl", "reset-failed", "--", name], check=False)
            host.run(["systemctl", "start", "--", name], patience=STOP_PATIENCE)
            said.append(f"{name} started again")
        except AgentError as error:
            failures.append(str(error))
    if "kvmd.service" in wanted and "kvmd.service" not in down and holds_lost_gadget(host):
        host.run(["systemctl", "restart", "--", "kvmd.service"], patience=STOP_PATIENCE)
        said.append("kvmd.service restarted, since it held devices of a gadget that is gone")
    if failures:
        raise AgentError("; ".join(failures))
    return said


def holds_lost_gadget(host: Host, proc: Path = Path("/proc"), settle: float = 1.0) -> bool:
    """Whether a process of kvmd still holds a HID device that was removed, a moment after it could reopen."""
    if not any(_lost(process) for process in _processes_of("kvmd.service", proc)):
        return False
    time.sleep(settle)
    return any(_lost(process) for process in _processes_of("kvmd.service", proc))


def _processes_of(unit: str, proc: Path) -> list[Path]:
    found = []
    for process in proc.iterdir():
        if process.name.isdigit():
            try:
                if (process / "cgroup").read_text().strip().endswith(f"/{unit}"):
                    found.append(process)
            except OSError:
                continue
    return found


def _lost(process: Path) -> bool:
    try:
        links = [os.readlink(link) for link in (process / "fd").iterdir()]
    except OSError:
        return False
    return any(link.startswith("/dev/hidg") and link.endswith(" (deleted)") for link in links)
