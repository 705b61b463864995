# SPDX-License-Identifier: GPL-3.0-or-later
"""The mainboard as a state machine: buttons, mains, power LED, and when the flash chip answers.

It has no clock and no processes of its own. Whoever drives it passes the time, calls `advance` when
`next_deadline` comes, and does what `act` is told.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum

from hwlab_emulator.board.traits import Traits


class Effect(Enum):
    """What the board does to the machine on it."""

    START = "start"
    END = "end"
    POWER_BUTTON = "power button"
    """A short press while the board is on: for the operating system, or the firmware, to act on."""
    RESET = "reset"


class Guest(Enum):
    """What runs on the board."""

    NONE = "none"
    RUNNING = "running"
    DEAD = "dead"
    """The board is on, its processor finds no firmware."""


class _Button:
    """One line with a button on it; several wires can pull it."""

    def __init__(self) -> None:
        self.holders: set[str] = set()
        self.since = 0.0
        self.steps: list[float] = []
        """Times at which something happens if it stays pressed, in order."""

    def press(self, holder: str, now: float, steps: list[float]) -> None:
        if not self.holders:
            self.since, self.steps = now, [now + step for step in steps]
        self.holders.add(holder)

    def release(self, holder: str) -> None:
        self.holders.discard(holder)
        if not self.holders:
            self.steps = []


class Board:
    """The model. Times are seconds of any clock that only moves forward."""

    def __init__(self, traits: Traits, act: Callable[[Effect], None], chip_boots: Callable[[], bool]) -> None:
        """`chip_boots` is asked at power on and reset: does the chip hold something to start from?"""
        self.traits = traits
        self._act = act
        self._chip_boots = chip_boots
        self.mains = True
        self.powered = False
        self.guest = Guest.NONE
        self.spi_lines = False
        self.spi_vcc = False
        self.spi_low_voltage = False
        """True: 3.3 V (the RTE pulls the selection low); False: 1.8 V."""
        self._cut_at = 0.0
        self._was_on = False
        self._power, self._reset = _Button(), _Button()

    @property
    def led(self) -> bool:
        """The power LED."""
        return self.powered

    def chip_answers(self, now: float) -> bool:
        """Whether the flasher reaches the chip."""
        supplied = self.spi_lines and self.spi_vcc and not self.powered
        voltage = "3.3V" if self.spi_low_voltage else "1.8V"
        drained = not self.mains and now >= self._cut_at + self.traits.drain_s
        return supplied and voltage == self.traits.chip_voltage and (drained or not self.traits.flashes_in_g3)

    def next_deadline(self, now: float) -> float | None:
        """When `advance` has something to do although nobody touches the board."""
        times = [*self._power.steps[:1], *self._reset.steps[:1]]
        if not self.mains and now < self._cut_at + self.traits.drain_s:
            times.append(self._cut_at + self.traits.drain_s)
        return min(times, default=None)

    def advance(self, now: float) -> None:
        """Do what has become due by `now`, in its order."""
        while True:
            due = [button for button in (self._power, self._reset) if button.steps and button.steps[0] <= now]
            if not due:
                return
            button = min(due, key=lambda item: item.steps[0])
            button.steps.pop(0)
            if button is self._reset:
                self._reset_pressed()
            elif button.steps:
                self._power_pressed()
            elif self.powered:
                self._power_off()

    def press(self, button: str, holder: str, now: float) -> None:
        """`holder`, a wire's name, pulls `button` (power or reset)."""
        self.advance(now)
        if button == "power":
            self._power.press(holder, now, [self.traits.debounce_s, self.traits.force_off_s])
        elif button == "reset":
            self._reset.press(holder, now, [self.traits.debounce_s])
        else:
            raise ValueError(f"no button {button!r}: power or reset")

    def release(self, button: str, holder: str, now: float) -> None:
        """`holder` lets go."""
        self.advance(now)
        (self._power if button == "power" else self._reset).release(holder)

    def set_mains(self, on: bool, now: float) -> None:
        """Switch the mains."""
        self.advance(now)
        if on == self.mains:
            return
        self.mains = on
        if not on:
            self._cut_at = now
            self._was_on = self.powered
            self._power_off()
        elif self.traits.after_mains == "on" or (self.traits.after_mains == "last" and self._was_on):
            self._power_on()

    def guest_ended(self) -> None:
        """The machine switched itself off: its operating system shut down, or its firmware was told to."""
        if self.powered:
            self.powered = False
            self.guest = Guest.NONE

    def _power_pressed(self) -> None:
        if self.powered:
            self._act(Effect.POWER_BUTTON)
        elif self.mains:
            self._power_on()

    def _power_on(self) -> None:
        self.powered = True
        self._boot()

    def _boot(self) -> None:
        if self.spi_lines or not self._chip_boots():
            self.guest = Guest.DEAD
        else:
            self.guest = Guest.RUNNING
            self._act(Effect.START)

    def _power_off(self) -> None:
        if not self.powered:
            return
        had_guest = self.guest is Guest.RUNNING
        self.powered, self.guest = False, Guest.NONE
        if had_guest:
            self._act(Effect.END)

    def _reset_pressed(self) -> None:
        if not self.powered:
            return
        if self.guest is Guest.DEAD:
            self._boot()
        elif self.spi_lines:
            # The processor starts again, and finds nothing.
            self.guest = Guest.DEAD
            self._act(Effect.END)
        else:
            self._act(Effect.RESET)
