# SPDX-License-Identifier: GPL-3.0-or-later
"""The mainboard over a real QEMU: firmware of a PC with nothing to boot."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from hwlab_emulator.board.chip import NAME, Chip
from hwlab_emulator.board.mainboard import Mainboard
from hwlab_emulator.board.model import Guest
from hwlab_emulator.board.picture import PicturePump, read_ppm
from hwlab_emulator.board.traits import Traits
from hwlab_emulator.paths import BenchPaths

from ..eventually import eventually_async

BOARD = Traits()
VECTOR = bytes.fromhex("9090e9cb020000000000000000000000")


@pytest.fixture
def paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> BenchPaths:
    monkeypatch.setenv("HWLAB_BENCHES", str(tmp_path))
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    made = BenchPaths("b")
    for folder in (made.root / "spi", made.logs, made.sockets):
        folder.mkdir(parents=True)
    (made.root / NAME).write_bytes(b"\xff" * ((16 << 20) - 16) + VECTOR)
    return made


def qemu(paths: BenchPaths) -> list[str]:
    return [
        *("qemu-system-x86_64", "-nodefaults", "-no-user-config", "-accel", "tcg", "-M", "q35", "-m", "64"),
        *("-display", "none", "-device", "VGA", "-qmp", f"unix:{paths.socket('sut-qmp')},server=on,wait=off"),
    ]


@asynccontextmanager
async def board(paths: BenchPaths, traits: Traits = BOARD) -> AsyncIterator[Mainboard]:
    chip = Chip(paths.root, 16, paths.root / "working.bin")
    made = Mainboard(paths, chip, traits, lambda: qemu(paths), lambda: None)
    running = asyncio.create_task(made.run())
    yield made
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


def test_power_on_starts_a_machine_and_a_held_button_ends_it(
    paths: BenchPaths, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def deaf() -> bool:
        """An operating system that hears the press and does nothing."""
        return True

    async def run() -> None:
        async with board(paths, Traits(force_off_s=0.5)) as mainboard:
            monkeypatch.setattr(mainboard.sut, "power_button", deaf)
            mainboard.press_for("power", "operator", 0.1)
            await eventually_async(lambda: mainboard.sut.running)
            pid = mainboard.sut.pid
            assert pid is not None
            assert mainboard.led
            assert (paths.root / "working.bin").exists()
            mainboard.press_for("power", "operator", 0.8)
            await eventually_async(lambda: not mainboard.led)
            await eventually_async(lambda: not mainboard.sut.running)
            assert not Path(f"/proc/{pid}").exists()
            await eventually_async(lambda: not (paths.root / "working.bin").exists(), "the chip's content")

    asyncio.run(run())


def test_a_short_press_with_no_operating_system_is_the_firmwares_to_obey(paths: BenchPaths) -> None:
    async def run() -> None:
        async with board(paths) as mainboard:
            mainboard.press_for("power", "operator", 0.1)
            await eventually_async(lambda: mainboard.sut.running)
            await asyncio.sleep(0.2)
            mainboard.press_for("power", "operator", 0.1)
            await eventually_async(lambda: not mainboard.led)

    asyncio.run(run())


def test_a_machine_that_ends_puts_out_the_led(paths: BenchPaths) -> None:
    async def run() -> None:
        async with board(paths) as mainboard:
            mainboard.press_for("power", "operator", 0.1)
            await eventually_async(lambda: mainboard.sut.running)
            assert mainboard.sut.pid is not None
            os.kill(mainboard.sut.pid, 15)
            await eventually_async(lambda: not mainboard.led)
            assert mainboard.model.guest is Guest.NONE

    asyncio.run(run())


def test_qemu_that_does_not_start_is_a_dead_board(paths: BenchPaths) -> None:
    async def run() -> None:
        chip = Chip(paths.root, 16, paths.root / "working.bin")
        command = ["qemu-system-x86_64", "-nonsense"]
        mainboard = Mainboard(paths, chip, Traits(), lambda: command, lambda: None)
        running = asyncio.create_task(mainboard.run())
        mainboard.press_for("power", "operator", 0.1)
        await eventually_async(lambda: mainboard.model.guest is Guest.DEAD)
        assert mainboard.led
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

    asyncio.run(run())


class Cable:
    """Takes what it is told to take."""

    def __init__(self) -> None:
        self.takes = True
        self.seen: list[tuple[int, int] | None] = []

    async def send(self, rgb: NDArray[np.uint8]) -> bool:
        if self.takes:
            self.seen.append((rgb.shape[1], rgb.shape[0]))
        return self.takes

    async def no_signal(self) -> bool:
        if self.takes:
            self.seen.append(None)
        return self.takes


def test_the_picture_follows_power_and_is_sent_again_to_who_missed_it(paths: BenchPaths) -> None:
    async def run() -> None:
        cable = Cable()
        async with board(paths) as mainboard:
            pump = PicturePump(mainboard.sut, cable, lambda: mainboard.shows_picture)
            pumping = asyncio.create_task(pump.run())
            await eventually_async(lambda: cable.seen == [None])
            cable.takes = False
            mainboard.press_for("power", "operator", 0.1)
            await eventually_async(lambda: mainboard.sut.running)
            await asyncio.sleep(1)
            assert cable.seen == [None]
            cable.takes = True
            await eventually_async(lambda: cable.seen[-1] == (720, 400))
            assert (640, 480) not in cable.seen, "QEMU's own words are no picture of the SUT"
            pump.cut = True
            await eventually_async(lambda: cable.seen[-1] is None)
            pumping.cancel()

    asyncio.run(run())


def test_a_ppm_is_read_as_netpbm_defines_it() -> None:
    picture = read_ppm(b"P6\n2 1\n255\n\x0a\x20\x0a\x01\x02\x03")
    assert picture.tolist() == [[[10, 32, 10], [1, 2, 3]]]
    with pytest.raises(ValueError, match="cut short"):
        read_ppm(b"P6\n2 2\n255\n" + bytes(6))
    with pytest.raises(ValueError, match="8 bits"):
        read_ppm(b"P6\n2 2\n65535\n" + bytes(24))
