# SPDX-License-Identifier: GPL-3.0-or-later
"""Keyboard layouts: which key, with which modifiers, gives a character on the SUT.

A layout is written as the rows of its keyboard: usages in order, and under each modifier the characters they
give. To add one, add its rows; the names of its keys stay those of usages.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

SHIFT = 0x02


class Stroke(NamedTuple):
    """One key with its modifiers: `modifiers` is the report's first byte, `usage` 0 means modifiers alone."""

    modifiers: int
    usage: int


#: Characters that are keys of their own in every layout.
_CONTROL: dict[str, Stroke] = {
    "\n": Stroke(0, 0x28),
    "\x1b": Stroke(0, 0x29),
    "\b": Stroke(0, 0x2A),
    "\t": Stroke(0, 0x2B),
    " ": Stroke(0, 0x2C),
}

#: Usages of the alphanumeric block of an ANSI keyboard, row by row (HID Usage Tables 1.5, page 0x07).
_ANSI: tuple[Sequence[int], ...] = (
    (0x35, *range(0x1E, 0x28), 0x2D, 0x2E),
    (0x14, 0x1A, 0x08, 0x15, 0x17, 0x1C, 0x18, 0x0C, 0x12, 0x13, 0x2F, 0x30, 0x31),
    (0x04, 0x16, 0x07, 0x09, 0x0A, 0x0B, 0x0D, 0x0E, 0x0F, 0x33, 0x34),
    (0x1D, 0x1B, 0x06, 0x19, 0x05, 0x11, 0x10, 0x36, 0x37, 0x38),
)


def _layout(usages: Sequence[Sequence[int]], levels: dict[int, Sequence[str]]) -> dict[str, Stroke]:
    strokes: dict[str, Stroke] = dict(_CONTROL)
    for modifiers, rows in levels.items():
        for row, characters in zip(usages, rows):
            if len(row) != len(characters):
                raise ValueError(f"a row of {len(row)} keys has {len(characters)} characters: {characters}")
            for usage, character in zip(row, characters):
                strokes.setdefault(character, Stroke(modifiers, usage))
    return strokes


LAYOUTS: dict[str, dict[str, Stroke]] = {
    "us": _layout(
        _ANSI,
        {
            0: ("`1234567890-=", "qwertyuiop[]\\", "asdfghjkl;'", "zxcvbnm,./"),
            SHIFT: ("~!@#$%^&*()_+", "QWERTYUIOP{}|", 'ASDFGHJKL:"', "ZXCVBNM<>?"),
        },
    ),
}


def layout_names() -> list[str]:
    return sorted(LAYOUTS)
