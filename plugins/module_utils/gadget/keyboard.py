# SPDX-License-Identifier: GPL-3.0-or-later
"""Typing at a pace: presses and releases, each fetched by the host before the next."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Callable, NamedTuple

from .device import Reporter
from .errors import GadgetError
from .hid import KEY_SLOTS, keyboard_report
from .keymap import Chord, parse_chord, text_strokes


class Pace(NamedTuple):
    """How long a key stays down and up, in seconds, beyond what the host's polls take."""

    hold: float
    gap: float

    @classmethod
    def of_rate(cls, cps: float) -> Pace:
        """Half of each character's time down, half up; 0 is as fast as the host polls."""
        if cps < 0:
            raise GadgetError(
                f"cps is {cps:g}; it is characters per second, or 0 for as fast as the host polls"
            )
        return cls(0.5 / cps, 0.5 / cps) if cps else cls(0.0, 0.0)


#: 25 keys/s: firmware and boot loaders look at the keyboard every 10 to 16 ms and lose keys that come
#: quicker.
SAFE_PACE = Pace(0.02, 0.02)


class Keyboard:
    """A boot keyboard behind a device. Remembers what it holds down."""

    def __init__(
        self,
        device: Reporter,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._device = device
        self._clock = clock
        self._sleep = sleep
        self._modifiers = 0
        self._usages: list[int] = []
        self._on_wire: bytes | None = None
        self._interrupted = False

    def interrupt(self) -> None:
        """Make whoever is typing in another thread stop before its next report; release() ends that."""
        self._interrupted = True

    def tap(self, chord: Chord, pace: Pace = SAFE_PACE) -> None:
        """Press and release a chord, on top of what is held."""
        started = self._clock()
        self._send(self._modifiers | chord.modifiers, [*self._usages, *chord.usages])
        self._until(started + pace.hold)
        self._send(self._modifiers, self._usages)
        self._until(started + pace.hold + pace.gap)

    def type_text(self, text: str, pace: Pace = SAFE_PACE, layout: str = "us") -> int:
        """Type a text; returns its number of keys. Nothing is sent when the layout lacks a character.

        At pace 0 a key's release and the next key's press share a report when modifiers and keys allow it:
        every host sees both, and half the polls are saved.
        """
        strokes = text_strokes(text, layout)
        if pace.hold or pace.gap:
            for stroke in strokes:
                self.tap(Chord(stroke.modifiers, (stroke.usage,)), pace)
            return len(strokes)
        last = Chord(0, ())
        for stroke in strokes:
            if last.usages and (stroke.modifiers != last.modifiers or stroke.usage in last.usages):
                self._send(self._modifiers, self._usages)
            last = Chord(stroke.modifiers, (stroke.usage,))
            self._send(self._modifiers | last.modifiers, [*self._usages, *last.usages])
        self._send(self._modifiers, self._usages)
        return len(strokes)

    def tap_keys(self, names: Sequence[str], pace: Pace = SAFE_PACE, layout: str = "us") -> None:
        """Tap named keys one after another; an unknown name is refused before the first."""
        for chord in [parse_chord(name, layout) for name in names]:
            self.tap(chord, pace)

    def press(self, names: Sequence[str], layout: str = "us") -> None:
        """Press keys and hold them until release()."""
        for chord in [parse_chord(name, layout) for name in names]:
            usages = [*self._usages, *(usage for usage in chord.usages if usage not in self._usages)]
            if len(usages) > KEY_SLOTS:
                raise GadgetError(
                    f"more than {KEY_SLOTS} keys held at once; a boot keyboard cannot report that"
                )
            self._modifiers |= chord.modifiers
            self._usages = usages
            self._send(self._modifiers, self._usages)

    def release(self) -> None:
        """Everything up; sends nothing when the host knows so already."""
        self._interrupted = False
        self._modifiers = 0
        self._usages = []
        if self._on_wire not in (None, keyboard_report(0)):
            self._send(0, [])

    def _send(self, modifiers: int, usages: Sequence[int]) -> None:
        if self._interrupted:
            raise GadgetError("typing was interrupted: the client that asked for it is gone")
        report = keyboard_report(modifiers, usages)
        # Noted first: a report whose acknowledgement timed out may still reach the host.
        self._on_wire = report
        self._device.send(report)

    def _until(self, when: float) -> None:
        left = when - self._clock()
        if left > 0:
            self._sleep(left)
