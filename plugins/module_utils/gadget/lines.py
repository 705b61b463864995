# SPDX-License-Identifier: GPL-3.0-or-later
"""gadget-control's line protocol, as its users and os-autoinst's generalhw backend send it.

One line is one action: `reconnect`, `mouse_move X Y` (pixels), `mouse_button MASK` (1 left, 2 right, 4
middle,
0 none), `type TEXT`, `cmd TEXT` (TEXT and return), or a key name. The older protocol sends no reply, the
newer one `ok` or `error: ...` for every line; a client that does not read replies is served all the same.
Unlike in gadget-control, blanks at the end of `type` and `cmd` are typed, and an unknown key is an error.
"""

from __future__ import annotations

from typing import NamedTuple, Union

from .errors import GadgetError
from .keymap import Chord, parse_chord, text_strokes


class Reconnect(NamedTuple):
    """Unplug the gadget and plug it in again."""


class MouseMove(NamedTuple):
    x: int
    y: int


class MouseButton(NamedTuple):
    mask: int


class TypeText(NamedTuple):
    text: str


class TapKey(NamedTuple):
    chord: Chord


Action = Union[Reconnect, MouseMove, MouseButton, TypeText, TapKey]

OK_REPLY = "ok\n"


def error_reply(error: Exception) -> str:
    """`error: ...` on one line, as os-autoinst reports it."""
    return "error: " + " ".join(str(error).split()) + "\n"


def parse_line(line: str, layout: str = "us") -> Action:
    """What a line asks for; GadgetError says what is wrong with it. The line end may be LF or CR LF."""
    line = line.rstrip("\r\n")
    word, blank, rest = line.lstrip(" ").partition(" ")
    if word in ("type", "cmd") and blank:
        text_strokes(rest, layout)
        return TypeText(rest + "\n" if word == "cmd" else rest)
    if word == "mouse_move":
        numbers = _numbers(line, rest, 2, "mouse_move X Y")
        return MouseMove(numbers[0], numbers[1])
    if word == "mouse_button":
        return MouseButton(_numbers(line, rest, 1, "mouse_button MASK")[0])
    name = line.strip()
    if name == "reconnect":
        return Reconnect()
    if not name:
        raise GadgetError(
            "an empty line; a key name, type, cmd, mouse_move, mouse_button or reconnect is expected"
        )
    return TapKey(parse_chord(name, layout))


def _numbers(line: str, text: str, count: int, form: str) -> list[int]:
    words = text.split()
    try:
        numbers = [int(word) for word in words]
    except ValueError:
        numbers = []
    if len(numbers) != count or len(words) != count:
        raise GadgetError(f"'{line.strip()}' is not of the form '{form}' with whole numbers")
    return numbers
