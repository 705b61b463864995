# SPDX-License-Identifier: GPL-3.0-or-later
"""The chip's file: where it lies, what starts from it, what comes back."""

from __future__ import annotations

from pathlib import Path

import pytest

from hwlab_emulator.board.chip import NAME, Chip

MIB = 1 << 20
#: The end of OVMF_CODE_4M.fd: two NOPs and a near jump.
RESET_VECTOR = bytes.fromhex("9090e9cb020000000000000000000000")


def make(root: Path, mib: int = 16, vector: bytes = RESET_VECTOR) -> Chip:
    (root / "spi").mkdir()
    (root / NAME).write_bytes(b"\xff" * (mib * MIB - 16) + vector)
    return Chip(root, mib, root / "working.bin")


def test_the_flasher_sees_the_chip_only_while_it_answers(tmp_path: Path) -> None:
    chip = make(tmp_path)
    chip.show_to_flasher(True)
    assert [path.name for path in (tmp_path / "spi").iterdir()] == [NAME]
    assert not (tmp_path / NAME).exists()
    chip.show_to_flasher(False)
    assert list((tmp_path / "spi").iterdir()) == []
    assert chip.path == tmp_path / NAME


def test_what_was_written_after_the_chip_was_gone_is_lost(tmp_path: Path) -> None:
    chip = make(tmp_path)
    (tmp_path / "spi" / NAME).write_bytes(b"stray")
    chip.show_to_flasher(False)
    chip.show_to_flasher(True)
    assert chip.path.stat().st_size == 16 * MIB


def test_an_interrupted_write_leaves_the_rest_erased(tmp_path: Path) -> None:
    chip = make(tmp_path)
    chip.show_to_flasher(True)
    chip.path.write_bytes(b"half")
    chip.show_to_flasher(False)
    assert not chip.boots()
    chip.show_to_flasher(True)
    assert chip.path.read_bytes() == b"half" + b"\xff" * (16 * MIB - 4)


@pytest.mark.parametrize(
    ("vector", "boots"),
    [
        (RESET_VECTOR, True),
        (b"\xea\x5b\xe0\x00\xf0" + bytes(11), True),
        (b"\xff" * 16, False),
        (bytes(16), False),
        (b"\x90" * 16, False),
        (b"no firmware here", False),
    ],
)
def test_a_processor_needs_a_jump_at_its_reset_vector(tmp_path: Path, vector: bytes, boots: bool) -> None:
    assert make(tmp_path, vector=vector).boots() is boots


@pytest.mark.parametrize("mib", [16, 32])
def test_the_suts_changes_come_back_to_the_upper_part(tmp_path: Path, mib: int) -> None:
    chip = make(tmp_path, mib)
    before = chip.path.read_bytes()
    chip.give_working_copy()
    working = tmp_path / "working.bin"
    assert working.read_bytes() == before[-16 * MIB :]
    with working.open("r+b") as file:
        file.seek(4096)
        file.write(b"variable")
    assert chip.take_back()
    offset = (mib - 16) * MIB + 4096
    assert chip.path.read_bytes() == before[:offset] + b"variable" + before[offset + 8 :]
    assert not working.exists()
    assert not chip.take_back()
