# SPDX-License-Identifier: GPL-3.0-or-later
"""A USB device through Linux's usbfs: asynchronous transfers, configurations, resets.

Source: the kernel's include/uapi/linux/usbdevice_fs.h and Documentation/driver-api/usb/usb.rst.
"""

from __future__ import annotations

import ctypes
import errno
import os
from pathlib import Path


class UrbStruct(ctypes.Structure):
    """struct usbdevfs_urb without isochronous packets."""

    _fields_ = [
        ("type", ctypes.c_ubyte),
        ("endpoint", ctypes.c_ubyte),
        ("status", ctypes.c_int),
        ("flags", ctypes.c_uint),
        ("buffer", ctypes.c_void_p),
        ("buffer_length", ctypes.c_int),
        ("actual_length", ctypes.c_int),
        ("start_frame", ctypes.c_int),
        ("stream_id", ctypes.c_uint),
        ("error_count", ctypes.c_int),
        ("signr", ctypes.c_uint),
        ("usercontext", ctypes.c_void_p),
    ]


class _SetInterface(ctypes.Structure):
    _fields_ = [("interface", ctypes.c_uint), ("altsetting", ctypes.c_uint)]


class _DisconnectClaim(ctypes.Structure):
    _fields_ = [("interface", ctypes.c_uint), ("flags", ctypes.c_uint), ("driver", ctypes.c_char * 256)]


def _code(direction: int, number: int, size: int) -> int:
    """_IOC() of the kernel's asm-generic/ioctl.h for the type 'U'."""
    return direction << 30 | size << 16 | ord("U") << 8 | number


_NONE, _WRITE, _READ = 0, 1, 2
_POINTER = ctypes.sizeof(ctypes.c_void_p)
_INT = ctypes.sizeof(ctypes.c_uint)
SETINTERFACE = _code(_READ, 4, ctypes.sizeof(_SetInterface))
SETCONFIGURATION = _code(_READ, 5, _INT)
SUBMITURB = _code(_READ, 10, ctypes.sizeof(UrbStruct))
DISCARDURB = _code(_NONE, 11, 0)
REAPURBNDELAY = _code(_WRITE, 13, _POINTER)
RELEASEINTERFACE = _code(_READ, 16, _INT)
RESET = _code(_NONE, 20, 0)
DISCONNECT_CLAIM = _code(_READ, 27, ctypes.sizeof(_DisconnectClaim))

_libc = ctypes.CDLL(None, use_errno=True)
_libc.ioctl.argtypes = (ctypes.c_int, ctypes.c_ulong, ctypes.c_void_p)


def _ioctl(fd: int, code: int, argument: int | None = None) -> None:
    """ioctl() by address: the kernel writes into a URB after the call, where fcntl would hand it a copy."""
    if _libc.ioctl(fd, code, argument) < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def _ioctl_struct(fd: int, code: int, argument: ctypes.Structure | ctypes.c_uint) -> None:
    _ioctl(fd, code, ctypes.addressof(argument))


URB_INTERRUPT = 1
URB_CONTROL = 2
URB_BULK = 3


class Urb:
    """One transfer and its memory. `tag` is the caller's: what the transfer is for."""

    __slots__ = ("address", "data", "struct", "tag", "_pin")

    def __init__(self, capacity: int) -> None:
        self.data = bytearray(capacity)
        self.struct = UrbStruct()
        self.address = ctypes.addressof(self.struct)
        self._pin = (ctypes.c_char * capacity).from_buffer(self.data)
        self.struct.buffer = ctypes.addressof(self._pin)
        self.tag: object = None

    def prepare(self, kind: int, endpoint: int, length: int, tag: object) -> None:
        """Set the transfer up: type, endpoint address, bytes to move (setup packet included)."""
        urb = self.struct
        urb.type, urb.endpoint, urb.status, urb.flags = kind, endpoint, 0, 0
        urb.buffer_length, urb.actual_length = length, 0
        self.tag = tag


class UsbDevice:
    """One opened device node. Methods raise OSError as the kernel does (ENODEV: it is gone)."""

    def __init__(self, node: Path) -> None:
        self.fd = os.open(node, os.O_RDWR | os.O_CLOEXEC | os.O_NONBLOCK)
        self._flying: dict[int, Urb] = {}
        self._claimed: set[int] = set()

    def close(self) -> None:
        """Close the node; the kernel ends what is under way."""
        os.close(self.fd)
        self._flying.clear()

    @property
    def flying(self) -> list[Urb]:
        """Transfers that were submitted and not yet reaped."""
        return list(self._flying.values())

    def submit(self, urb: Urb) -> None:
        _ioctl(self.fd, SUBMITURB, urb.address)
        self._flying[urb.address] = urb

    def discard(self, urb: Urb) -> None:
        """Cancel a transfer; it is still to be reaped. One that is complete already stays complete."""
        try:
            _ioctl(self.fd, DISCARDURB, urb.address)
        except OSError as error:
            if error.errno not in (errno.EINVAL, errno.ENODEV):
                raise

    def reap(self) -> Urb | None:
        """A finished transfer, or None. Raises OSError(ENODEV) once the device is gone."""
        pointer = ctypes.c_void_p()
        try:
            _ioctl(self.fd, REAPURBNDELAY, ctypes.addressof(pointer))
        except BlockingIOError:
            return None
        return self._flying.pop(pointer.value or 0)

    def claim(self, interfaces: list[int]) -> None:
        """Claim interfaces, taking them from a kernel driver if one has them."""
        for number in interfaces:
            _ioctl_struct(self.fd, DISCONNECT_CLAIM, _DisconnectClaim(interface=number))
            self._claimed.add(number)

    def release(self) -> None:
        """Give all interfaces back: neither a reset nor another configuration works while they are held."""
        for number in sorted(self._claimed):
            try:
                _ioctl_struct(self.fd, RELEASEINTERFACE, ctypes.c_uint(number))
            except OSError as error:
                if error.errno not in (errno.EINVAL, errno.ENODEV):
                    raise
        self._claimed.clear()

    def set_configuration(self, value: int) -> None:
        """Choose a configuration; 0 leaves the device without one, as before a host has found it."""
        _ioctl_struct(self.fd, SETCONFIGURATION, ctypes.c_uint(value))

    def set_interface(self, number: int, alternate: int) -> None:
        choice = _SetInterface(interface=number, altsetting=alternate)
        _ioctl_struct(self.fd, SETINTERFACE, choice)

    def reset(self) -> None:
        _ioctl(self.fd, RESET)
