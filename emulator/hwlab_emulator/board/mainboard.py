# SPDX-License-Identifier: GPL-3.0-or-later
"""The board at work: the model driven by real time, its effects on the SUT's machine and on the chip."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from contextlib import suppress

from hwlab_emulator.board import lines
from hwlab_emulator.board.chip import Chip
from hwlab_emulator.board.lines import Lines
from hwlab_emulator.board.model import Board, Effect, Guest
from hwlab_emulator.board.sut import Sut
from hwlab_emulator.board.traits import Traits
from hwlab_emulator.paths import BenchPaths
from hwlab_emulator.qmp import QmpError

_log = logging.getLogger(__name__)


class Mainboard:
    """Model, chip, flasher's lines and the SUT's machine, joined."""

    def __init__(
        self,
        paths: BenchPaths,
        chip: Chip,
        traits: Traits,
        command: Callable[[], Sequence[str]],
        on_leds: Callable[[], None],
    ) -> None:
        """`command` gives the SUT's QEMU at each power on; `on_leds` hears when an LED may have changed."""
        self.chip = chip
        self.model = Board(traits, self._effect, chip.boots)
        self.lines = Lines(self._line_changed, lambda: self.led)
        self.sut = Sut(paths, self._sut_ended)
        self.led_lie: bool | None = None
        """Fault: what the power LED shows instead of the truth."""
        self._command, self._on_leds = command, on_leds
        self._effects: asyncio.Queue[Effect] = asyncio.Queue()
        self._touched = asyncio.Event()
        self.settle()

    @property
    def led(self) -> bool:
        """The power LED as it shines."""
        return self.model.led if self.led_lie is None else self.led_lie

    @property
    def shows_picture(self) -> bool:
        """Whether the board would send a picture."""
        return self.model.powered and self.model.guest is Guest.RUNNING

    def set_mains(self, on: bool) -> None:
        """Switch the mains."""
        _log.info("mains %s", "on" if on else "off")
        self.model.set_mains(on, time.monotonic())
        self.settle()

    def press(self, button: str, holder: str, pressed: bool) -> None:
        """`holder` presses or releases `button`."""
        _log.info("%s %s %s", holder, "presses" if pressed else "releases", button)
        act = self.model.press if pressed else self.model.release
        act(button, holder, time.monotonic())
        self.settle()

    def press_for(self, button: str, holder: str, seconds: float) -> None:
        """A press of a known length."""
        self.press(button, holder, True)
        asyncio.get_running_loop().call_later(seconds, self.press, button, holder, False)

    def settle(self) -> None:
        """Bring what follows from the model's state in line with it."""
        self.chip.show_to_flasher(self.model.chip_answers(time.monotonic()))
        self._on_leds()
        self._touched.set()

    def _line_changed(self, number: int, state: bool) -> None:
        self.model.advance(time.monotonic())
        if number == lines.SPI_LINES:
            self.model.spi_lines = state
        elif number == lines.SPI_VCC:
            self.model.spi_vcc = state
        elif number == lines.SPI_VOLTAGE:
            self.model.spi_low_voltage = state
        elif number == lines.POWER:
            self.press("power", "flasher", state)
        elif number == lines.RESET:
            self.press("reset", "flasher", state)
        self.settle()

    def _effect(self, effect: Effect) -> None:
        self._effects.put_nowait(effect)

    def _sut_ended(self) -> None:
        _log.info("the SUT switched itself off")
        self.model.advance(time.monotonic())
        self.model.guest_ended()
        self._effect(Effect.END)
        self.settle()

    async def run(self) -> None:
        """Follow time and effects until cancelled; then the power is cut."""
        # What a killed predecessor left: the chip has what was written to it, whatever ended.
        await self._end()
        following = asyncio.create_task(self._follow_time())
        try:
            while True:
                effect = await self._effects.get()
                _log.info("SUT: %s", effect.value)
                with suppress(QmpError):
                    await self._do(effect)
        finally:
            following.cancel()
            await self._end()

    async def _follow_time(self) -> None:
        while True:
            self._touched.clear()
            now = time.monotonic()
            deadline = self.model.next_deadline(now)
            with suppress(TimeoutError):
                await asyncio.wait_for(
                    self._touched.wait(), None if deadline is None else max(0.0, deadline - now)
                )
            self.model.advance(time.monotonic())
            self.settle()

    async def _do(self, effect: Effect) -> None:
        if effect is Effect.START:
            await self._start()
        elif effect is Effect.END:
            await self._end()
        elif effect is Effect.RESET:
            await self.sut.reset()
        elif not await self.sut.power_button():
            # No operating system listens: the firmware switches off, as its handler of the button does.
            _log.info("no operating system listens to the power button")
            self.model.guest_ended()
            await self._end()
            self.settle()

    async def _start(self) -> None:
        await self._end()
        self.chip.give_working_copy()
        try:
            await self.sut.start(self._command())
        except QmpError as error:
            _log.error("%s", error)
            await self._end()
            self.model.guest = Guest.DEAD

    async def _end(self) -> None:
        await self.sut.end()
        if self.chip.take_back():
            _log.info("the firmware's variables went to the chip")
