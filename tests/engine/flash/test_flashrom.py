# SPDX-License-Identifier: GPL-3.0-or-later
"""flashrom itself, on its dummy programmer."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from ansible_collections.hwlab.sut.plugins.plugin_utils.errors import ConfigurationError, InfrastructureError
from ansible_collections.hwlab.sut.plugins.plugin_utils.flash.flashrom import Flashrom
from ansible_collections.hwlab.sut.plugins.plugin_utils.flash.image import check_image
from ansible_collections.hwlab.sut.plugins.plugin_utils.flash.mark import UnverifiedMark
from ansible_collections.hwlab.sut.plugins.plugin_utils.flash.regions import Region, outside
from ansible_collections.hwlab.sut.plugins.plugin_utils.flash.writer import FlashWriter
from ansible_collections.hwlab.sut.plugins.plugin_utils.power.timings import Clock

from .local_host import LocalHost

SHORT = Clock(sleep=lambda seconds: time.sleep(min(seconds, 0.1)))


def make(host: LocalHost, tmp_path: Path, programmer: str, said: list[str] | None = None) -> Flashrom:
    return Flashrom(
        host=host,
        programmer=programmer,
        folder=str(tmp_path / "on the rte"),
        run_name="lab1-1",
        clock=SHORT,
        progress=(said if said is not None else []).append,
    )


def dummy(chip: Path) -> str:
    if chip.stat().st_size == 16 << 20:
        return f"dummy:emulate=W25Q128FV,image={chip}"
    return f"dummy:emulate=VARIABLE_SIZE,size={chip.stat().st_size},image={chip}"


def writer(flashrom: Flashrom, mark: UnverifiedMark, volatile: list[Region]) -> FlashWriter:
    return FlashWriter(flashrom, None, mark, volatile, flashrom.progress)


def test_write_then_held_then_changed(host: LocalHost, tmp_path: Path, chip: Path, firmware: Path) -> None:
    said: list[str] = []
    flashrom = make(host, tmp_path, dummy(chip), said)
    mark = UnverifiedMark(host, "lab1", str(tmp_path / "marks"))
    one = writer(flashrom, mark, [Region(0, 0x4000)])
    image = check_image(str(firmware), chip_size=1 << 20)
    assert one.make_hold(image) == "written"
    assert chip.read_bytes() == firmware.read_bytes()
    assert any("VERIFIED" in line for line in said)
    assert mark.read() is None
    # The firmware writes its variables: still held.
    content = bytearray(chip.read_bytes())
    content[0x1000:0x1004] = b"vars"
    chip.write_bytes(content)
    assert one.make_hold(image) == "held"
    assert chip.read_bytes() == bytes(content)
    # One byte elsewhere, the last one: written.
    content[-1] = 0
    chip.write_bytes(content)
    assert one.make_hold(image) == "written"
    assert chip.read_bytes() == firmware.read_bytes()
    assert one.make_hold(image, force=True) == "identical"


def test_a_mark_makes_it_write_again(host: LocalHost, tmp_path: Path, chip: Path, firmware: Path) -> None:
    chip.write_bytes(firmware.read_bytes())
    mark = UnverifiedMark(host, "lab1", str(tmp_path / "marks"))
    mark.put("bios.rom was being written")
    with pytest.raises(InfrastructureError, match="lab1: the SUT gets no power.*bios.rom was being written"):
        mark.refuse_power()
    one = writer(make(host, tmp_path, dummy(chip)), mark, [])
    assert one.make_hold(check_image(str(firmware))) == "identical"
    mark.refuse_power()


def test_no_chip(host: LocalHost, tmp_path: Path, firmware: Path) -> None:
    one = writer(make(host, tmp_path, "dummy"), UnverifiedMark(host, "lab1", str(tmp_path / "marks")), [])
    with pytest.raises(
        InfrastructureError, match="rte1 failed to read.*no chip answers: check the SPI cable"
    ) as error:
        one.make_hold(check_image(str(firmware)))
    assert "No EEPROM/flash device found" in error.value.evidence["log"]
    # Nothing was written, so the SUT may have power.
    assert one.mark is not None
    one.mark.refuse_power()


def test_a_write_that_fails_leaves_the_mark(
    host: LocalHost, tmp_path: Path, chip: Path, firmware: Path
) -> None:
    """spi_blacklist=02 makes the dummy chip refuse page programming."""
    chip.write_bytes(b"\xff" * (16 << 20))
    firmware.write_bytes(b"\x5a" * (16 << 20))
    flashrom = make(host, tmp_path, f"{dummy(chip)},spi_blacklist=02")
    mark = UnverifiedMark(host, "lab1", str(tmp_path / "marks"))
    with pytest.raises(InfrastructureError, match=r"failed to write: .*\(status [123]\)"):
        writer(flashrom, mark, []).make_hold(check_image(str(firmware)))
    assert mark.read() is not None


def test_the_size_is_compared_with_the_chip_before_writing(
    host: LocalHost, tmp_path: Path, chip: Path
) -> None:
    small = tmp_path / "small.rom"
    small.write_bytes(b"\x11" * (1 << 20))
    chip.write_bytes(b"\xff" * (16 << 20))
    before = chip.read_bytes()
    one = writer(make(host, tmp_path, dummy(chip)), UnverifiedMark(host, "lab1", str(tmp_path / "marks")), [])
    with pytest.raises(
        ConfigurationError, match=r"small.rom has 1 MiB, the chip Winbond W25Q128.V has 16 MiB"
    ):
        one.make_hold(check_image(str(small)))
    assert chip.read_bytes() == before


def test_no_flashrom_and_no_programmer(host: LocalHost, tmp_path: Path, firmware: Path) -> None:
    image = check_image(str(firmware))
    regions = outside([], image.size)
    with pytest.raises(InfrastructureError, match="status 1.*SPI device is missing or busy"):
        make(host, tmp_path, "linux_spi:dev=/dev/spidev99.0").holds(image, regions)
    with pytest.raises(
        InfrastructureError, match="flashrom was built without the programmer|Unknown programmer"
    ):
        make(host, tmp_path, "nonsense").holds(image, regions)


def test_only_named_regions_of_a_layout(host: LocalHost, tmp_path: Path, chip: Path, firmware: Path) -> None:
    layout = tmp_path / "layout.txt"
    layout.write_text("00000000:0003ffff first\n00040000:000fffff bios\n")
    one = writer(make(host, tmp_path, dummy(chip)), UnverifiedMark(host, "lab1", str(tmp_path / "marks")), [])
    assert one.make_hold(check_image(str(firmware)), layout=layout, regions=["bios"]) == "written"
    assert chip.read_bytes()[:0x40000] == b"\xff" * 0x40000
    assert chip.read_bytes()[0x40000:] == firmware.read_bytes()[0x40000:]
