# SPDX-License-Identifier: GPL-3.0-or-later
"""The gadget `hwlab`: keyboard, tablet and disks in one USB device."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from .configfs import GadgetTree, read_attribute, write_attribute
from .errors import GadgetError
from .hid import (
    KEYBOARD_REPORT_LENGTH,
    TABLET_REPORT_LENGTH,
    keyboard_descriptor,
    tablet_descriptor,
)
from .storage import LUNS_MAX, Medium, MediumLocked, Storage

NAME = "hwlab"
#: Multifunction Composite Gadget of the Linux Foundation, the id that PiKVM and gadget-control show too.
VENDOR, PRODUCT = 0x1D6B, 0x0104

KEYBOARD, TABLET, STORAGE = "hid.usb0", "hid.usb1", "mass_storage.usb2"


class Identity(NamedTuple):
    """Texts that firmware shows in its boot menu and that udev rules match."""

    manufacturer: str = "hwlab"
    product: str = "Test USB Gadget"
    serial: str = "0123456789abcdef"


DEFAULT_IDENTITY = Identity()


class Composite:
    """Makes, changes and removes the gadget. Stateless: everything is read back from configfs."""

    def __init__(
        self, tree: GadgetTree, sysfs_char: Path = Path("/sys/dev/char"), dev: Path = Path("/dev")
    ) -> None:
        self.tree = tree
        self._sysfs_char = sysfs_char
        self._dev = dev
        self.path = tree.root / NAME
        self.storage = Storage(self.path / "functions" / STORAGE)

    def exists(self) -> bool:
        return self.path.is_dir()

    def is_up(self) -> bool:
        return bool(self.tree.bound_to(NAME))

    def up(
        self, media: Sequence[Medium], luns: int = 1, identity: Identity = DEFAULT_IDENTITY, hid: bool = True
    ) -> list[str]:
        """Remove every gadget there is, then build and bind ours; returns the names that were removed."""
        for medium in media:
            medium.check()
        count = max(len(media), luns)
        if count > LUNS_MAX:
            raise GadgetError(f"{count} disks; a USB mass storage function can have {LUNS_MAX}")
        self.tree.controller()
        cleaned = [name for name in self.tree.names() if self.tree.remove(name)]
        try:
            self._build(media, count, identity, hid)
            self.tree.bind(NAME)
        except (OSError, GadgetError) as error:
            with contextlib.suppress(GadgetError):
                self.tree.remove(NAME)
            if isinstance(error, GadgetError):
                raise
            raise GadgetError(f"cannot build the USB gadget: {error.strerror} at {error.filename}") from error
        return cleaned

    def down(self) -> bool:
        """Remove our gadget; whether there was one."""
        return self.tree.remove(NAME)

    def reconnect(self) -> None:
        """Unplug and plug again: the host enumerates anew."""
        self.tree.unbind(NAME)
        time.sleep(0.2)
        self.tree.bind(NAME)

    def insert(self, lun: int, medium: Medium) -> tuple[bool, bool]:
        """Change the medium of a LUN: (changed, re-enumerated).

        The host keeps its place on the bus, except when a disk becomes a CD or the reverse: hosts ask for a
        device's type once, so that needs a new enumeration; so does a locked medium on kernels without
        forced_eject.
        """
        medium.check()
        if self.storage.holds(lun, medium):
            return False, False
        replug = self.storage.is_cdrom(lun) != medium.cdrom
        if replug:
            self.tree.unbind(NAME)
        try:
            replug = self._empty(lun) or replug
            self.storage.insert(lun, medium)
        finally:
            if replug:
                self.tree.bind(NAME)
        return True, replug

    def eject(self, lun: int) -> tuple[bool, bool]:
        """Empty a LUN: (changed, whether the host's lock had to be overridden)."""
        if not any(entry["lun"] == lun and entry["path"] for entry in self.storage.luns()):
            self.storage.is_cdrom(lun)  # names the LUNs there are when this one is not
            return False, False
        try:
            return True, self.storage.eject(lun)
        except MediumLocked:
            self._empty(lun)
            self.tree.bind(NAME)
            return True, True

    def device(self, function: str) -> str:
        """Path of a HID function's character device, by its number: other gadgets may have had hidg0
        first."""
        number = read_attribute(self.path / "functions" / function / "dev")
        for line in read_attribute(self._sysfs_char / number / "uevent").splitlines():
            if line.startswith("DEVNAME="):
                return str(self._dev / line[len("DEVNAME=") :])
        raise GadgetError(f"function {function} has no device (number '{number}'); is the gadget bound?")

    def wait_configured(self, seconds: float) -> str:
        """The controller's state, after waiting for the host to enumerate for at most `seconds`."""
        udc = self.tree.bound_to(NAME)
        if not udc:
            return "not attached"
        deadline = time.monotonic() + seconds
        while True:
            state = self.tree.state(udc)
            if state == "configured" or time.monotonic() >= deadline:
                return state
            time.sleep(0.05)

    def describe(self) -> dict[str, Any]:
        """up, udc, state, luns, and all gadgets found."""
        udc = self.tree.bound_to(NAME)
        return {
            "up": bool(udc),
            "udc": udc,
            "state": self.tree.state(udc) if udc else "not attached",
            "luns": self.storage.luns() if self.exists() else [],
            "found": self.tree.names(),
        }

    def _empty(self, lun: int) -> bool:
        """Eject; True when the gadget had to be unbound for it, and is unbound now."""
        try:
            self.storage.eject(lun)
            return False
        except MediumLocked:
            self.tree.unbind(NAME)
            self.storage.eject(lun)
            return True

    def _build(self, media: Sequence[Medium], count: int, identity: Identity, hid: bool) -> None:
        gadget = self.path
        gadget.mkdir()
        for name, number in (
            ("idVendor", VENDOR), ("idProduct", PRODUCT), ("bcdDevice", 0x0100), ("bcdUSB", 0x0200),
        ):  # fmt: skip
            write_attribute(gadget / name, f"0x{number:04x}")
        strings = gadget / "strings" / "0x409"
        strings.mkdir()
        write_attribute(strings / "manufacturer", identity.manufacturer)
        write_attribute(strings / "product", identity.product)
        write_attribute(strings / "serialnumber", identity.serial)
        configuration = gadget / "configs" / "c.1"
        configuration.mkdir()
        (configuration / "strings" / "0x409").mkdir()
        write_attribute(configuration / "strings" / "0x409" / "configuration", "keyboard, tablet, storage")
        write_attribute(configuration / "MaxPower", "250")
        functions = [KEYBOARD, TABLET] if hid else []
        if hid:
            self._build_hid(KEYBOARD, 1, KEYBOARD_REPORT_LENGTH, keyboard_descriptor())
            self._build_hid(TABLET, 0, TABLET_REPORT_LENGTH, tablet_descriptor())
        if count:
            (gadget / "functions" / STORAGE).mkdir()
            functions.append(STORAGE)
            for number in range(count):
                self.storage.add(number)
            for number, medium in enumerate(media):
                self.storage.insert(number, medium)
        for function in functions:
            (configuration / function).symlink_to(gadget / "functions" / function)

    def _build_hid(self, name: str, boot_protocol: int, length: int, descriptor: bytes) -> None:
        """One HID function; boot_protocol 1 is a boot keyboard (HID 1.11, 4.2 and 4.3)."""
        function = self.path / "functions" / name
        function.mkdir()
        write_attribute(function / "subclass", "1" if boot_protocol else "0")
        write_attribute(function / "protocol", str(boot_protocol))
        write_attribute(function / "report_length", str(length))
        # Real keyboards get their LEDs over the control pipe; without this firmware's SET_REPORT is stalled.
        with contextlib.suppress(FileNotFoundError):
            write_attribute(function / "no_out_endpoint", "1")
        write_attribute(function / "report_desc", descriptor)
