# SPDX-License-Identifier: GPL-3.0-or-later
"""The distribution's kernel, made quick to start: uncompressed, and with the modules that a machine uses.

Under TCG the decompressor of a bzImage takes longer than the kernel itself, so the machines of a bench start
the ELF image inside it through QEMU's PVH entry.
"""

from __future__ import annotations

import lzma
import struct
import subprocess
import sys
import zlib
from collections.abc import Iterable
from pathlib import Path

#: Offsets in the setup header (Linux, Documentation/x86/boot.rst).
SETUP_SECTS, PAYLOAD_OFFSET, PAYLOAD_LENGTH = 0x1F1, 0x248, 0x24C
SECTOR = 512
XZ, GZIP, ZSTD = b"\xfd7zXZ\x00", b"\x1f\x8b", b"\x28\xb5\x2f\xfd"
MODULE_SUFFIXES = (".ko", ".ko.xz", ".ko.zst")


def _decompress(data: bytes) -> bytes:
    if data.startswith(XZ):
        return lzma.LZMADecompressor().decompress(data)
    if data.startswith(GZIP):
        return zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(data)
    if data.startswith(ZSTD):
        # The payload ends with its own uncompressed size, which zstd would take for a broken frame.
        run = subprocess.run(["zstd", "-dcq"], input=data, capture_output=True, check=False)
        if run.stdout:
            return run.stdout
        raise ValueError(f"zstd cannot read this kernel: {run.stderr.decode().strip()}")
    return data


def vmlinux_of(bzimage: bytes) -> bytes:
    """Return the ELF kernel inside a bzImage.

    Raises ValueError when the file holds none (another architecture, or a compression not known here).
    """
    if bzimage[:4] == b"\x7fELF":
        return bzimage
    sectors = bzimage[SETUP_SECTS] or 4
    offset, length = struct.unpack_from("<II", bzimage, PAYLOAD_OFFSET)
    start = (sectors + 1) * SECTOR + offset
    elf = _decompress(bzimage[start : start + length])
    if elf[:4] != b"\x7fELF":
        raise ValueError(
            f"no ELF kernel in this bzImage: its payload begins with {bzimage[start : start + 6].hex()}"
        )
    return elf


def modules_folder(tree: Path) -> Path:
    """Return lib/modules/VERSION of the one kernel installed in `tree`."""
    folders = [path for path in (tree / "lib/modules").iterdir() if (path / "kernel").is_dir()]
    if len(folders) != 1:
        raise ValueError(f"{tree} should hold one kernel, not {[path.name for path in folders]}")
    return folders[0]


def _name(path: str) -> str:
    return path.rsplit("/", 1)[-1].split(".ko")[0].replace("-", "_")


def with_dependencies(folder: Path, names: Iterable[str]) -> list[Path]:
    """Return the files of these modules and all that they need, in the order in which insmod takes them.

    Names that are built into the kernel are left out; a name that is neither raises ValueError.
    """
    needs: dict[str, list[str]] = {}
    files: dict[str, Path] = {}
    for line in (folder / "modules.dep").read_text().splitlines():
        path, _, rest = line.partition(":")
        files[_name(path)] = folder / path
        needs[_name(path)] = [_name(item) for item in rest.split()]
    builtin = {_name(line) for line in (folder / "modules.builtin").read_text().splitlines()}
    order: dict[str, Path] = {}

    def add(name: str) -> None:
        if name in order or (name not in files and name in builtin):
            return
        if name not in files:
            raise ValueError(f"this kernel has no module {name}")
        # modules.dep lists every dependency, the one to load first last.
        for other in reversed(needs[name]):
            if other not in order:
                order[other] = files[other]
        order[name] = files[name]

    for wanted in names:
        add(wanted.replace("-", "_"))
    return list(order.values())


def keep_only(tree: Path, names: Iterable[str]) -> None:
    """Delete every kernel module of `tree` but these and their dependencies (400 MB become a few)."""
    folder = modules_folder(tree)
    keep = set(with_dependencies(folder, names))
    for path in folder.joinpath("kernel").rglob("*"):
        if path.name.endswith(MODULE_SUFFIXES) and path not in keep:
            path.unlink()
    subprocess.run(["chroot", str(tree), "depmod", folder.name], check=True)


def module_bytes(path: Path) -> bytes:
    """Return an uncompressed module, as insmod of a small initial RAM disk takes it."""
    data = path.read_bytes()
    if path.name.endswith(".xz"):
        return lzma.decompress(data)
    return _decompress(data)


def copy_vmlinux(tree: Path, target: Path) -> None:
    """Write the kernel installed in `tree` uncompressed to `target`."""
    (bzimage,) = tree.glob("boot/vmlinuz-*")
    target.write_bytes(vmlinux_of(bzimage.read_bytes()))


if __name__ == "__main__":
    # As a hook of a tree's build: TREE MODULE...
    keep_only(Path(sys.argv[1]), sys.argv[2:])
