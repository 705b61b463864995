# SPDX-License-Identifier: GPL-3.0-or-later
"""Cutting a byte stream into pictures."""

from __future__ import annotations

import random

import pytest

from ansible_collections.hwlab.sut.plugins.plugin_utils.video.http_head import HttpHead
from ansible_collections.hwlab.sut.plugins.plugin_utils.video.mjpeg import (
    MjpegError,
    MultipartParser,
    boundary_of,
    decode_jpeg,
)

from .mjpeg_server import HEAD, jpeg, part


def without_length(body: bytes, line_end: bytes) -> bytes:
    return line_end.join((b"--bnd", b"Content-Type: image/jpeg", b"", body, b""))


@pytest.mark.parametrize("seed", range(20))
def test_any_split_of_the_bytes_gives_the_same_parts(seed: int) -> None:
    dice = random.Random(seed)
    # Bodies hold what looks like the stream's own marks.
    bodies = [dice.randbytes(dice.randrange(1, 3000)) + b"\r\n\r\n--bn" for _ in range(6)]
    stream = b"".join(part(body) for body in bodies)
    parser, got = MultipartParser("bnd"), []
    while stream:
        size = dice.choice((1, 2, 7, 500, 5000))
        got += [found.body for found in parser.feed(stream[:size])]
        stream = stream[size:]
    assert got == bodies


@pytest.mark.parametrize("line_end", [b"\r\n", b"\n"])
@pytest.mark.parametrize("size", [1, 3, 10_000])
def test_without_a_length_the_next_boundary_ends_a_part(line_end: bytes, size: int) -> None:
    bodies = [jpeg(10), jpeg(20), jpeg(30)]
    stream = b"".join(without_length(body, line_end) for body in bodies) + b"--bnd" + line_end
    parser, got = MultipartParser("bnd"), []
    for start in range(0, len(stream), size):
        got += [found.body for found in parser.feed(stream[start : start + size])]
    assert got == bodies


def test_headers_are_read_whatever_their_case() -> None:
    found = MultipartParser("bnd").feed(b"--bnd\r\nCONTENT-length: 2\r\nX-UStreamer-Online: false\r\n\r\nab")
    assert found[0].headers["x-ustreamer-online"] == "false"
    assert found[0].body == b"ab"


@pytest.mark.parametrize(
    ("stream", "says"),
    [
        (b"x" * 70_000, "no boundary"),
        (b"--bnd\r\n" + b"x: y\r\n" * 20_000, "headers do not end"),
        (b"--bnd\r\nContent-Length: many\r\n\r\n", "length many"),
        (b"--bnd\r\nContent-Length: 99999999999\r\n\r\n", "length 99999999999"),
        (b"--bnd--\r\n", "ended the stream"),
    ],
)
def test_what_is_no_stream_is_refused(stream: bytes, says: str) -> None:
    with pytest.raises(MjpegError, match=says):
        MultipartParser("bnd").feed(stream)


def test_the_boundary_is_found_quoted_and_with_dashes() -> None:
    for text in ("multipart/x-mixed-replace;boundary=a-b", 'Multipart/X; x=y; boundary="--a-b"'):
        assert boundary_of(text) == "a-b"
    with pytest.raises(MjpegError, match="text/html"):
        boundary_of("text/html; boundary=x")
    with pytest.raises(MjpegError, match="no boundary"):
        boundary_of("multipart/x-mixed-replace")


@pytest.mark.parametrize("size", [1, 5, 1000])
def test_an_http_head_ends_where_its_empty_line_is(size: int) -> None:
    stream, head = HEAD + b"rest", HttpHead()
    rest: bytes | None = None
    for start in range(0, len(stream), size):
        piece = stream[start : start + size]
        rest = head.feed(piece) if rest is None else rest + piece
    assert rest == b"rest"
    assert boundary_of(head.content_type) == "bnd"


def test_other_answers_name_their_status() -> None:
    with pytest.raises(MjpegError, match="HTTP status 401 Unauthorized"):
        HttpHead().feed(b"HTTP/1.1 401 Unauthorized\r\n\r\n")
    with pytest.raises(MjpegError, match="no HTTP response"):
        HttpHead().feed(b"SSH-2.0-OpenSSH_9.2\r\n")


def test_a_picture_is_decoded_whole_or_not_at_all() -> None:
    whole = jpeg(77)
    picture = decode_jpeg(whole + b"\0\0\0")
    assert picture is not None
    assert abs(int(picture.mean()) - 77) <= 1
    assert picture.shape == (240, 320, 3)
    for body in (whole[:-10], whole[2:], b"", b"GIF89a"):
        assert decode_jpeg(body) is None
