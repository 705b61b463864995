# SPDX-License-Identifier: GPL-3.0-or-later
"""The LUN of the KVM's own gadget, through configfs (Linux, Documentation/usb/mass-storage.rst)."""

from __future__ import annotations

import errno
from pathlib import Path

LUN = Path("/sys/kernel/config/usb_gadget/kvmd/functions/mass_storage.usb0/lun.0")


class Lun:
    """Attributes of one LUN. Methods raise OSError as configfs does."""

    def __init__(self, path: Path = LUN) -> None:
        self._path = path

    @property
    def online(self) -> bool:
        """Whether the gadget exists; kvmd-otg may be stopped."""
        return (self._path / "file").exists()

    def image(self) -> Path | None:
        """Backing file, None when the medium is out."""
        text = (self._path / "file").read_text().strip() if self.online else ""
        return Path(text) if text else None

    def flag(self, name: str) -> bool:
        """`cdrom` or `ro`."""
        return self.online and (self._path / name).read_text().strip() == "1"

    def insert(self, image: Path, cdrom: bool, rw: bool) -> None:
        """Put a medium in: what it is can be told only while there is none."""
        self._write("cdrom", "1" if cdrom else "0")
        self._write("ro", "0" if rw else "1")
        self._write("file", str(image))

    def eject(self) -> None:
        """Take the medium out, also when the host has locked it."""
        try:
            self._write("file", "\n")
        except OSError as error:
            if error.errno != errno.EBUSY:
                raise
            self._write("forced_eject", "1")

    def _write(self, name: str, value: str) -> None:
        (self._path / name).write_text(value)
