# SPDX-License-Identifier: GPL-3.0-or-later
"""The gadget's folder tree, under configfs' rules; the same against a real kernel is a test of the bench."""

from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.hwlab.sut.plugins.module_utils.gadget.composite import Composite
from ansible_collections.hwlab.sut.plugins.module_utils.gadget.configfs import GadgetTree
from ansible_collections.hwlab.sut.plugins.module_utils.gadget.errors import GadgetError
from ansible_collections.hwlab.sut.plugins.module_utils.gadget.storage import Medium

from .fake_configfs import UDC, FakeConfigfs


@pytest.fixture
def composite(kernel: FakeConfigfs) -> Composite:
    return Composite(GadgetTree(kernel.root, kernel.udc_class))


@pytest.fixture
def image(tmp_path: Path) -> str:
    path = tmp_path / "boot.iso"
    path.write_bytes(b"image")
    return str(path)


@pytest.fixture
def other(tmp_path: Path) -> str:
    path = tmp_path / "other.img"
    path.write_bytes(b"other")
    return str(path)


def foreign_gadget(kernel: FakeConfigfs, name: str, bound: bool) -> None:
    """A gadget as PiKVM or gadget-control leave it: two configurations' worth of everything, several LUNs."""
    gadget = kernel.root / name
    for folder in (
        gadget,
        gadget / "strings/0x409",
        gadget / "configs/c.1",
        gadget / "configs/c.1/strings/0x409",
        gadget / "functions/hid.usb0",
        gadget / "functions/mass_storage.usb0",
        gadget / "functions/mass_storage.usb0/lun.1",
    ):
        kernel.mkdir(folder)
    for function in ("hid.usb0", "mass_storage.usb0"):
        kernel.symlink(gadget / "configs/c.1" / function, gadget / "functions" / function)
    if bound:
        kernel.write(gadget / "UDC", UDC)


def test_up_builds_binds_and_down_leaves_nothing(
    composite: Composite, kernel: FakeConfigfs, image: str
) -> None:
    assert composite.up([Medium(image, cdrom=True)], luns=2) == []
    assert composite.is_up()
    assert composite.describe()["luns"] == [
        {"lun": 0, "path": image, "cdrom": True, "ro": True},
        {"lun": 1, "path": "", "cdrom": False, "ro": False},
    ]
    keyboard = kernel.root / "hwlab/functions/hid.usb0"
    assert (keyboard / "protocol").read_text() == "1"
    assert (keyboard / "report_desc").read_bytes()[:4] == bytes.fromhex("05010906")
    assert composite.down()
    assert list(kernel.root.iterdir()) == []
    assert not composite.down()


@pytest.mark.parametrize(("name", "bound"), [("kvmd", True), ("kbd", True), ("kbd", False), ("hwlab", True)])
def test_up_cleans_any_gadget_it_finds(
    composite: Composite, kernel: FakeConfigfs, name: str, bound: bool
) -> None:
    foreign_gadget(kernel, name, bound)
    assert composite.up([]) == [name]
    assert [folder.name for folder in kernel.root.iterdir()] == ["hwlab"]
    assert composite.is_up()


def test_a_missing_image_is_refused_before_anything_is_taken_apart(
    composite: Composite, kernel: FakeConfigfs
) -> None:
    foreign_gadget(kernel, "kvmd", True)
    with pytest.raises(GadgetError, match="storage image /nowhere.iso does not exist"):
        composite.up([Medium("/nowhere.iso")])
    assert (kernel.root / "kvmd/UDC").read_text() == UDC


def test_no_controller_is_said_before_anything_is_taken_apart(
    composite: Composite, kernel: FakeConfigfs
) -> None:
    foreign_gadget(kernel, "kvmd", False)
    (kernel.udc_class / UDC / "state").unlink()
    (kernel.udc_class / UDC).rmdir()
    with pytest.raises(GadgetError, match="no USB device controller"):
        composite.up([])
    assert (kernel.root / "kvmd").is_dir()


def test_a_medium_changes_without_a_new_enumeration(
    composite: Composite, kernel: FakeConfigfs, image: str, other: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    composite.up([Medium(image)])
    monkeypatch.setattr(kernel, "_bind", lambda *_: pytest.fail("the gadget was bound anew"))
    assert composite.insert(0, Medium(other, ro=False)) == (True, False)
    assert composite.storage.luns() == [{"lun": 0, "path": other, "cdrom": False, "ro": False}]
    assert composite.insert(0, Medium(other, ro=False)) == (False, False)
    assert composite.eject(0) == (True, False)
    assert composite.eject(0) == (False, False)
    assert composite.storage.luns()[0]["path"] == ""


def test_a_locked_medium_is_ejected_by_force(composite: Composite, kernel: FakeConfigfs, image: str) -> None:
    composite.up([Medium(image)])
    kernel.locked.add(kernel.root / "hwlab/functions/mass_storage.usb2/lun.0")
    assert composite.eject(0) == (True, True)
    assert composite.is_up()


def test_a_kernel_without_forced_eject_needs_the_gadget_replugged(
    composite: Composite, kernel: FakeConfigfs, image: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    kernel.forced_eject = False
    composite.up([Medium(image)])
    lun = kernel.root / "hwlab/functions/mass_storage.usb2/lun.0"
    kernel.locked.add(lun)
    plain = kernel._bind

    def bind(path: Path, udc: str) -> None:
        plain(path, udc)
        kernel.locked.discard(lun)  # the host's lock ends with its connection

    monkeypatch.setattr(kernel, "_bind", bind)
    assert composite.eject(0) == (True, True)
    assert composite.is_up()
    assert composite.storage.luns()[0]["path"] == ""


def test_a_disk_becomes_a_cd_with_a_new_enumeration(composite: Composite, image: str, other: str) -> None:
    composite.up([Medium(image)])
    assert composite.insert(0, Medium(other, cdrom=True)) == (True, True)
    assert composite.is_up()


def test_a_lun_that_is_not_there_is_named(composite: Composite, image: str) -> None:
    composite.up([Medium(image)])
    with pytest.raises(GadgetError, match=r"no LUN 3; it has \[0\]"):
        composite.insert(3, Medium(image))


def test_a_busy_controller_names_who_has_it(composite: Composite, kernel: FakeConfigfs) -> None:
    composite.up([])
    tree = composite.tree
    tree.unbind("hwlab")
    foreign_gadget(kernel, "kvmd", True)
    with pytest.raises(GadgetError, match="held by gadget kvmd"):
        tree.bind("hwlab")
