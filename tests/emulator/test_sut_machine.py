# SPDX-License-Identifier: GPL-3.0-or-later
"""The SUT's QEMU command line, as QEMU itself takes it, and its firmware's picture on the EDID's mode."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from PIL import Image

from hwlab_emulator.paths import BenchPaths
from hwlab_emulator.sut import machine

from ..free_port import free_port
from .sut_alone import running_sut


def test_firmware_runs_and_draws_on_the_mode_of_the_monitor(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HWLAB_BENCHES", str(tmp_path / "benches"))
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "run"))
    stick = tmp_path / "empty.img"
    stick.write_bytes(bytes(1 << 20))

    async def drawn() -> tuple[int, int]:
        size = (0, 0)
        async with running_sut(BenchPaths("alone"), stick, free_port()) as sut:
            for _ in range(240):
                await asyncio.sleep(0.5)
                with Image.open(await sut.picture(tmp_path / "screen.png")) as picture:
                    size = picture.size
                    if size == (1024, 768) and len(picture.convert("RGB").getcolors(1 << 24) or []) > 1:
                        break
        return size

    assert asyncio.run(drawn()) == (1024, 768)


def test_without_other_cables_the_machine_hangs_on_its_bench() -> None:
    paths = BenchPaths("lab")
    command = machine.sut_command(paths, machine.Screen(1280, 720))
    assert any(word.startswith("VGA,edid=on,xres=1280,yres=720") for word in command)
    chardevs = [command[n + 1] for n, word in enumerate(command) if word == "-chardev"]
    assert any(str(paths.socket("kvm-usb")) in word for word in chardevs)
    assert any(str(paths.socket("serial")) in word and "reconnect=1" in word for word in chardevs)
    assert any(word.startswith("usb-redir") and "bootindex=0" in word for word in command)
    assert any(word.startswith("nvme") and "bootindex=1" in word for word in command)
    assert "VGA,edid=off" in " ".join(machine.sut_command(paths, None))
