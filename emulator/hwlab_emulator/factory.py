# SPDX-License-Identifier: GPL-3.0-or-later
"""What a new bench comes with: the board's chip with its maker's firmware, an empty disk, links and keys.

Everything is made only where it is missing, so that a bench keeps its state.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from hwlab_emulator.board.chip import NAME as CHIP
from hwlab_emulator.keys import CLIENT_KEY, bench_keys, write_known_hosts
from hwlab_emulator.os.firmware import firmware_image
from hwlab_emulator.paths import BenchPaths
from hwlab_emulator.settings import BenchSettings
from hwlab_emulator.sut.machine import create_disk

#: Written at the chip's start, far from what the processor runs: the maker's firmware is not the lab's.
MAKERS_MARK = b"HWLAB BOARD FACTORY FIRMWARE"
INSTALLER, FIRMWARE = "installer.iso", "firmware.rom"


def furnish(paths: BenchPaths, settings: BenchSettings) -> None:
    """Make what is missing in the bench's folder."""
    (paths.root / "spi").mkdir(parents=True, exist_ok=True)
    image = firmware_image(settings.chip_mib)
    if not (paths.root / CHIP).exists() and not (paths.root / "spi" / CHIP).exists():
        _make_chip(image, paths.root / CHIP)
    create_disk(paths)
    for key in (CLIENT_KEY, f"{CLIENT_KEY}.pub"):
        _link(bench_keys() / key, paths.root / key)
    write_known_hosts(paths.root / "known_hosts", settings.index)
    _link_with_checksum(image, paths.root / FIRMWARE)


def link_installer(paths: BenchPaths, image: Path) -> None:
    """Put the installer's image where the inventory expects it."""
    _link_with_checksum(image, paths.root / INSTALLER)


def _make_chip(image: Path, chip: Path) -> None:
    partial = chip.with_suffix(".partial")
    shutil.copyfile(image, partial)
    with partial.open("r+b") as file:
        file.write(MAKERS_MARK)
    partial.replace(chip)


def _link_with_checksum(source: Path, target: Path) -> None:
    _link(source, target)
    _link(source.with_name(f"{source.name}.sha256"), target.with_name(f"{target.name}.sha256"))


def _link(source: Path, target: Path) -> None:
    if not target.is_symlink() or target.readlink() != source:
        target.unlink(missing_ok=True)
        target.symlink_to(source)
