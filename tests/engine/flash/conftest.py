# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import random
from pathlib import Path

import pytest

from .local_host import LocalHost

#: Size of the small chip that most tests use; flashrom needs seconds for a real one.
SIZE = 1 << 20


@pytest.fixture
def host() -> LocalHost:
    return LocalHost()


@pytest.fixture
def firmware(tmp_path: Path) -> Path:
    """An image of 1 MiB whose first half differs from an erased chip."""
    file = tmp_path / "firmware.rom"
    file.write_bytes(random.Random(7).randbytes(SIZE // 2) + b"\xff" * (SIZE // 2))
    return file


@pytest.fixture
def chip(tmp_path: Path) -> Path:
    """An erased chip of 1 MiB, the file behind the dummy programmer."""
    file = tmp_path / "chip.bin"
    file.write_bytes(b"\xff" * SIZE)
    return file
