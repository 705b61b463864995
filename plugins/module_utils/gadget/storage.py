# SPDX-License-Identifier: GPL-3.0-or-later
"""The disks of a mass_storage function: media put in and taken out while the host looks on.

Attributes: Documentation/ABI/testing/configfs-usb-gadget-mass-storage of Linux. `ro` and `cdrom` cannot be
changed while a medium is in (EBUSY); `file` cannot be emptied while the host has locked the medium (EBUSY),
for which newer kernels (6.0) have `forced_eject`.
"""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Any, NamedTuple

from .configfs import read_attribute, write_attribute
from .errors import GadgetError

#: LUNs that f_mass_storage can have (FSG_MAX_LUNS).
LUNS_MAX = 16
#: The kernel's own number (include/linux/errno.h), which f_mass_storage lets out: under 300 sectors for a CD.
ETOOSMALL = 525


class Medium(NamedTuple):
    """An image to show: as a CD (read-only by nature) or as a disk."""

    path: str
    cdrom: bool = False
    ro: bool = True

    def check(self) -> None:
        """GadgetError when the image cannot be shown."""
        if not os.path.exists(self.path):
            raise GadgetError(f"storage image {self.path} does not exist on the KVM")
        if os.path.isdir(self.path) or os.path.getsize(self.path) == 0 and os.path.isfile(self.path):
            raise GadgetError(f"storage image {self.path} is a folder or empty")


class Storage:
    """The LUNs of one mass_storage function folder."""

    def __init__(self, function: Path) -> None:
        self.function = function

    def luns(self) -> list[dict[str, Any]]:
        """What each LUN holds: lun, path (empty when none), cdrom, ro."""
        found = sorted(int(entry.name[4:]) for entry in self.function.glob("lun.*"))
        return [
            {
                "lun": number,
                "path": read_attribute(self._lun(number) / "file"),
                "cdrom": read_attribute(self._lun(number) / "cdrom") == "1",
                "ro": read_attribute(self._lun(number) / "ro") == "1",
            }
            for number in found
        ]

    def add(self, number: int) -> None:
        """Make LUN `number` (0 exists with the function), removable and empty."""
        lun = self._lun(number)
        if not lun.is_dir():
            lun.mkdir()
        write_attribute(lun / "removable", "1")

    def holds(self, number: int, medium: Medium) -> bool:
        lun = self._existing(number)
        return (
            read_attribute(lun / "file") == os.path.realpath(medium.path)
            and (read_attribute(lun / "cdrom") == "1") == medium.cdrom
            and (read_attribute(lun / "ro") == "1") == (medium.ro or medium.cdrom)
        )

    def is_cdrom(self, number: int) -> bool:
        return read_attribute(self._existing(number) / "cdrom") == "1"

    def insert(self, number: int, medium: Medium) -> None:
        """Show a medium in an empty LUN."""
        lun = self._existing(number)
        try:
            write_attribute(lun / "cdrom", "1" if medium.cdrom else "0")
            write_attribute(lun / "ro", "1" if medium.ro or medium.cdrom else "0")
            write_attribute(lun / "file", os.path.realpath(medium.path))
        except OSError as error:
            why = "the image is too small" if error.errno == ETOOSMALL else error.strerror
            raise GadgetError(f"cannot show {medium.path} on LUN {number}: {why}") from error

    def eject(self, number: int) -> bool:
        """Empty a LUN; whether force was needed. GadgetError when the host's lock cannot be overridden."""
        lun = self._existing(number)
        if not read_attribute(lun / "file"):
            return False
        try:
            write_attribute(lun / "file", "\n")
            return False
        except OSError as error:
            if error.errno != errno.EBUSY:
                raise GadgetError(f"cannot eject LUN {number}: {error.strerror}") from error
        try:
            write_attribute(lun / "forced_eject", "1")
        except FileNotFoundError:
            raise MediumLocked(
                f"the SUT has locked the medium of LUN {number}, and this kernel has no forced_eject"
            ) from None
        return True

    def _lun(self, number: int) -> Path:
        return self.function / f"lun.{number}"

    def _existing(self, number: int) -> Path:
        lun = self._lun(number)
        if not lun.is_dir():
            have = [entry["lun"] for entry in self.luns()]
            raise GadgetError(f"the gadget has no LUN {number}; it has {have}")
        return lun


class MediumLocked(GadgetError):
    """The host has asked that its medium stay in."""
