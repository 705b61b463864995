# SPDX-License-Identifier: GPL-3.0-or-later
"""What runs between the board and the KVM: the HDMI cable and the wires of the ATX header, kept plugged in
while the KVM comes and goes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress

import numpy as np
from numpy.typing import NDArray

from hwlab_emulator.kvm.hdmi import HdmiCable
from hwlab_emulator.kvm.wires import KvmWires
from hwlab_emulator.paths import BenchPaths
from hwlab_emulator.sut.machine import Screen

RETRY_S = 0.2
#: The KVM's clock is set again now and then: its machine may have been restarted or resumed.
CLOCK_EVERY_S = 600.0


class KvmLink:
    """Both cables of one bench. Nothing is raised for a KVM that is off: what is sent then is lost."""

    def __init__(
        self, paths: BenchPaths, on_press: Callable[[str, float], None], on_plugged: Callable[[], None]
    ) -> None:
        """`on_plugged` is called when the HDMI cable found a KVM (again)."""
        self._paths, self._on_plugged = paths, on_plugged
        self._cable = HdmiCable()
        self._wires = KvmWires(on_press)
        self._leds = (False, False)
        self._wires_ready = False

    @property
    def connected(self) -> bool:
        """Whether the KVM's machine is there."""
        return self._cable.connected

    def screen(self) -> Screen | None:
        """The mode that the KVM's EDID asks for; None when it announces none, and the card chooses."""
        size = self._cable.preferred_size()
        return None if size is None else Screen(*size)

    def sink_is_known(self) -> bool:
        """Whether the KVM announces an EDID."""
        return self._cable.edid is not None

    async def send(self, rgb: NDArray[np.uint8]) -> bool:
        """Show a frame."""
        return await self._cable.send(rgb)

    async def no_signal(self) -> bool:
        """End the signal."""
        return await self._cable.no_signal()

    async def set_leds(self, power: bool, hdd: bool) -> None:
        """Light the LEDs at the KVM's ATX header."""
        self._leds = (power, hdd)
        if self._wires_ready:
            try:
                await self._wires.set_leds(power, hdd)
            except OSError:
                self._wires_ready = False

    async def run(self) -> None:
        """Keep both plugged in until cancelled."""
        try:
            await asyncio.gather(self._keep_cable(), self._keep_wires())
        finally:
            await self._cable.close()
            await self._wires.close()

    async def _keep_cable(self) -> None:
        while True:
            if not self._cable.connected:
                with suppress(OSError):
                    await self._cable.connect(self._paths.socket("kvm-hdmi"))
                    self._on_plugged()
            await asyncio.sleep(RETRY_S)

    async def _keep_wires(self) -> None:
        loop = asyncio.get_running_loop()
        clock_due = 0.0
        while True:
            try:
                if not self._wires_ready:
                    await self._wires.close()
                    await self._wires.connect(self._paths.socket("kvm-wires"))
                    clock_due = 0.0
                if loop.time() >= clock_due:
                    await self._wires.set_clock()
                    clock_due = loop.time() + CLOCK_EVERY_S
                if not self._wires_ready:
                    self._wires_ready = True
                    await self._wires.set_leds(*self._leds)
            except OSError:
                self._wires_ready = False
            await asyncio.sleep(RETRY_S)
