# SPDX-License-Identifier: GPL-3.0-or-later
"""A firmware image on the controller, checked before anything on the bench moves."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ansible_collections.hwlab.sut.plugins.plugin_utils.errors import ConfigurationError
from ansible_collections.hwlab.sut.plugins.plugin_utils.flash.regions import Region, size_text

_SIZE = re.compile(r"(\d+)\s*(?:([KM])(?:i?B)?)?", re.IGNORECASE)
#: A line of sha256sum (coreutils), or a checksum alone.
_SUM = re.compile(r"(?P<sum>[0-9a-fA-F]{64})(?:\s+\*?(?P<name>.+))?")
#: SPI NOR chips that hold PC firmware; below it is none that flashrom's users flash, above none is made.
_SMALLEST, _LARGEST = 64 << 10, 256 << 20


@dataclass(frozen=True)
class Image:
    """A firmware image: its file, size in bytes and SHA-256 in lower-case hex."""

    path: Path
    size: int
    sha256: str

    def region_sha256(self, region: Region) -> str:
        """SHA-256 of the bytes of `region`."""
        with self.path.open("rb") as file:
            file.seek(region.start)
            return hashlib.sha256(file.read(region.size)).hexdigest()


def parse_size(value: Any, option: str) -> int:
    """Bytes of ``16777216``, ``16M``, ``16 MiB`` or ``512K``. Raises ConfigurationError naming `option`."""
    match = _SIZE.fullmatch(str(value).strip())
    if not match or isinstance(value, bool):
        raise ConfigurationError(f"{option} is {value!r}: expected bytes or a size such as 16M")
    return int(match[1]) << {None: 0, "K": 10, "M": 20}[match[2].upper() if match[2] else None]


def check_image(path: str, *, sha256: str | None = None, chip_size: int | None = None) -> Image:
    """Read the image and compare it with what is declared of it and of the chip (bytes).

    Raises ConfigurationError that names the file, what is wrong and what would be right.
    """
    file = Path(path)
    if not file.is_file():
        what = "is a folder" if file.is_dir() else "does not exist"
        raise ConfigurationError(f"firmware image {path} {what}; expected the file of a whole chip")
    try:
        with file.open("rb") as stream:
            found = hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise ConfigurationError(f"firmware image {path} cannot be read: {error.strerror}") from error
    size = file.stat().st_size
    if chip_size is not None and size != chip_size:
        raise ConfigurationError(
            f"firmware image {path} has {size_text(size)}, the chip has {size_text(chip_size)}; "
            "an image must be as large as its chip"
        )
    if not _SMALLEST <= size <= _LARGEST or size & (size - 1):
        raise ConfigurationError(
            f"firmware image {path} has {size_text(size)}, which no SPI chip has; "
            "expected a power of two such as 16 MiB. Is it truncated or compressed?"
        )
    if sha256 is not None:
        wanted = sha256.strip().lower()
        if not re.fullmatch(r"[0-9a-f]{64}", wanted):
            raise ConfigurationError(f"sha256 of {path} is {sha256!r}: expected 64 hexadecimal digits")
        if wanted != found:
            raise ConfigurationError(f"firmware image {path} has SHA-256 {found}, expected {wanted}")
    return Image(file, size, found)


def declared_sha256(value: str | None, image: str) -> str | None:
    """The SHA-256 that `value` declares for `image`: 64 digits, or a file as sha256sum writes it.

    Raises ConfigurationError when it is neither, or when the file does not name the image.
    """
    if value is None or re.fullmatch(r"[0-9a-fA-F]{64}", value.strip()):
        return value
    try:
        lines = Path(value).expanduser().read_text(encoding="ascii").splitlines()
    except (OSError, ValueError) as error:
        raise ConfigurationError(
            f"sha256 of {image} is {value!r}: expected 64 hexadecimal digits or a file that sha256sum wrote"
        ) from error
    name = Path(image).name
    for line in lines:
        match = _SUM.fullmatch(line.strip())
        if match and (match["name"] is None or Path(match["name"]).name == name):
            return match["sum"].lower()
    raise ConfigurationError(
        f"{value} has no SHA-256 of {name}; expected a line `SUM  {name}` as sha256sum writes it"
    )
