# SPDX-License-Identifier: GPL-3.0-or-later
"""Builds agent.pyz, the one file that runs on the KVM, from plugins/module_utils.

The file is the same for the same sources, byte by byte, so that its digest says whether a KVM has it already.
"""

from __future__ import annotations

import hashlib
import io
import zipfile
from functools import cache
from pathlib import Path

#: Name of the package inside the file; the modules import each other relatively.
PACKAGE = "hwlab_kvm"
SOURCES = ("agent", "gadget")
#: Where it lies on the KVM.
REMOTE_PATH = "/run/hwlab/agent.pyz"

_MAIN = f"""\
import sys

if sys.version_info < (3, 9):
    sys.exit("agent.pyz needs Python 3.9 or newer; this is " + sys.version.split()[0])

from {PACKAGE}.agent.cli import main

sys.exit(main())
"""
#: The earliest time that a zip archive can hold.
_EPOCH = (1980, 1, 1, 0, 0, 0)


@cache
def build() -> bytes:
    """The zip application."""
    root = Path(__file__).resolve().parents[2] / "module_utils"
    files = {"__main__.py": _MAIN.encode(), f"{PACKAGE}/__init__.py": b""}
    for package in SOURCES:
        for path in sorted((root / package).rglob("*.py")):
            files[f"{PACKAGE}/{path.relative_to(root).as_posix()}"] = path.read_bytes()
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name, _EPOCH), content, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def digest() -> str:
    """SHA-256 of build()."""
    return hashlib.sha256(build()).hexdigest()


def install_command() -> str:
    """A shell command for the KVM that stores its stdin as the agent, whole or not at all."""
    folder, _, name = REMOTE_PATH.rpartition("/")
    return (
        f"umask 022 && mkdir -p -m 711 {folder} && cat > {folder}/.{name}.$$ && "
        f'test "$(sha256sum < {folder}/.{name}.$$)" = "{digest()}  -" && mv -f {folder}/.{name}.$$ {REMOTE_PATH}'
    )
