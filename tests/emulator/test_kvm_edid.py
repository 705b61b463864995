# SPDX-License-Identifier: GPL-3.0-or-later
"""The EDID of the virtual KVM, as the field's own tool reads it."""

from __future__ import annotations

import subprocess

import pytest

from hwlab_emulator.kvm.edid import default_edid, preferred_size, to_hex


def test_edid_decode_finds_no_fault() -> None:
    run = subprocess.run(
        ["edid-decode", "-c", "-"], input=to_hex(default_edid()), capture_output=True, text=True, check=False
    )
    assert "EDID conformity: PASS" in run.stdout, run.stdout


def test_edid_decode_agrees_on_the_preferred_size() -> None:
    run = subprocess.run(
        ["edid-decode", "-p", "-"], input=to_hex(default_edid()), capture_output=True, text=True, check=False
    )
    width, height = preferred_size(default_edid())
    assert (width, height) == (1280, 720)
    assert f"{width}x{height}" in run.stdout.split("Preferred")[1].splitlines()[1]


@pytest.mark.parametrize("wrong", [b"", bytes(128), default_edid()[1:]])
def test_what_is_no_edid_is_refused(wrong: bytes) -> None:
    with pytest.raises(ValueError, match="not an EDID"):
        preferred_size(wrong)


def test_an_edid_without_a_timing_is_refused() -> None:
    edid = bytearray(default_edid())
    edid[54:72] = bytes(18)
    with pytest.raises(ValueError, match="no detailed timing"):
        preferred_size(bytes(edid))
