# SPDX-License-Identifier: GPL-3.0-or-later
"""The flash chip: one file, in one of two places.

While the flasher reaches the chip it is spi/chip.bin, in the folder that the flasher sees; otherwise it is
chip.bin beside that folder. The SUT starts from a copy of the chip's upper 16 MiB, which is all that the
processor maps below 4 GiB, and what the firmware wrote there goes back when the SUT is off.
"""

from __future__ import annotations

from pathlib import Path

from hwlab_emulator.os.firmware import MIB, working_copy, write_back

NAME = "chip.bin"
NOP, JUMPS = 0x90, (0xE9, 0xEA, 0xEB)


class Chip:
    """The chip of the bench whose files are in `root`."""

    def __init__(self, root: Path, mib: int, working_copy: Path) -> None:
        """`working_copy` is the file that the SUT runs from."""
        self.size = mib * MIB
        self._resting, self._at_header = root / NAME, root / "spi" / NAME
        self._working_copy = working_copy

    @property
    def path(self) -> Path:
        """The file, wherever it is."""
        return self._at_header if not self._resting.exists() and self._at_header.exists() else self._resting

    def show_to_flasher(self, answers: bool) -> None:
        """Put the chip where the flasher finds it, or take it away."""
        if answers and self._resting.exists():
            self._repair(self._resting)
            self._resting.replace(self._at_header)
        elif not answers and self._resting.exists():
            # Left by a flashrom that wrote on after the chip was gone.
            self._at_header.unlink(missing_ok=True)
        elif not answers and self._at_header.exists():
            self._at_header.replace(self._resting)

    def boots(self) -> bool:
        """Whether a processor would find a jump at its reset vector, 16 bytes below the end."""
        path = self.path
        if not path.exists() or path.stat().st_size != self.size:
            return False
        with path.open("rb") as file:
            file.seek(-16, 2)
            vector = file.read(16).lstrip(bytes([NOP]))
        return bool(vector) and vector[0] in JUMPS

    def give_working_copy(self) -> None:
        """Copy the mapped part to where the SUT's machine has it."""
        working_copy(self.path, self._working_copy)

    def take_back(self) -> bool:
        """Write what the SUT changed to the chip; True if there was something."""
        if not self._working_copy.exists():
            return False
        changed = write_back(self._working_copy, self.path)
        self._working_copy.unlink()
        return changed

    def _repair(self, path: Path) -> None:
        """A chip never has another size: what an interrupted write left out is erased (0xff)."""
        missing = self.size - path.stat().st_size
        with path.open("r+b") as file:
            if missing > 0:
                file.seek(0, 2)
                file.write(b"\xff" * missing)
            elif missing < 0:
                file.truncate(self.size)
