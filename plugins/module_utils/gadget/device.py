# SPDX-License-Identifier: GPL-3.0-or-later
"""A HID function's character device, written no faster than the host polls it.

The kernel's f_hid queues one report: the device becomes writable again when the host has fetched it
(drivers/usb/gadget/function/f_hid.c, f_hidg_write and f_hidg_poll). So waiting for POLLOUT after a write is
the host's acknowledgement.
"""

from __future__ import annotations

import errno
import os
import select
import time
from typing import Protocol

from .errors import GadgetError, HostGone

#: How long a host may leave a report unfetched, in seconds. Firmware pauses its polling while it loads
#: things.
HOST_PATIENCE = 8.0


class Reporter(Protocol):
    """What Keyboard and Tablet need of a device."""

    def send(self, report: bytes) -> None:
        """Hand over one report and return when the host has fetched it; HostGone when it does not."""


class HidDevice:
    """One /dev/hidgN."""

    def __init__(self, path: str, patience: float = HOST_PATIENCE) -> None:
        self.path = path
        self.patience = patience
        try:
            self._fd = os.open(path, os.O_RDWR | os.O_NONBLOCK)
        except OSError as error:
            raise GadgetError(f"cannot open {path}: {error.strerror}; is the gadget bound?") from error

    def send(self, report: bytes) -> None:
        deadline = time.monotonic() + self.patience
        self._wait_writable(deadline)
        try:
            os.write(self._fd, report)
        except OSError as error:
            raise HostGone(
                f"the SUT did not take a report ({_name(error)} on {self.path}): it is off, or has not "
                "enumerated the USB gadget yet"
            ) from error
        self._wait_writable(deadline)

    def read_output(self) -> bytes | None:
        """The newest output report that the host has sent since the last call, or None."""
        newest: bytes | None = None
        poll = select.poll()
        poll.register(self._fd, select.POLLIN)
        while any(events & select.POLLIN for _, events in poll.poll(0)):
            try:
                data = os.read(self._fd, 64)
            except OSError:
                break
            if not data or data == newest:
                break
            newest = data
        return newest

    def close(self) -> None:
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1

    def _wait_writable(self, deadline: float) -> None:
        poll = select.poll()
        poll.register(self._fd, select.POLLOUT)
        left = max(0.0, deadline - time.monotonic())
        for _, events in poll.poll(left * 1000):
            if events & select.POLLOUT:
                return
            raise HostGone(f"the USB gadget's device {self.path} is gone")
        raise HostGone(
            f"the SUT has not polled {self.path} for {self.patience:g} s: it is off, suspended, or its "
            f"firmware "
            "does not use this device"
        )


def _name(error: OSError) -> str:
    return errno.errorcode.get(error.errno or 0, str(error.errno))
