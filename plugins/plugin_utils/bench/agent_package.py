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

#: Python keeps no compiled modules of a zip file, and a Raspberry Pi compiles slowly: so the first run
#: unpacks the
#: modules beside the file, under a name that tells their contents, and every further run starts from there.
_MAIN = """\
import os
import sys

if sys.version_info < (3, 9):
    sys.exit("agent.pyz needs Python 3.9 or newer; this is " + sys.version.split()[0])

package = os.path.abspath(sys.argv[0])
folder = os.path.join(os.path.dirname(package), "agent-%(digest)s")
if not os.path.isdir(folder):
    import shutil
    import zipfile

    partial = folder + "." + str(os.getpid())
    try:
        with zipfile.ZipFile(package) as archive:
            archive.extractall(partial)
        os.rename(partial, folder)
    except OSError:  # no place to unpack, or another process was quicker; the zip file serves as well
        shutil.rmtree(partial, ignore_errors=True)
if os.path.isdir(folder):
    sys.path.insert(0, folder)

from %(package)s.agent.cli import main

sys.exit(main())
"""
#: The earliest time that a zip archive can hold.
_EPOCH = (1980, 1, 1, 0, 0, 0)


@cache
def build() -> bytes:
    """The zip application."""
    root = Path(__file__).resolve().parents[2] / "module_utils"
    files = {f"{PACKAGE}/__init__.py": b""}
    for package in SOURCES:
        for path in sorted((root / package).rglob("*.py")):
            files[f"{PACKAGE}/{path.relative_to(root).as_posix()}"] = path.read_bytes()
    contents = hashlib.sha256(b"".join(name.encode() + text for name, text in files.items())).hexdigest()
    files["__main__.py"] = (_MAIN % {"digest": contents[:16], "package": PACKAGE}).encode()
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
    partial = f"{folder}/.{name}.$$"
    return (
        f"umask 022 && mkdir -p -m 711 {folder} && cat > {partial} && "
        f'test "$(sha256sum < {partial})" = "{digest()}  -" && mv -f {partial} {REMOTE_PATH}'
    )
