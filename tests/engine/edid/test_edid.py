# SPDX-License-Identifier: GPL-3.0-or-later
"""EDIDs against edid-decode and, where given, against those of real devices."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

from ansible_collections.hwlab.sut.plugins.plugin_utils.edid.edid import (
    Edid,
    bt_timings,
    checksum,
    parse_edid,
    read_edid,
    set_preferred,
)
from ansible_collections.hwlab.sut.plugins.plugin_utils.edid.own import make_edid
from ansible_collections.hwlab.sut.plugins.plugin_utils.edid.timing import (
    Timing,
    TimingKind,
    timing_for,
    timing_of,
)
from ansible_collections.hwlab.sut.plugins.plugin_utils.errors import ConfigurationError

KINDS: tuple[TimingKind, ...] = ("dmt", "cvt", "cvt-rb")
SIZES = ((640, 480), (800, 600), (1024, 768), (1280, 720), (1280, 800), (1280, 1024), (1920, 1080))


def decoded(edid: bytes, *options: str) -> str:
    """What edid-decode says; its last line is the verdict."""
    ran = subprocess.run(["edid-decode", *options, "-"], input=edid, capture_output=True, check=False)
    return ran.stdout.decode()


def failures(edid: bytes) -> list[str]:
    text = decoded(edid, "--check")
    return text.partition("Failures:")[2].partition("EDID conformity")[0].split("\n")


def with_extension(edid: Edid) -> Edid:
    """The EDID with a CTA extension that calls 720p (4) native and offers 1080p (16) and VIC 193."""
    video = bytes((2 << 5 | 3, 4 | 0x80, 16, 193))
    block = bytearray(bytes((2, 3, 4 + len(video), 0x01)) + video).ljust(128, b"\0")
    block[127] = checksum(bytes(block))
    base = bytearray(edid.data)
    base[126] = 1
    base[127] = checksum(bytes(base))
    return parse_edid(bytes(base + block))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("width", "height"), SIZES)
def test_our_own_edid_conforms(width: int, height: int, kind: TimingKind) -> None:
    edid = make_edid(width, height, kind)
    text = decoded(edid.data, "--check", "--preferred-timings")
    assert text.strip().endswith("EDID conformity: PASS"), text
    assert "Warnings" not in text
    assert re.search(rf"DTD 1: +{width}x{height} ", text)
    assert edid.preferred_size == (width, height)


@pytest.mark.parametrize(
    ("kind", "bytes_"),
    [
        ("dmt", "64 19 00 40 41 00 26 30 18 88 36 00 0f 28 21 00 00 18"),
        ("cvt-rb", "e0 15 00 a0 40 00 16 30 30 20 34 00 0f 28 21 00 00 1a"),
    ],
)
def test_descriptors_are_those_of_other_tools(kind: TimingKind, bytes_: str) -> None:
    assert timing_for(1024, 768, kind).descriptor(527, 296) == bytes.fromhex(bytes_)


def calculated(*options: str) -> tuple[int, list[int], list[bool]]:
    """What edid-decode calculates: clock in kHz, porches and syncs, polarities."""
    text = subprocess.run(["edid-decode", *options], capture_output=True, text=True, check=True).stdout
    clock = re.search(r"([\d.]+) MHz", text)
    assert clock, text
    blanks = [int(blank) for blank in re.findall(r"(?:front|sync|back) +(\d+)", text)]
    # Old timings have borders, which a timing without them counts as porches.
    for border, (front, back) in zip(re.findall(r"border (\d+)", text), ((0, 2), (3, 5)), strict=False):
        blanks[front] += int(border)
        blanks[back] += int(border)
    return round(float(clock[1]) * 1000), blanks, [sign == "P" for sign in re.findall(r"pol ([PN])", text)]


def parts(timing: Timing) -> tuple[int, list[int], list[bool]]:
    horizontal = [timing.h_front, timing.h_sync, timing.h_back]
    vertical = [timing.v_front, timing.v_sync, timing.v_back]
    return timing.pixel_clock_khz, horizontal + vertical, [timing.h_positive, timing.v_positive]


@pytest.mark.parametrize("reduced", [False, True])
@pytest.mark.parametrize(("width", "height"), [*SIZES, (1360, 768), (1920, 1200), (1152, 864), (2048, 1536)])
def test_cvt_timings_are_those_of_edid_decode(width: int, height: int, reduced: bool) -> None:
    timing = timing_for(width, height, "cvt-rb" if reduced else "cvt")
    assert parts(timing) == calculated("--cvt", f"w={width},h={height},fps=60,rb={int(reduced)}")


@pytest.mark.parametrize(
    ("width", "height", "number"),
    [
        (640, 480, 0x04),
        (800, 600, 0x09),
        (1024, 768, 0x10),
        (1280, 720, 0x55),
        (1280, 800, 0x1C),
        (1280, 960, 0x20),
        (1280, 1024, 0x23),
        (1600, 1200, 0x33),
        (1920, 1080, 0x52),
    ],
)
def test_dmt_timings_are_those_of_edid_decode(width: int, height: int, number: int) -> None:
    assert parts(timing_for(width, height)) == calculated("--dmt", hex(number))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("width", "height"), SIZES)
def test_a_descriptor_reads_back_as_its_timing(width: int, height: int, kind: TimingKind) -> None:
    timing = timing_for(width, height, kind)
    read = timing_of(timing.descriptor(300, 200))
    assert read is not None
    assert read.v4l2_options == timing_of(read.descriptor(1, 1)).v4l2_options  # type: ignore[union-attr]
    # A descriptor counts the clock in steps of 10 kHz.
    assert abs(read.pixel_clock_khz - timing.pixel_clock_khz) < 10
    assert (read.width, read.h_blank, read.height, read.v_blank) == (
        width,
        timing.h_blank,
        height,
        timing.v_blank,
    )


def test_timings_for_v4l2() -> None:
    assert bt_timings(1024, 768) == (
        "width=1024,height=768,interlaced=0,polarities=0,pixelclock=65000000,"
        "hfp=24,hs=136,hbp=160,vfp=3,vs=6,vbp=29"
    )
    assert "polarities=2," in bt_timings(1024, 768, "cvt-rb")
    assert "polarities=1," in bt_timings(1024, 768, "cvt")


@pytest.mark.parametrize(
    ("size", "kind", "says"),
    [
        ((1000, 700), "dmt", "no DMT timing of 1000x700"),
        ((1001, 700), "cvt", "multiple of 8"),
        ((4088, 4095), "cvt", "655.35 MHz"),
        ((1024, 768), "gtf", "unknown timing gtf; known are dmt, cvt, cvt-rb"),
    ],
)
def test_impossible_timings_are_refused(size: tuple[int, int], kind: str, says: str) -> None:
    with pytest.raises(ConfigurationError, match=says):
        timing_for(*size, kind)  # type: ignore[arg-type]


def test_text_and_binary_are_the_same() -> None:
    edid = with_extension(make_edid())
    spaced = " ".join(f"{byte:02X}" for byte in edid.data)
    for form in (edid.data, edid.hex, edid.hex.encode(), spaced, "\r\n".join(edid.hex.split())):
        assert parse_edid(form) == edid
    assert len(edid.hex.splitlines()) == 16
    assert set(map(len, edid.hex.splitlines())) == {32}


def test_a_preferred_size_changes_what_it_must_and_no_more() -> None:
    before = with_extension(make_edid(1920, 1080))
    after = set_preferred(before, 1024, 768)
    assert after.preferred_size == (1024, 768)
    changed = {i for i, (a, b) in enumerate(zip(before.data, after.data, strict=True)) if a != b}
    assert changed <= {*range(54, 66), 71, 127, 128 + 5, 255}
    assert after.data[66:69] == before.data[66:69], "the size in millimetres stays"
    assert after.data[128 + 5 : 128 + 8] == bytes((4, 16, 193)), "only the native mark goes"
    assert set(failures(after.data)) <= set(failures(before.data))


def test_the_range_of_the_display_grows_to_hold_the_preferred_timing() -> None:
    data = bytearray(make_edid(1920, 1080).data)
    # Display range limits: 58 to 62 Hz, 66 to 68 kHz, at most 150 MHz.
    data[108:126] = bytes((0, 0, 0, 0xFD, 0, 58, 62, 66, 68, 15, 1)).ljust(18, b" ")
    data[127] = checksum(bytes(data))
    after = set_preferred(parse_edid(bytes(data)), 1024, 768)
    assert list(after.data[113:118]) == [58, 62, 48, 68, 15]
    assert list(set_preferred(after, 1920, 1080, "cvt").data[113:118]) == [58, 62, 48, 68, 18]


@pytest.mark.parametrize(
    ("place", "value", "says"),
    [
        (0, 1, "byte 0 of the header is 0x01, must be 0x00"),
        (3, 0, "byte 3 of the header is 0x00, must be 0xff"),
        (60, 0, "checksum in byte 127 is 0x[0-9a-f]+, must be 0x[0-9a-f]+"),
        (126, 2, "byte 126 announces 2 extension blocks, there are 1"),
        (200, 9, "checksum in byte 255"),
    ],
)
def test_what_is_wrong_is_named_by_its_byte(place: int, value: int, says: str) -> None:
    data = bytearray(with_extension(make_edid()).data)
    data[place] = value
    with pytest.raises(ConfigurationError, match=f"^the EDID: {says}"):
        parse_edid(bytes(data))


@pytest.mark.parametrize(
    ("source", "says"),
    [
        (b"", "ends after 0 bytes"),
        (make_edid().data[:100], "ends after 100 bytes"),
        ("00 ff xx", "line 1, column 7 holds 'x'"),
        ("00ff\n0g", "line 2, column 2 holds 'g'"),
        ("00f", "3 hexadecimal digits"),
    ],
)
def test_what_is_no_edid_is_named(source: bytes | str, says: str) -> None:
    with pytest.raises(ConfigurationError, match=says):
        parse_edid(source)


def test_a_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "x.hex"
    with pytest.raises(ConfigurationError, match=f"cannot read the EDID {path}"):
        read_edid(path)
    path.write_text(make_edid().hex)
    assert read_edid(path) == make_edid()


@pytest.mark.parametrize(
    ("options", "says"),
    [({"manufacturer": "hwl"}, "capital"), ({"name": "x" * 14}, "13"), ({"name": ""}, "1 to")],
)
def test_our_own_edid_takes_what_fits(options: dict[str, str], says: str) -> None:
    with pytest.raises(ConfigurationError, match=says):
        make_edid(**options)  # type: ignore[arg-type]


@pytest.mark.skipif("HWLAB_EDID_SAMPLES" not in os.environ, reason="HWLAB_EDID_SAMPLES names no folder")
def test_real_edids_can_be_changed_and_broken_ones_are_refused() -> None:
    files = [
        path for path in Path(os.environ["HWLAB_EDID_SAMPLES"]).rglob("*") if path.suffix in {".hex", ".bin"}
    ]
    assert files
    for path in files:
        if path.parent.name == "bad":
            with pytest.raises(ConfigurationError):
                read_edid(path)
            continue
        edid = read_edid(path)
        for kind in KINDS:
            changed = set_preferred(edid, 1024, 768, kind)
            assert set(failures(changed.data)) <= set(failures(edid.data)), path
            assert changed.preferred_size == (1024, 768)
