# SPDX-License-Identifier: GPL-3.0-or-later
"""The firmware's layout in a flash chip, with the distribution's OVMF."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from hwlab_emulator.os import firmware

#: Of a firmware volume's header: its signature at offset 40 (UEFI PI 1.8, volume 3, 3.2.1.1).
VOLUME_SIGNATURE = b"_FVH"


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HWLAB_CACHE", str(tmp_path / "cache"))


@pytest.mark.parametrize("mib", [16, 32])
def test_the_firmware_ends_where_the_chip_ends(mib: int) -> None:
    path = firmware.firmware_image(mib)
    image = path.read_bytes()
    assert len(image) == mib * 1024 * 1024
    assert firmware.is_bootable(image)
    variables = firmware.FOLDER / firmware.VARIABLES
    code = firmware.FOLDER / firmware.CODE
    assert image.endswith(variables.read_bytes() + code.read_bytes())
    volume = len(image) - variables.stat().st_size - code.stat().st_size
    assert image[volume + 40 : volume + 44] == VOLUME_SIGNATURE
    assert set(image[:volume]) == {0xFF}
    digest, name = (path.parent / firmware.CHECKSUM).read_text().split()
    assert (digest, name) == (hashlib.sha256(image).hexdigest(), path.name)


def test_other_chips_are_refused() -> None:
    with pytest.raises(ValueError, match="8 MiB: choose one of 16, 32"):
        firmware.lay_out(b"v", b"c", 8)


@pytest.mark.parametrize("content", [b"\xff" * (16 << 20), bytes(16 << 20), b"\xff" * 100])
def test_rubbish_does_not_boot(content: bytes) -> None:
    assert not firmware.is_bootable(content)


@pytest.mark.parametrize("mib", [16, 32])
def test_what_the_firmware_wrote_comes_back_to_the_chip(mib: int, tmp_path: Path) -> None:
    chip, working = tmp_path / "chip.bin", tmp_path / "working.bin"
    before = firmware.firmware_image(mib).read_bytes()
    chip.write_bytes(before)
    firmware.working_copy(chip, working)
    assert working.stat().st_size == firmware.MAPPED
    assert not firmware.write_back(working, chip)
    changed = bytearray(working.read_bytes())
    changed[12_000_000:12_000_004] = b"boot"
    working.write_bytes(changed)
    assert firmware.write_back(working, chip)
    after = chip.read_bytes()
    assert after[: len(after) - firmware.MAPPED] == before[: len(before) - firmware.MAPPED]
    assert after[-firmware.MAPPED :] == bytes(changed)
