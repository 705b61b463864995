# SPDX-License-Identifier: GPL-3.0-or-later
"""configfs' rules for USB gadgets on a plain folder, without a kernel.

Rules, as Linux has them (fs/configfs/dir.c, drivers/usb/gadget/configfs.c, f_mass_storage.c): mkdir brings
the
attribute files; attributes cannot be removed; rmdir takes attributes along but fails with ENOTEMPTY while a
folder
that was made is inside, and with EBUSY while a link points there; a controller takes one gadget; ro and cdrom
refuse (EBUSY) while a medium is in; an empty file refuses (EBUSY) while the host has locked the medium.
"""

from __future__ import annotations

import errno
import os
import re
import shutil
from pathlib import Path

UDC = "dummy_udc.0"

_ATTRIBUTES = {
    "gadget": ("UDC", "idVendor", "idProduct", "bcdDevice", "bcdUSB"),
    "config": ("MaxPower", "bmAttributes"),
    "hid": ("subclass", "protocol", "report_length", "report_desc", "no_out_endpoint", "dev"),
    "mass_storage": ("stall",),
    "lun": ("file", "ro", "cdrom", "removable", "nofua", "forced_eject"),
    "gadget strings": ("manufacturer", "product", "serialnumber"),
    "config strings": ("configuration",),
}


class FakeConfigfs:
    """Stands in for the kernel: `install` routes folder and attribute operations below `root` through it."""

    def __init__(self, root: Path, udc_class: Path, forced_eject: bool = True) -> None:
        self.root = root
        self.udc_class = udc_class
        self.locked: set[Path] = set()
        self.forced_eject = forced_eject
        self.minor = 0
        root.mkdir(parents=True)
        (udc_class / UDC).mkdir(parents=True)
        (udc_class / UDC / "state").write_text("not attached\n")

    def kind(self, folder: Path) -> str | None:
        """What a folder that somebody makes is; None when nothing can be made there."""
        path = folder.relative_to(self.root).as_posix()
        for pattern, kind in (
            (r"[^/]+", "gadget"),
            (r"[^/]+/configs/[^/]+\.\d+", "config"),
            (r"[^/]+/configs/[^/]+/strings/0x[0-9a-f]+", "config strings"),
            (r"[^/]+/strings/0x[0-9a-f]+", "gadget strings"),
            (r"[^/]+/functions/hid\.[^/]+", "hid"),
            (r"[^/]+/functions/mass_storage\.[^/]+", "mass_storage"),
            (r"[^/]+/functions/mass_storage\.[^/]+/lun\.\d+", "lun"),
        ):
            if re.fullmatch(pattern, path):
                return kind
        return None

    def mkdir(self, folder: Path) -> None:
        kind = self.kind(folder)
        if kind is None:
            raise OSError(errno.EPERM, "Operation not permitted", str(folder))
        os.mkdir(folder)
        for name in _ATTRIBUTES[kind]:
            if name != "forced_eject" or self.forced_eject:
                (folder / name).write_text("")
        if kind == "gadget":
            for name in ("configs", "functions", "strings", "os_desc", "webusb"):
                os.mkdir(folder / name)
        elif kind == "config":
            os.mkdir(folder / "strings")
        elif kind == "mass_storage":
            self.mkdir(folder / "lun.0")
        elif kind == "hid":
            (folder / "dev").write_text(f"236:{self.minor}\n")
            self.minor += 1

    def rmdir(self, folder: Path) -> None:
        kind = self.kind(folder)
        if kind is None or (kind == "lun" and folder.name == "lun.0"):
            raise OSError(errno.EPERM, "Operation not permitted", str(folder))
        if self._links_to(folder):
            raise OSError(errno.EBUSY, "Device or resource busy", str(folder))
        if self._made_inside(folder):
            raise OSError(errno.ENOTEMPTY, "Directory not empty", str(folder))
        shutil.rmtree(folder)

    def unlink(self, path: Path) -> None:
        if not path.is_symlink():
            raise OSError(errno.EPERM, "Operation not permitted", str(path))
        os.unlink(path)

    def symlink(self, path: Path, target: Path) -> None:
        if self.kind(path.parent) != "config" or target.parent.name != "functions" or not target.is_dir():
            raise OSError(errno.EPERM, "Operation not permitted", str(path))
        os.symlink(target, path)

    def write(self, path: Path, value: str | bytes) -> None:
        if not path.exists():
            raise FileNotFoundError(errno.ENOENT, "No such file or directory", str(path))
        text = value if isinstance(value, bytes) else value.rstrip("\n").encode()
        if path.name == "UDC":
            self._bind(path, text.decode())
        elif path.parent.name.startswith("lun."):
            self._write_lun(path, text.decode())
            return
        elif path.parent.parent.name == "functions" and self._links_to(path.parent):
            raise OSError(errno.EBUSY, "Device or resource busy", str(path))
        path.write_bytes(text)

    def _bind(self, path: Path, udc: str) -> None:
        bound = [gadget for gadget in self.root.iterdir() if (gadget / "UDC").read_text()]
        if not udc:
            if path.parent not in bound:
                raise OSError(errno.ENODEV, "No such device", str(path))
        elif udc != UDC:
            raise OSError(errno.ENODEV, "No such device", str(path))
        elif bound:
            raise OSError(errno.EBUSY, "Device or resource busy", str(path))
        elif not any(entry.is_symlink() for entry in path.parent.glob("configs/*/*")):
            raise OSError(errno.EINVAL, "Invalid argument", str(path))
        (self.udc_class / UDC / "state").write_text("configured\n" if udc else "not attached\n")

    def _write_lun(self, path: Path, text: str) -> None:
        file = path.parent / "file"
        if path.name in ("ro", "cdrom") and file.read_text():
            raise OSError(errno.EBUSY, "Device or resource busy", str(path))
        if path.name == "forced_eject":
            self.locked.discard(path.parent)
            file.write_text("")
            return
        if path.name == "file":
            if path.parent in self.locked and file.read_text():
                raise OSError(errno.EBUSY, "Device or resource busy", str(path))
            if text and not Path(text).exists():
                raise OSError(errno.ENOENT, "No such file or directory", str(path))
        path.write_text(text)

    def _links_to(self, folder: Path) -> bool:
        links = self.root.glob("*/configs/*/*")
        return any(link.is_symlink() and Path(os.readlink(link)) == folder for link in links)

    def _made_inside(self, folder: Path) -> bool:
        for entry in folder.rglob("*"):
            if entry.is_symlink():
                return True
            default = self.kind(folder) == "mass_storage" and entry.name == "lun.0"
            if entry.is_dir() and self.kind(entry) is not None and not default:
                return True
        return False
