# SPDX-License-Identifier: GPL-3.0-or-later
"""Bytes of a line to readable text; the telnet protocol; the memory of what was received."""

from __future__ import annotations

import random

import pytest

from ansible_collections.hwlab.sut.plugins.plugin_utils.console.received import Received
from ansible_collections.hwlab.sut.plugins.plugin_utils.console.telnet_codec import TelnetCodec
from ansible_collections.hwlab.sut.plugins.plugin_utils.console.terminal_text import TerminalText

#: What ser2net 4.3's telnet accepter says first, recorded from it.
SER2NET_GREETING = bytes.fromhex("fffb03fffd03fffb01fffe01fffd00fffb00")


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"a\r\nb\r\r\nc\n", "a\nb\nc\n"),
        (b"10%\r20%\r30%\r\n", "10%\n20%\n30%\n"),
        (b"\x1b[2J\x1b[01;01HGRUB \x1b(0q\x1b(B version\r\n", "GRUB q version\n"),
        (b"\x1b]0;root@sut: ~\x07$ ", "$ "),
        ("Grüße\r\n".encode(), "Grüße\n"),
        (b"\xff\xfe ok\n", "\ufffd\ufffd ok\n"),
        (b"bell\x07 nul\x00 tab\tend\n", "bell nul tab\tend\n"),
        (b"one\n\rtwo\n\r", "one\ntwo\n"),
    ],
)
def test_text_is_the_same_however_it_was_cut(data: bytes, text: str) -> None:
    pieces = [data] + [data[:cut] for cut in range(len(data))]
    for first in pieces:
        whole = TerminalText()
        assert whole.feed(first) + whole.feed(data[len(first) :]) + whole.feed(b"|") == text + "|"
    single = TerminalText()
    assert "".join(single.feed(bytes((byte,))) for byte in data) + single.feed(b"|") == text + "|"


def test_telnet_agrees_with_ser2net_on_an_8_bit_path() -> None:
    codec = TelnetCodec()
    assert codec.greeting() == bytes.fromhex("fffb03fffd03fffb00fffd00")
    line, answer = codec.receive(SER2NET_GREETING + b"x\xff\xffy\r\0z")
    assert line == b"x\xffy\r\0z"
    assert answer == bytes.fromhex("fffd01")
    assert codec.send(b"a\xff\r\n") == b"a\xff\xff\r\n"


def test_telnet_refuses_what_it_does_not_know_and_does_not_argue() -> None:
    codec = TelnetCodec()
    assert codec.receive(bytes.fromhex("fffd2c"))[1] == bytes.fromhex("fffc2c")
    assert codec.receive(bytes.fromhex("fffb2c"))[1] == bytes.fromhex("fffe2c")
    assert codec.receive(bytes.fromhex("fffc2cfffe2c"))[1] == b""


def test_telnet_does_not_care_where_the_bytes_were_cut() -> None:
    data = b"one" + bytes.fromhex("fffb01") + b"\xff\xfftwo" + bytes.fromhex("fffa2c01fffffff0") + b"three"
    for cut in range(len(data)):
        codec = TelnetCodec()
        assert codec.receive(data[:cut])[0] + codec.receive(data[cut:])[0] == b"one\xfftwothree"


def test_without_binary_a_carriage_return_is_padded() -> None:
    codec = TelnetCodec()
    assert codec.send(b"ls\r") == b"ls\r\0"
    assert codec.receive(b"a\r\0b")[0] == b"a\rb"


def test_received_text_is_found_by_position_and_forgotten_by_age() -> None:
    rng = random.Random(7)
    received, whole = Received(limit=200_000), ""
    while len(whole) < 500_000:
        piece = "x" * rng.randrange(1, 3000) + "\n"
        received.append(piece)
        whole += piece
    assert received.end == len(whole)
    assert received.end - received.start <= 200_000 + (1 << 16) + 3001
    for _ in range(50):
        since = rng.randrange(received.start, received.end)
        until = rng.randrange(since, received.end)
        assert received.text(since, until) == whole[since:until]
    assert received.text(received.end - 10) == whole[-10:]
