# SPDX-License-Identifier: GPL-3.0-or-later
"""The machine on the board: its QEMU, started at power on and ended at power off."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from hwlab_emulator.paths import BenchPaths
from hwlab_emulator.processes import remember
from hwlab_emulator.qmp import Qmp, QmpError

#: PM1a_EN of the ICH9 where OVMF places its power management registers (ICH9_PMBASE_VALUE 0x600); bit 8 is
#: PWRBTN_EN: an operating system wants to hear of the power button (ACPI specification 6.5, 4.8.3.1.2).
PM1_ENABLE = 0x602
POWER_BUTTON_ENABLED = 1 << 8


class Sut:
    """One machine at a time. `on_end` is called when it ended by itself."""

    def __init__(self, paths: BenchPaths, on_end: Callable[[], None]) -> None:
        self._qmp_socket, self._log = paths.socket("sut-qmp"), paths.logs / "sut.log"
        self._pid_file, self._on_end = paths.pid_file("sut"), on_end
        self._process: asyncio.subprocess.Process | None = None
        self._watcher: asyncio.Task[None] | None = None
        self._qmp: Qmp | None = None
        self.unlit: bytes | None = None
        """What QEMU shows (a PPM) before the graphics card has a picture: a monitor would see no signal."""

    @property
    def pid(self) -> int | None:
        """The running QEMU's pid."""
        return self._process.pid if self._process is not None else None

    @property
    def running(self) -> bool:
        """Whether a machine runs and can be asked."""
        return self._qmp is not None

    async def start(self, command: Sequence[str]) -> None:
        """Start QEMU; raises QmpError when it does not come up, with the log's last line."""
        self._qmp_socket.unlink(missing_ok=True)
        with self._log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *command, "-S", stdin=asyncio.subprocess.DEVNULL, stdout=log, stderr=log
            )
        remember(self._process.pid, self._pid_file)
        self._watcher = asyncio.create_task(self._watch(self._process))
        qmp = Qmp()
        connecting = asyncio.create_task(qmp.connect(self._qmp_socket, 20.0))
        await asyncio.wait([connecting, self._watcher], return_when=asyncio.FIRST_COMPLETED)
        if not connecting.done():
            connecting.cancel()
            lines = self._log.read_text(errors="replace").splitlines()
            raise QmpError(f"the SUT's QEMU did not start: {lines[-1] if lines else 'it said nothing'}")
        await connecting
        picture = self._qmp_socket.with_name("unlit.ppm")
        await qmp.execute("screendump", filename=str(picture))
        self.unlit = picture.read_bytes()
        picture.unlink()
        await qmp.execute("cont")
        self._qmp = qmp

    async def _watch(self, process: asyncio.subprocess.Process) -> None:
        await process.wait()
        if self._process is process and self._qmp is not None:
            await self._forget()
            self._on_end()

    async def end(self) -> None:
        """Cut the power: the machine is gone at once."""
        process, self._process = self._process, None
        if process is not None:
            if process.returncode is None:
                process.kill()
            await process.wait()
        await self._forget()

    async def _forget(self) -> None:
        qmp, self._qmp, self._process = self._qmp, None, None
        self._pid_file.unlink(missing_ok=True)
        if qmp is not None:
            await qmp.close()

    async def ask(self, command: str, **arguments: Any) -> Any:
        """Run a QMP command; raises QmpError when no machine runs."""
        if self._qmp is None:
            raise QmpError("the SUT is off")
        return await self._qmp.execute(command, **arguments)

    async def reset(self) -> None:
        """Pull the reset line."""
        await self.ask("system_reset")

    async def power_button(self) -> bool:
        """Press shortly. False when nobody in the machine listens, so that its firmware decides."""
        status = await self.ask("query-status")
        if status["status"] == "suspended":
            await self.ask("system_wakeup")
            return True
        if not await self._system_listens():
            return False
        await self.ask("system_powerdown")
        return True

    async def _system_listens(self) -> bool:
        text = await self.ask("human-monitor-command", command_line=f"i /hx {PM1_ENABLE:#x}")
        match = re.search(r"= *0x([0-9a-f]+)", text)
        return match is not None and bool(int(match[1], 16) & POWER_BUTTON_ENABLED)

    async def dump_screen(self, target: Path, kind: str = "ppm") -> None:
        """Write the picture, as ppm or png."""
        await self.ask("screendump", filename=str(target), format=kind)
