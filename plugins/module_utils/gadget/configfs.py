# SPDX-License-Identifier: GPL-3.0-or-later
"""USB gadgets in configfs: see what is there, bind and unbind, take apart.

The tree's rules: Documentation/usb/gadget_configfs.rst of Linux. A gadget is bound by its UDC file and
unbound by
an empty line in it; links in configurations are removed before functions, string folders before what holds
them; attribute files are never removed, rmdir takes them along.
"""

from __future__ import annotations

import contextlib
import errno
import os
import time
from pathlib import Path

from .errors import GadgetError

CONFIGFS = Path("/sys/kernel/config/usb_gadget")
UDC_CLASS = Path("/sys/class/udc")


def write_attribute(path: Path, value: str | bytes) -> None:
    """Write a configfs attribute in one write; OSError as the kernel gives it."""
    descriptor = os.open(path, os.O_WRONLY)
    try:
        os.write(descriptor, value.encode() if isinstance(value, str) else value)
    finally:
        os.close(descriptor)


def read_attribute(path: Path) -> str:
    """An attribute's text without its line end; empty when it does not exist (any more)."""
    try:
        return path.read_text(errors="replace").rstrip("\n\0")
    except OSError:
        return ""


class GadgetTree:
    """The gadgets below one usb_gadget folder."""

    def __init__(self, root: Path = CONFIGFS, udc_class: Path = UDC_CLASS) -> None:
        self.root = root
        self.udc_class = udc_class

    def names(self) -> list[str]:
        """Gadgets that exist, bound or not."""
        try:
            return sorted(entry.name for entry in self.root.iterdir() if entry.is_dir())
        except FileNotFoundError:
            raise GadgetError(
                f"{self.root} does not exist: the kernel module libcomposite is not loaded (modprobe "
                f"libcomposite)"
            ) from None

    def controller(self) -> str:
        """Name of the first USB device controller."""
        try:
            found = sorted(entry.name for entry in self.udc_class.iterdir())
        except FileNotFoundError:
            found = []
        if not found:
            raise GadgetError(
                f"{self.udc_class} lists no USB device controller; on a Raspberry Pi, dtoverlay=dwc2 "
                f"enables it"
            )
        return found[0]

    def state(self, udc: str) -> str:
        """The controller's state as sysfs tells it: "configured" when a host has enumerated the gadget."""
        return read_attribute(self.udc_class / udc / "state") or "not attached"

    def bound_to(self, name: str) -> str:
        """The controller that gadget `name` is bound to, or an empty text."""
        return read_attribute(self.root / name / "UDC").strip()

    def bind(self, name: str) -> str:
        """Bind gadget `name` to the first controller; returns the controller's name."""
        udc = self.controller()
        deadline = time.monotonic() + 3.0
        while True:
            try:
                write_attribute(self.root / name / "UDC", udc + "\n")
                return udc
            except OSError as error:
                # A controller that another gadget has just left answers EBUSY or ENODEV for a moment.
                if error.errno not in (errno.EBUSY, errno.ENODEV) or time.monotonic() > deadline:
                    others = [other for other in self.names() if other != name and self.bound_to(other)]
                    held = f"; it is held by gadget {', '.join(others)}" if others else ""
                    raise GadgetError(
                        f"cannot bind gadget {name} to {udc}: {error.strerror}{held}"
                    ) from error
            time.sleep(0.05)

    def unbind(self, name: str) -> None:
        """Take gadget `name` off its controller, if it is on one."""
        if not self.bound_to(name):
            return
        try:
            write_attribute(self.root / name / "UDC", "\n")
        except OSError as error:
            if error.errno != errno.ENODEV:
                raise GadgetError(f"cannot unbind gadget {name}: {error.strerror}") from error

    def remove(self, name: str) -> bool:
        """Unbind gadget `name` and take it apart, whoever made it; whether there was one."""
        gadget = self.root / name
        if not gadget.is_dir():
            return False
        self.unbind(name)
        try:
            for configuration in _folders(gadget / "configs"):
                for entry in configuration.iterdir():
                    if entry.is_symlink():
                        entry.unlink()
                _remove_folders(configuration / "strings")
                configuration.rmdir()
            for link in _links(gadget / "os_desc"):
                link.unlink()
            for function in _folders(gadget / "functions"):
                _remove_luns(function)
                _retry_busy(function)
            _remove_folders(gadget / "strings")
            for page in _folders(gadget / "webusb"):
                _rmdir_if_allowed(page)
            _retry_busy(gadget)
        except OSError as error:
            raise GadgetError(
                f"cannot take gadget {name} apart: {error.strerror} at {error.filename}; a process may "
                f"hold its devices"
            ) from error
        return True


def _folders(parent: Path) -> list[Path]:
    try:
        return sorted(entry for entry in parent.iterdir() if entry.is_dir() and not entry.is_symlink())
    except FileNotFoundError:
        return []


def _links(parent: Path) -> list[Path]:
    try:
        return [entry for entry in parent.iterdir() if entry.is_symlink()]
    except FileNotFoundError:
        return []


def _remove_folders(parent: Path) -> None:
    for folder in _folders(parent):
        folder.rmdir()


def _remove_luns(function: Path) -> None:
    """LUNs other than 0 are folders that were made; lun.0 goes with its function."""
    for lun in _folders(function):
        if lun.name.startswith("lun.") and lun.name != "lun.0":
            lun.rmdir()


def _rmdir_if_allowed(folder: Path) -> None:
    """Some folders below a gadget come and go with it and cannot be removed."""
    with contextlib.suppress(PermissionError):
        folder.rmdir()


def _retry_busy(folder: Path) -> None:
    """A function's folder stays busy for a moment while a process closes its device."""
    deadline = time.monotonic() + 3.0
    while True:
        try:
            folder.rmdir()
            return
        except OSError as error:
            if error.errno != errno.EBUSY or time.monotonic() > deadline:
                raise
        time.sleep(0.05)
