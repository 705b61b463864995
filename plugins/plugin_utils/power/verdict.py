# SPDX-License-Identifier: GPL-3.0-or-later
"""Is the SUT on? One answer from several probes, or an honest `unknown` that shows where they disagree."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from ansible_collections.hwlab.sut.plugins.plugin_utils.errors import HwlabError

State = Literal["on", "off", "unknown"]
Kind = Literal["mains", "led", "video"]


@dataclass(frozen=True)
class Probe:
    """What one probe sees: `seen` True speaks for on, False for off, None cannot tell (`note`: why)."""

    kind: Kind
    name: str
    seen: bool | None
    note: str = ""

    def __str__(self) -> str:
        words = {"mains": ("on", "off"), "led": ("lit", "dark"), "video": ("signal", "no signal")}[self.kind]
        said = "cannot tell" if self.seen is None else words[0] if self.seen else words[1]
        return f"{self.name} {said}" + (f" ({self.note})" if self.note else "")


@dataclass(frozen=True)
class Verdict:
    """`state` and the probes that led to it; `why` explains an unknown."""

    state: State
    probes: tuple[Probe, ...]
    why: str = ""

    def __str__(self) -> str:
        seen = ", ".join(str(probe) for probe in self.probes) or "nothing to see it by"
        return f"{self.state} ({seen})" + (f": {self.why}" if self.why else "")


def probe(kind: Kind, name: str, ask: Callable[[], bool | None]) -> Probe:
    """Ask one probe; a device that does not answer cannot tell, and its words are kept."""
    try:
        return Probe(kind, name, ask())
    except (HwlabError, OSError) as error:
        return Probe(kind, name, None, str(error))


def judge(probes: Sequence[Probe], no_signal_means_off: bool = False) -> Verdict:
    """Join the probes.

    No mains is off, a lit LED is on, a dark one is off; a picture speaks for on. No picture alone says
    nothing (screens sleep, firmware is blind at first), unless `no_signal_means_off`, for benches without a
    LED wire. Any two that contradict each other make it unknown: whoever looks at it decides, not we.
    """
    everything = tuple(probes)
    seen = {
        kind: {p.seen for p in everything if p.kind == kind and p.seen is not None}
        for kind in ("mains", "led", "video")
    }

    def unknown(why: str) -> Verdict:
        return Verdict("unknown", everything, why)

    lit, signal = True in seen["led"], True in seen["video"]
    if len(seen["led"]) == 2:
        return unknown("two power LED probes disagree; check which of them is wired")
    if False in seen["mains"]:
        if lit or signal:
            return unknown("the mains switch says off, yet the SUT shows life; is it on another outlet?")
        return Verdict("off", everything)
    if seen["led"]:
        if not lit and signal:
            return unknown("the power LED is dark, yet there is a video signal; asleep, or no LED wire")
        return Verdict("on" if lit else "off", everything)
    if signal:
        return Verdict("on", everything)
    if seen["video"] and no_signal_means_off:
        return Verdict("off", everything)
    return unknown("no power LED is seen; wire it to the flasher or the KVM")
