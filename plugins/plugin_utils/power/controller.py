# SPDX-License-Identifier: GPL-3.0-or-later
"""Bring the SUT to a wanted power state, looking before and after every press."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from ansible_collections.hwlab.sut.plugins.plugin_utils.errors import ConfigurationError, InfrastructureError
from ansible_collections.hwlab.sut.plugins.plugin_utils.power.switches import Button, Mains
from ansible_collections.hwlab.sut.plugins.plugin_utils.power.timings import Clock, PowerTimings
from ansible_collections.hwlab.sut.plugins.plugin_utils.power.verdict import State, Verdict

#: Values of the power step's `state`.
STATES = ("on", "off", "forced_off", "cycled", "reset")
#: A press may go unnoticed by a board that just woke up; after so many of them something is broken.
PRESSES = 3


@dataclass
class PowerChange:
    """What `ensure` did: the verdicts around it and every action, in order."""

    before: Verdict
    after: Verdict
    actions: list[str] = field(default_factory=list)

    @property
    def changed(self) -> bool:
        return bool(self.actions)


class PowerController:
    """Power of one SUT. All waiting goes through `clock`, all looking through `look`."""

    def __init__(
        self,
        bench: str,
        look: Callable[[], Verdict],
        *,
        power: Button | None,
        reset: Button | None = None,
        mains: Mains | None = None,
        timings: PowerTimings | None = None,
        clock: Clock | None = None,
        progress: Callable[[str], None] = lambda text: None,
        before_on: Callable[[], None] = lambda: None,
    ) -> None:
        """`before_on` is asked before the SUT gets power; it raises when that must not be."""
        self.bench = bench
        self.look = look
        self.timings = timings or PowerTimings()
        self._power, self._reset, self._mains = power, reset, mains
        self._clock = clock or Clock()
        self._progress = progress
        self._before_on = before_on
        self._actions: list[str] = []
        self._held_until = self._clock.now()

    def ensure(self, state: str, shutdown_timeout_s: float | None = None) -> PowerChange:
        """Bring the SUT to `state`, one of STATES.

        `off` presses shortly and gives the operating system `shutdown_timeout_s` to shut down, then forces.
        Raises ConfigurationError for what the bench has no wire for, InfrastructureError when the SUT does
        not follow or nobody can tell its state.
        """
        if state not in STATES:
            raise ConfigurationError(f"power state {state!r}: expected one of {', '.join(STATES)}")
        self._actions = []
        before = self._settled()
        if state == "on":
            after = self._on(before)
        elif state == "off":
            after = self._off(
                before, self.timings.shutdown_timeout_s if shutdown_timeout_s is None else shutdown_timeout_s
            )
        elif state == "forced_off":
            after = self._off(before, 0)
        elif state == "cycled":
            off = self._off(before, 0)
            self._clock.sleep(self.timings.off_before_on_s)
            after = self._on(off)
        else:
            after = self._press_reset(before)
        self._let_go()
        return PowerChange(before, after, list(self._actions))

    def _on(self, verdict: Verdict) -> Verdict:
        if verdict.state == "on":
            return verdict
        self._before_on()
        if self._mains is not None and not self._mains.is_on():
            self.mains(True)
            verdict = self._settled()  # some boards start by themselves when the mains come back
        for _ in range(PRESSES):
            if verdict.state == "on":
                return verdict
            if verdict.state == "unknown":
                raise self._blind("on", verdict)
            self._press(self._wired(self._power, "power button"), "power", self.timings.press_on_s)
            verdict = self._wait("on", self.timings.on_timeout_s)
        if verdict.state == "on":
            return verdict
        raise InfrastructureError(
            f"{self.bench}: the SUT does not come on after {PRESSES} presses of the power button; "
            f"seen: {verdict}. Check the mains, the power button's wire and that no flasher drives the SPI "
            "lines."
        )

    def _off(self, verdict: Verdict, shutdown_timeout_s: float) -> Verdict:
        if verdict.state == "off":
            return verdict
        if verdict.state == "unknown" and self._mains is None:
            raise self._blind("off", verdict)
        if verdict.state == "on" and self._power is not None:
            if shutdown_timeout_s > 0:
                self._press(self._power, "power", self.timings.press_on_s)
                verdict = self._wait("off", shutdown_timeout_s)
            if verdict.state == "on":
                self._press(self._power, "power", self.timings.press_force_s)
                verdict = self._wait("off", self.timings.press_force_s + self.timings.off_timeout_s)
        if verdict.state == "off":
            return verdict
        if self._mains is None:
            if verdict.state == "unknown":
                raise self._blind("off", verdict)
            raise InfrastructureError(
                f"{self.bench}: the SUT stays on after {self.timings.press_force_s:g} s on the power button; "
                f"seen: {verdict}. Check the power button's wire; a mains switch would help."
            )
        self.mains(False)
        verdict = self._wait("off", self.timings.off_timeout_s)
        if verdict.state != "off":
            raise InfrastructureError(
                f"{self.bench}: the SUT shows life with its mains cut by {self._mains.name}; "
                f"seen: {verdict}. Check that it hangs on this outlet and that the probes see this SUT."
            )
        return verdict

    def _press_reset(self, verdict: Verdict) -> Verdict:
        button = self._wired(self._reset, "reset button")
        if verdict.state != "on":
            raise ConfigurationError(
                f"{self.bench}: reset needs a SUT that is on; seen: {verdict}. Use state: on, or cycled."
            )
        self._before_on()
        self._press(button, "reset", self.timings.press_reset_s)
        return self._wait("on", self.timings.on_timeout_s)

    def mains(self, on: bool) -> None:
        """Give or cut the mains, then wait until the board is settled or drained."""
        if self._mains is None:
            raise ConfigurationError(f"{self.bench}: mains_driver is none, nothing can cut or give the mains")
        self._did(f"mains {'on' if on else 'off'}")
        self._mains.turn(on)
        self._clock.sleep(self.timings.mains_settle_s if on else self.timings.mains_drain_s)

    def has_mains(self) -> bool:
        """True when the SUT has mains, as far as a switch can tell; without a switch it always has."""
        return self._mains is None or self._mains.is_on()

    def _press(self, button: Button, name: str, seconds: float) -> None:
        self._let_go()
        self._did(f"{name} button pressed for {seconds:g} s")
        button.press(seconds)
        self._held_until = self._clock.now() + seconds

    def _let_go(self) -> None:
        """Wait until the last press has ended: the board follows before, and whatever holds the button lets
        go by a timer that would cut the next press short."""
        left = self._held_until - self._clock.now()
        if left > 0:
            self._clock.sleep(left)

    def _did(self, action: str) -> None:
        self._actions.append(action)
        self._progress(action)

    def _wait(self, wanted: State, seconds: float) -> Verdict:
        """Look until the verdict is `wanted`, at most `seconds`."""
        until = self._clock.now() + seconds
        verdict = self.look()
        while verdict.state != wanted and self._clock.now() < until:
            self._clock.sleep(self.timings.poll_s)
            verdict = self.look()
        return verdict

    def _settled(self) -> Verdict:
        """A verdict; probes that disagree get a moment to agree."""
        until = self._clock.now() + self.timings.agree_s
        verdict = self.look()
        while verdict.state == "unknown" and _disagree(verdict) and self._clock.now() < until:
            self._clock.sleep(self.timings.poll_s)
            verdict = self.look()
        return verdict

    def _wired(self, button: Button | None, name: str) -> Button:
        if button is None:
            raise ConfigurationError(
                f"{self.bench}: nothing presses the SUT's {name}; set sut_flasher or wire the KVM's ATX"
            )
        return button

    def _blind(self, wanted: str, verdict: Verdict) -> InfrastructureError:
        return InfrastructureError(
            f"{self.bench}: cannot bring the SUT {wanted}: its button toggles and its state is {verdict}"
        )


def _disagree(verdict: Verdict) -> bool:
    """True when at least two probes spoke; waiting does not help one that cannot tell."""
    return sum(probe.seen is not None for probe in verdict.probes) > 1
