# SPDX-License-Identifier: GPL-3.0-or-later
"""How long a board needs between the steps of a power change, in seconds."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from typing import Any, TypeVar

from ansible_collections.hwlab.sut.plugins.plugin_utils.bench.config_reader import Reader

T = TypeVar("T")


@dataclass(frozen=True)
class PowerTimings:
    """Defaults are those of the Dasharo lab's scripts (osfv-scripts 0.8.3, libs/rte.py and flash.py)."""

    #: After the mains came back: the power supply and the embedded controller wake up.
    mains_settle_s: float = 2.0
    #: After the mains were cut: capacitors drain until the board is really dead (5 x 3 s there).
    mains_drain_s: float = 15.0
    press_on_s: float = 1.0
    press_reset_s: float = 1.0
    #: A held power button forces off after 4 s (ACPI 6.5, 4.8.2.2.1); longer, to be sure.
    press_force_s: float = 6.0
    #: How long the verdict may take to follow a press.
    on_timeout_s: float = 15.0
    off_timeout_s: float = 10.0
    #: How long an operating system may take to shut down after a short press.
    shutdown_timeout_s: float = 60.0
    #: How long probes that disagree are given to agree (a picture lingers after power off).
    agree_s: float = 8.0
    #: Between off and on of a power cycle.
    off_before_on_s: float = 2.0
    poll_s: float = 0.5


@dataclass(frozen=True)
class Clock:
    """Time as the engine sees it; tests bring their own, so that none of them waits."""

    now: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep


def read_timings(values: dict[str, Any], defaults: T) -> T:
    """`defaults`, a frozen dataclass of seconds, with those of `values`; its keys leave out the ending
    ``_s``.

    Raises ConfigurationError for a key that is none of them and for a value that is no number of seconds.
    """
    reader = Reader(values, "timings")
    found = {
        field.name: reader.number(field.name.removesuffix("_s"), float(getattr(defaults, field.name)))
        for field in fields(defaults)  # type: ignore[arg-type]
    }
    reader.done()
    return replace(defaults, **found)  # type: ignore[type-var]
