# SPDX-License-Identifier: GPL-3.0-or-later
"""The installer's arguments on the kernel command line (named as Anaconda's boot options)."""

from __future__ import annotations

import shlex
from dataclasses import dataclass


@dataclass(frozen=True)
class BootOptions:
    """`kickstart`: URL of inst.ks or None; `consoles`: the console= arguments, which the installed system
    inherits.
    """

    kickstart: str | None = None
    sshd: bool = False
    check_medium: bool = False
    rescue: bool = False
    consoles: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()


def parse_boot_options(command_line: str) -> BootOptions:
    """Read the kernel command line; inst.* arguments not known here come back in `unknown`."""
    kickstart: str | None = None
    flags: set[str] = set()
    consoles: list[str] = []
    unknown: list[str] = []
    for word in shlex.split(command_line):
        name, _, value = word.partition("=")
        if name == "inst.ks":
            kickstart = value or None
        elif name == "console":
            consoles.append(word)
        elif name in ("inst.sshd", "inst.check", "inst.rescue"):
            flags.add(name)
        elif name.startswith("inst.") and name not in ("inst.stage2", "inst.graphical"):
            unknown.append(word)
    return BootOptions(
        kickstart,
        "inst.sshd" in flags,
        "inst.check" in flags,
        "inst.rescue" in flags,
        tuple(consoles),
        tuple(unknown),
    )
