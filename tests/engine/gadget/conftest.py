# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.hwlab.sut.plugins.module_utils.gadget import composite, configfs, storage

from .fake_configfs import FakeConfigfs


@pytest.fixture
def kernel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeConfigfs:
    """configfs without a kernel, below tmp_path/usb_gadget."""
    fake = FakeConfigfs(tmp_path / "usb_gadget", tmp_path / "udc")
    plain_unlink, plain_mkdir, plain_rmdir = Path.unlink, Path.mkdir, Path.rmdir
    plain_symlink = Path.symlink_to

    def inside(path: Path) -> bool:
        return fake.root in Path(os.path.abspath(path)).parents

    def mkdir(path: Path, *args: Any, **options: Any) -> None:
        fake.mkdir(path) if inside(path) else plain_mkdir(path, *args, **options)

    def rmdir(path: Path) -> None:
        fake.rmdir(path) if inside(path) else plain_rmdir(path)

    def unlink(path: Path, missing_ok: bool = False) -> None:
        fake.unlink(path) if inside(path) else plain_unlink(path, missing_ok)

    def symlink_to(path: Path, target: Path, *args: Any) -> None:
        fake.symlink(path, target) if inside(path) else plain_symlink(path, target, *args)

    monkeypatch.setattr(Path, "mkdir", mkdir)
    monkeypatch.setattr(Path, "rmdir", rmdir)
    monkeypatch.setattr(Path, "unlink", unlink)
    monkeypatch.setattr(Path, "symlink_to", symlink_to)
    for module in (composite, configfs, storage):
        monkeypatch.setattr(module, "write_attribute", fake.write)
    return fake
