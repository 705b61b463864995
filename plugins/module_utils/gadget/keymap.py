# SPDX-License-Identifier: GPL-3.0-or-later
"""From what people write (`ctrl-alt-f2`, `A`, `spc`, a text) to strokes of a layout."""

from __future__ import annotations

import difflib
from typing import NamedTuple

from .errors import UnknownKey
from .layouts import LAYOUTS, Stroke, layout_names
from .usages import MODIFIERS, NAMED_CHARACTERS, NAMED_KEYS

__all__ = ["Chord", "layout", "parse_chord", "text_strokes"]


class Chord(NamedTuple):
    """Keys that are down together: a report's modifier byte and up to six usages."""

    modifiers: int
    usages: tuple[int, ...]


def layout(name: str) -> dict[str, Stroke]:
    """The characters of layout `name`; UnknownKey when there is no such layout."""
    try:
        return LAYOUTS[name]
    except KeyError:
        raise UnknownKey(
            f"no keyboard layout is called '{name}'; there is: {', '.join(layout_names())}"
        ) from None


def parse_chord(name: str, layout_name: str = "us") -> Chord:
    """A key name: a character, a named key, or either behind prefixes such as `ctrl-` and `shift-`.

    Modifiers alone (`ctrl`, `ctrl-alt`) are a chord too; so are several named keys (`a-b`). Characters are
    taken by their case (`A` needs shift), names are not (`Esc`, `F10`). UnknownKey names the nearest names.
    """
    characters = layout(layout_name)
    modifiers = 0
    usages: list[int] = []
    for part in _parts(name):
        low = part.lower()
        if part in characters:
            stroke = characters[part]
            modifiers |= stroke.modifiers
            usages.append(stroke.usage)
        elif low in MODIFIERS:
            modifiers |= MODIFIERS[low]
        elif low in NAMED_KEYS:
            usages.append(NAMED_KEYS[low])
        elif low in NAMED_CHARACTERS and NAMED_CHARACTERS[low] in characters:
            stroke = characters[NAMED_CHARACTERS[low]]
            modifiers |= stroke.modifiers
            usages.append(stroke.usage)
        else:
            raise UnknownKey(_unknown(name, part))
    if len(usages) > 6:
        raise UnknownKey(f"'{name}' holds {len(usages)} keys; a boot keyboard can report six at once")
    return Chord(modifiers, tuple(usages))


def text_strokes(text: str, layout_name: str = "us") -> list[Stroke]:
    """The strokes that type `text`; a carriage return before a line feed is the same key as the line feed."""
    characters = layout(layout_name)
    strokes: list[Stroke] = []
    for index, character in enumerate(text.replace("\r\n", "\n").replace("\r", "\n")):
        try:
            strokes.append(characters[character])
        except KeyError:
            raise UnknownKey(
                f"layout '{layout_name}' cannot type {character!r} (U+{ord(character):04X}), "
                f"character {index + 1} of the text"
            ) from None
    return strokes


def _parts(name: str) -> list[str]:
    """Split at dashes; a dash at the very end or alone is the key itself (`ctrl--`, `-`)."""
    if name.endswith("--"):
        return [*name[:-2].split("-"), "-"]
    if name == "-":
        return ["-"]
    return name.split("-")


def _unknown(name: str, part: str) -> str:
    known = [*NAMED_KEYS, *MODIFIERS, *NAMED_CHARACTERS]
    near = difflib.get_close_matches(part.lower(), known, n=3, cutoff=0.5)
    where = f"'{name}'" if part == name else f"'{part}' in '{name}'"
    if not part:
        return f"unknown key {where}: a key is missing beside a '-'; the key '-' itself is called 'minus'"
    hint = (
        f"; the nearest are: {', '.join(near)}" if near else "; names are such as ret, esc, f10, ctrl-alt-f2"
    )
    return f"unknown key {where}{hint}"
