# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import string

import pytest

from ansible_collections.hwlab.sut.plugins.module_utils.gadget.errors import UnknownKey
from ansible_collections.hwlab.sut.plugins.module_utils.gadget.keymap import (
    Chord,
    parse_chord,
    text_strokes,
)
from ansible_collections.hwlab.sut.plugins.module_utils.gadget.layouts import Stroke

# Numbers from HID Usage Tables 1.5, page 0x07, and HID 1.11, appendix B.1.
CTRL, SHIFT, ALT, META = 1, 2, 4, 8


@pytest.mark.parametrize(
    ("name", "chord"),
    [
        ("a", Chord(0, (0x04,))),
        ("A", Chord(SHIFT, (0x04,))),
        ("ret", Chord(0, (0x28,))),
        ("Esc", Chord(0, (0x29,))),
        ("spc", Chord(0, (0x2C,))),
        ("space", Chord(0, (0x2C,))),
        ("minus", Chord(0, (0x2D,))),
        ("-", Chord(0, (0x2D,))),
        ("f1", Chord(0, (0x3A,))),
        ("f12", Chord(0, (0x45,))),
        ("pgup", Chord(0, (0x4B,))),
        ("pageup", Chord(0, (0x4B,))),
        ("pgdn", Chord(0, (0x4E,))),
        ("pagedown", Chord(0, (0x4E,))),
        ("printscreen", Chord(0, (0x46,))),
        ("ctrl-alt-f2", Chord(CTRL | ALT, (0x3B,))),
        ("shift-tab", Chord(SHIFT, (0x2B,))),
        ("meta-l", Chord(META, (0x0F,))),
        ("ctrl--", Chord(CTRL, (0x2D,))),
        ("ctrl-alt", Chord(CTRL | ALT, ())),
        ("alt", Chord(ALT, ())),
        ("a-b-c", Chord(0, (0x04, 0x05, 0x06))),
        ("!", Chord(SHIFT, (0x1E,))),
        ("shift-1", Chord(SHIFT, (0x1E,))),
    ],
)
def test_names_of_gadget_control_and_os_autoinst(name: str, chord: Chord) -> None:
    assert parse_chord(name) == chord


@pytest.mark.parametrize(
    ("name", "near"),
    [("retrun", "return"), ("ctrl-f100", "f10"), ("pagup", "pageup"), ("bakspace", "backspace")],
)
def test_an_unknown_name_tells_the_nearest(name: str, near: str) -> None:
    with pytest.raises(UnknownKey, match=rf"unknown key .*nearest are: .*{near}"):
        parse_chord(name)


@pytest.mark.parametrize("name", ["ctrl-", "-a", "", "ü", "a-b-c-d-e-f-g"])
def test_names_that_are_no_keys(name: str) -> None:
    with pytest.raises(UnknownKey):
        parse_chord(name)


def test_us_types_every_printable_character_with_a_key_of_its_own() -> None:
    printable = string.digits + string.ascii_letters + string.punctuation + " \t\n"
    strokes = text_strokes(printable)
    assert len(set(strokes)) == len(printable)
    assert all(stroke.modifiers in (0, SHIFT) for stroke in strokes)


def test_a_text_with_dos_line_ends_has_one_return_per_line() -> None:
    assert text_strokes("a\r\nb\r") == [
        Stroke(0, 0x04),
        Stroke(0, 0x28),
        Stroke(0, 0x05),
        Stroke(0, 0x28),
    ]


def test_a_character_that_the_layout_lacks_is_named_with_its_place() -> None:
    with pytest.raises(UnknownKey, match=r"cannot type 'é' \(U\+00E9\), character 4"):
        text_strokes("cafés")


def test_an_unknown_layout_tells_which_there_are() -> None:
    with pytest.raises(UnknownKey, match="no keyboard layout is called 'dvorak'; there is: us"):
        text_strokes("a", "dvorak")
