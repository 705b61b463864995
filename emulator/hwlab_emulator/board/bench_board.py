# SPDX-License-Identifier: GPL-3.0-or-later
"""A bench's board, put together and served: HTTP for flasher and mains, cables to the KVM, its socket."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from aiohttp import web

from hwlab_emulator.board.chip import Chip
from hwlab_emulator.board.control import BoardError, serve
from hwlab_emulator.board.flasher_clock import keep_clock
from hwlab_emulator.board.kvm_link import KvmLink
from hwlab_emulator.board.mainboard import Mainboard
from hwlab_emulator.board.mains import MainsSwitch
from hwlab_emulator.board.picture import PicturePump
from hwlab_emulator.board.rtectrl import RteCtrl
from hwlab_emulator.board.traits import CHIPS, Traits
from hwlab_emulator.network import network_card
from hwlab_emulator.paths import BenchPaths, loopback_address
from hwlab_emulator.qmp import QmpError
from hwlab_emulator.settings import BenchSettings
from hwlab_emulator.sut.machine import firmware_file, sut_command

RTECTRL_PORT, OPEN_FIRMWARE_PORT, DIY_PORT = 8000, 8080, 8081


def traits_of(settings: BenchSettings) -> Traits:
    """The board's traits as the bench's settings want them."""
    return Traits(
        after_mains=settings.after_mains,
        flashes_in_g3=settings.flash_mains == "G3",
        chip_voltage=CHIPS[settings.chip_mib][1],
    )


class BenchBoard:
    """Everything that the board's process does."""

    def __init__(self, paths: BenchPaths, settings: BenchSettings) -> None:
        self._paths, self._settings = paths, settings
        self._link = KvmLink(paths, self._kvm_presses, self._kvm_plugged)
        self._leds = asyncio.Event()
        chip = Chip(paths.root, settings.chip_mib, firmware_file(paths))
        self.mainboard = Mainboard(paths, chip, traits_of(settings), self._command, self._leds.set)
        self.pump = PicturePump(self.mainboard.sut, self._link, lambda: self.mainboard.shows_picture)
        self._runners: list[web.AppRunner] = []

    def _command(self) -> list[str]:
        network = network_card(self._paths, "sut", "e1000e", ",romfile=")
        return sut_command(self._paths, self._link.screen(), network=network)

    def _kvm_presses(self, button: str, seconds: float) -> None:
        self.mainboard.press_for(button, "kvm", seconds)

    def _kvm_plugged(self) -> None:
        self.pump.cable_is_new()

    async def run(self) -> None:
        """Serve until cancelled."""
        index, board = self._settings.index, self.mainboard
        mains = MainsSwitch(lambda: board.model.mains, board.set_mains, self._settings.diy_protocol)
        flasher, address = loopback_address(index, "flasher"), loopback_address(index, "mains")
        await self._serve(RteCtrl(board.lines).application(), flasher, RTECTRL_PORT)
        await self._serve(mains.open_firmware(), address, OPEN_FIRMWARE_PORT)
        await self._serve(mains.maker_firmware(), address, DIY_PORT)
        control = await serve(self._paths.socket("board"), self._methods())
        try:
            cables = (self.pump.run(), self._link.run(), keep_clock(self._paths))
            await asyncio.gather(board.run(), *cables, self._follow_leds())
        finally:
            control.close()
            self._paths.socket("board").unlink(missing_ok=True)
            for runner in self._runners:
                await runner.cleanup()

    async def _serve(self, application: web.Application, address: str, port: int) -> None:
        runner = web.AppRunner(application, access_log=None)
        await runner.setup()
        self._runners.append(runner)
        await web.TCPSite(runner, address, port).start()

    async def _follow_leds(self) -> None:
        shown = None
        while True:
            await self._leds.wait()
            self._leds.clear()
            leds = (self.mainboard.led, False)
            if leds != shown:
                await self._link.set_leds(*leds)
                shown = leds

    def _methods(self) -> dict[str, Any]:
        return {
            "status": self._status,
            "screenshot": self._screenshot,
            "press": self._press,
            "mains": self._mains,
            "fault": self._fault,
        }

    async def _status(self) -> dict[str, Any]:
        board, model = self.mainboard, self.mainboard.model
        return {
            "mains": model.mains,
            "powered": model.powered,
            "led": board.led,
            "guest": model.guest.value,
            "chip": "at the flasher" if board.chip.path.parent.name == "spi" else "on the board",
            "kvm": self._link.connected,
            "edid": self._link.sink_is_known(),
            "picture": self.pump.size,
            "frames": self.pump.frames,
            "faults": {"freeze": self.pump.frozen, "no_signal": self.pump.cut, "led": board.led_lie},
        }

    async def _screenshot(self, file: str) -> None:
        try:
            await self.mainboard.sut.dump_screen(Path(file), "png")
        except QmpError as error:
            raise BoardError(str(error)) from error

    async def _press(self, button: str, seconds: float = 0.2) -> None:
        self.mainboard.press_for(button, "operator", seconds)

    async def _mains(self, on: bool) -> None:
        self.mainboard.set_mains(on)

    async def _fault(self, name: str, value: bool | None) -> None:
        if name == "freeze":
            self.pump.frozen = bool(value)
        elif name == "no_signal":
            self.pump.cut = bool(value)
        elif name == "led":
            self.mainboard.led_lie = value
            self.mainboard.settle()
        else:
            raise BoardError(f"no fault {name!r}: freeze, no_signal, led")
