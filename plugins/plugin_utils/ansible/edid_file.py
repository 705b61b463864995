# SPDX-License-Identifier: GPL-3.0-or-later
"""EDID files as the tools of the field write them: binary, or hexadecimal text."""

from __future__ import annotations

from pathlib import Path

from ansible_collections.hwlab.sut.plugins.plugin_utils.errors import ConfigurationError

#: VESA E-EDID 1.4, table 3.1: the header of every base block, of 128 bytes.
_HEADER = bytes.fromhex("00ffffffffffff00")


def read_edid_hex(path: str) -> str:
    """The EDID in `path` as hexadecimal digits. Raises ConfigurationError that names the file."""
    content = Path(path).read_bytes()
    if not content.startswith(_HEADER):
        try:
            content = bytes.fromhex(content.decode("ascii"))
        except ValueError as error:
            raise ConfigurationError(
                f"EDID {path} is neither binary nor hexadecimal text: {error}"
            ) from error
    if not content.startswith(_HEADER) or len(content) % 128 or not content:
        raise ConfigurationError(
            f"EDID {path} has {len(content)} bytes and begins with {content[:8].hex(' ') or 'nothing'}; "
            f"expected blocks of 128 bytes, the first beginning with {_HEADER.hex(' ')}"
        )
    for block in range(0, len(content), 128):
        if sum(content[block : block + 128]) % 256:
            raise ConfigurationError(f"EDID {path}: the checksum of block {block // 128} is wrong")
    return content.hex()
