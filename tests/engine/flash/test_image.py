# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from ansible_collections.hwlab.sut.plugins.plugin_utils.errors import ConfigurationError
from ansible_collections.hwlab.sut.plugins.plugin_utils.flash.image import check_image, parse_size
from ansible_collections.hwlab.sut.plugins.plugin_utils.flash.regions import Region, outside, parse_regions


@pytest.mark.parametrize(
    ("value", "size"), [(16777216, 16777216), ("16M", 16 << 20), ("32 MiB", 32 << 20), ("512K", 512 << 10)]
)
def test_sizes(value: object, size: int) -> None:
    assert parse_size(value, "flash_chip_size") == size


def test_a_bad_size_names_the_option() -> None:
    with pytest.raises(
        ConfigurationError, match="flash_chip_size is '16 megs': expected bytes or a size such as 16M"
    ):
        parse_size("16 megs", "flash_chip_size")


def test_a_good_image(tmp_path: Path) -> None:
    file = tmp_path / "bios.rom"
    file.write_bytes(b"\x5a" * (1 << 20))
    image = check_image(
        str(file), sha256=hashlib.sha256(b"\x5a" * (1 << 20)).hexdigest().upper(), chip_size=1 << 20
    )
    assert image.size == 1 << 20
    assert image.region_sha256(Region(0, 4096)) == hashlib.sha256(b"\x5a" * 4096).hexdigest()


def test_what_is_wrong_and_what_would_be_right(tmp_path: Path) -> None:
    file = tmp_path / "bios.rom"
    with pytest.raises(ConfigurationError, match="bios.rom does not exist"):
        check_image(str(file))
    with pytest.raises(ConfigurationError, match="is a folder"):
        check_image(str(tmp_path))
    file.write_bytes(b"\0" * ((1 << 20) - 3))
    with pytest.raises(ConfigurationError, match="1048573 bytes, which no SPI chip has"):
        check_image(str(file))
    file.write_bytes(b"\0" * (1 << 20))
    with pytest.raises(ConfigurationError, match=r"bios.rom has 1 MiB, the chip has 16 MiB"):
        check_image(str(file), chip_size=16 << 20)
    with pytest.raises(ConfigurationError, match=r"has SHA-256 30e14955.*, expected 0000"):
        check_image(str(file), sha256="0" * 64)
    with pytest.raises(ConfigurationError, match="expected 64 hexadecimal digits"):
        check_image(str(file), sha256="abc")


def test_what_is_outside_of_regions() -> None:
    regions = parse_regions([{"start": "0x2000", "end": "0x4000"}, {"start": 0, "end": 4096}], "volatile")
    assert regions == [Region(0, 0x1000), Region(0x2000, 0x4000)]
    assert outside(regions, 0x8000) == [Region(0x1000, 0x2000), Region(0x4000, 0x8000)]
    assert outside([], 0x8000) == [Region(0, 0x8000)]
    with pytest.raises(ConfigurationError, match="ends behind the chip's 8 KiB"):
        outside(regions, 0x2000)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ([{"start": 0}], "needs start and end"),
        ([{"start": 1, "end": 4096}], "multiples of 4096"),
        ([{"start": 4096, "end": 4096}], "must start before it ends"),
        ([{"start": 0, "end": 8192}, {"start": 4096, "end": 12288}], "overlap"),
    ],
)
def test_bad_regions(value: object, message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        parse_regions(value, "flash_volatile_regions")
