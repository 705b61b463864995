# SPDX-License-Identifier: GPL-3.0-or-later
"""Keyboard and tablet of the gadget that is up, and what a line does to them."""

from __future__ import annotations

import threading
from typing import Callable

from .composite import KEYBOARD, TABLET, Composite
from .device import HidDevice
from .errors import GadgetError, HostGone
from .hid import Leds, Resolution
from .keyboard import SAFE_PACE, Keyboard, Pace
from .lines import Action, MouseButton, MouseMove, Reconnect, TypeText
from .tablet import Tablet


class Controller:
    """Opens the gadget's devices, acts on them one action at a time, and lets go of every key when asked."""

    def __init__(self, composite: Composite) -> None:
        self.composite = composite
        self.lock = threading.RLock()
        self._devices: list[HidDevice] = []
        self._keyboard: Keyboard | None = None
        self._tablet: Tablet | None = None
        self._leds = Leds(False, False, False)

    def open(self, resolution: Resolution) -> None:
        """Take the devices of the gadget that has just come up."""
        with self.lock:
            self.close()
            for function in (KEYBOARD, TABLET):
                self._devices.append(HidDevice(self.composite.device(function)))
            self._keyboard = Keyboard(self._devices[0])
            self._tablet = Tablet(self._devices[1], resolution)
            self._leds = Leds(False, False, False)

    def close(self) -> None:
        with self.lock:
            for device in self._devices:
                device.close()
            self._devices = []
            self._keyboard = self._tablet = None

    def keyboard(self) -> Keyboard:
        """The keyboard; GadgetError when no gadget is up or no host has enumerated it."""
        if self._keyboard is None:
            raise GadgetError("no USB gadget with a keyboard is up; bring it up first")
        self._check_host()
        return self._keyboard

    def tablet(self) -> Tablet:
        if self._tablet is None:
            raise GadgetError("no USB gadget with a pointer is up; bring it up first")
        self._check_host()
        return self._tablet

    def perform(self, action: Action, pace: Pace = SAFE_PACE) -> None:
        """Do what a line asked for; returns when the host has fetched the last report of it."""
        with self.lock:
            if isinstance(action, Reconnect):
                self.reconnect()
            elif isinstance(action, MouseMove):
                self.tablet().move(action.x, action.y)
            elif isinstance(action, MouseButton):
                self.tablet().set_buttons(action.mask)
            elif isinstance(action, TypeText):
                self.keyboard().type_text(action.text, pace)
            else:
                self.keyboard().tap(action.chord, pace)

    def reconnect(self) -> None:
        """Unplug and plug the gadget; its devices get new nodes."""
        with self.lock:
            if self._tablet is None:
                raise GadgetError("no USB gadget is up; there is nothing to reconnect")
            resolution = self._tablet.resolution
            self.replugged(self.composite.reconnect, resolution)

    def replugged(self, action: Callable[[], None], resolution: Resolution | None = None) -> None:
        """Run an action that unbinds and binds the gadget, with the devices closed meanwhile."""
        with self.lock:
            if resolution is None and self._tablet is not None:
                resolution = self._tablet.resolution
            self.close()
            try:
                action()
            finally:
                if resolution is not None and self.composite.is_up():
                    self.open(resolution)

    def release(self) -> None:
        """All keys and buttons up, if the host can still be told."""
        with self.lock:
            for part in (self._keyboard, self._tablet):
                if part is None:
                    continue
                try:
                    part.release()
                except HostGone:
                    # A host that has lost the device has released its keys by itself.
                    continue

    def interrupt(self) -> None:
        """Stop what another thread is typing; call release() afterwards."""
        keyboard = self._keyboard
        if keyboard is not None:
            keyboard.interrupt()

    def leds(self) -> Leds:
        """The lock lights as the host last set them; dark until it has said something."""
        with self.lock:
            if self._devices:
                report = self._devices[0].read_output()
                if report:
                    self._leds = Leds.from_report(report)
            return self._leds

    def _check_host(self) -> None:
        state = self.composite.wait_configured(0)
        if state != "configured":
            raise HostGone(
                f"the SUT has not enumerated the USB gadget (UDC state '{state}'): it is off, still "
                f"starting, or the "
                "USB cable is not in it"
            )
