# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest

from ansible_collections.hwlab.sut.plugins.module_utils.gadget.errors import GadgetError
from ansible_collections.hwlab.sut.plugins.module_utils.gadget.keymap import Chord
from ansible_collections.hwlab.sut.plugins.module_utils.gadget.lines import (
    Action,
    MouseButton,
    MouseMove,
    Reconnect,
    TapKey,
    TypeText,
    error_reply,
    parse_line,
)


@pytest.mark.parametrize(
    ("line", "action"),
    [
        ("reconnect\n", Reconnect()),
        ("mouse_move 1023 767\n", MouseMove(1023, 767)),
        ("mouse_button 4\r\n", MouseButton(4)),
        ("type root password  \n", TypeText("root password  ")),
        ("type  two leading", TypeText(" two leading")),
        ("cmd ls -l\n", TypeText("ls -l\n")),
        ("type \n", TypeText("")),
        ("ret\n", TapKey(Chord(0, (0x28,)))),
        ("  f10  \n", TapKey(Chord(0, (0x43,)))),
        ("ctrl-alt-delete\n", TapKey(Chord(5, (0x4C,)))),
        ("A\n", TapKey(Chord(2, (0x04,)))),
    ],
)
def test_lines_of_gadget_control_s_clients(line: str, action: Action) -> None:
    assert parse_line(line) == action


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("mouse_move 10", "'mouse_move 10' is not of the form 'mouse_move X Y'"),
        ("mouse_move a b", "not of the form"),
        ("mouse_button", "not of the form 'mouse_button MASK'"),
        ("type ü", "cannot type 'ü'"),
        ("tpye a", "unknown key 'tpye a'"),
        ("", "an empty line"),
        ("   \n", "an empty line"),
    ],
)
def test_what_is_wrong_with_a_line_is_said(line: str, words: str) -> None:
    with pytest.raises(GadgetError, match=words.replace("(", r"\(")):
        parse_line(line)


def test_an_error_reply_is_one_line() -> None:
    assert error_reply(GadgetError("no\nsuch  key")) == "error: no such key\n"
