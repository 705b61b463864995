# SPDX-License-Identifier: GPL-3.0-or-later
"""The SUT's firmware: OVMF laid out for the flash chip that a flasher writes.

A PC's reset vector is at the top of the chip, so OVMF (first its variables, then its code) ends where the
chip
ends, and what is below stays erased (0xff).
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from hwlab_emulator.cache import built

MIB = 1024 * 1024
CHIP_SIZES = (16, 32)
#: QEMU maps no more flash than this below 4 GiB (hw/i386/pc_sysfw.c, max-fw-size): of a bigger chip the
#: upper part.
MAPPED = 16 * MIB
#: The distribution's OVMF, built for a chip of 4 MiB: variables and code.
FOLDER = Path("/usr/share/OVMF")
VARIABLES, CODE = "OVMF_VARS_4M.fd", "OVMF_CODE_4M.fd"
#: Sizes of the two together and of the variables (OvmfPkg/OvmfPkgDefines.fdf.inc, FD_SIZE_4MB).
FIRMWARE_SIZE, VARIABLES_SIZE = 4 * MIB, 0x84000
IMAGE, CHECKSUM = "firmware.rom", "firmware.rom.sha256"


def lay_out(variables: bytes, code: bytes, mib: int) -> bytes:
    """Return the image of a chip of `mib` MiB with the firmware at its top."""
    if mib not in CHIP_SIZES:
        raise ValueError(f"a chip of {mib} MiB: choose one of {', '.join(map(str, CHIP_SIZES))}")
    firmware = variables + code
    return b"\xff" * (mib * MIB - len(firmware)) + firmware


def firmware_image(mib: int) -> Path:
    """Return the cached firmware.rom of `mib` MiB; firmware.rom.sha256 (sha256sum's form) lies beside it."""
    parts = [FOLDER / VARIABLES, FOLDER / CODE]
    for part in parts:
        if not part.is_file():
            raise FileNotFoundError(f"{part} is missing: install the package ovmf")

    def build(folder: Path) -> None:
        image = lay_out(parts[0].read_bytes(), parts[1].read_bytes(), mib)
        (folder / IMAGE).write_bytes(image)
        (folder / CHECKSUM).write_text(f"{hashlib.sha256(image).hexdigest()}  {IMAGE}\n")

    return built("firmware", [str(mib), Path(__file__), *parts], build) / IMAGE


def upper_half(chip: bytes) -> bytes:
    """Return the part of a chip's content that QEMU maps: all of 16 MiB, the upper half of 32."""
    return chip[-MAPPED:]


def is_bootable(chip: bytes) -> bool:
    """Whether a processor finds anything at the reset vector, 16 bytes below the top of the chip."""
    vector = chip[-16:]
    return len(chip) in [mib * MIB for mib in CHIP_SIZES] and vector not in (b"\xff" * 16, bytes(16))


def working_copy(chip: Path, target: Path) -> None:
    """Write what QEMU maps of the file `chip` to `target`, which the SUT then runs from and writes to."""
    target.write_bytes(upper_half(chip.read_bytes()))


def write_back(working: Path, chip: Path) -> bool:
    """After power-off, write what the firmware changed (its variables) into `chip`; return whether it
    changed.

    Only the blocks that differ are written, in place, as a firmware that writes its own chip does.
    """
    block = 4096
    new = working.read_bytes()
    changed = False
    with chip.open("r+b") as file:
        start = file.seek(0, 2) - len(new)
        if start < 0:
            raise ValueError(f"{working} ({len(new)} bytes) is bigger than the chip {chip}")
        file.seek(start)
        old = file.read()
        for offset in range(0, len(new), block):
            if old[offset : offset + block] != new[offset : offset + block]:
                file.seek(start + offset)
                file.write(new[offset : offset + block])
                changed = True
    return changed
