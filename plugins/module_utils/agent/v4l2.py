# SPDX-License-Identifier: GPL-3.0-or-later
"""What the HDMI input sees: VIDIOC_QUERY_DV_TIMINGS, asked of the kernel directly since it is asked all the
time.

Structures: include/uapi/linux/videodev2.h (v4l2_dv_timings and v4l2_bt_timings are packed, so they are the
same on 32 and 64 bits). Errors: Documentation/userspace-api/media/v4l/vidioc-query-dv-timings.rst.
"""

from __future__ import annotations

import errno
import fcntl
import os
import struct
from typing import Any

from .errors import AgentError

#: struct v4l2_dv_timings: type, then a union as long as 32 words.
TIMINGS_SIZE = 132
#: _IOR('V', 99, struct v4l2_dv_timings)
VIDIOC_QUERY_DV_TIMINGS = 0x80000000 | TIMINGS_SIZE << 16 | ord("V") << 8 | 99
#: width, height, interlaced, polarities, pixelclock, then front porch, sync, back porch of h and of v
_BT_TIMINGS = struct.Struct("=IIIIIQIIIIII")

#: _IOWR('V', 8, struct v4l2_requestbuffers), 20 bytes: count, type (1: video capture), memory (1: mmap) ...
VIDIOC_REQBUFS = 0xC0000000 | 20 << 16 | ord("V") << 8 | 8
_REQUEST = struct.Struct("=IIIII")

NO_SIGNAL = {
    errno.ENOLINK: "no signal",
    errno.ENOLCK: "a signal that the input cannot lock on",
    errno.ERANGE: "a signal out of the input's range",
}


def query_timings(device: str) -> dict[str, Any]:
    """signal, width, height, fps, pixelclock (Hz); without signal: signal false and why."""
    try:
        descriptor = os.open(device, os.O_RDWR | os.O_NONBLOCK)
    except OSError as error:
        raise AgentError(f"cannot open the capture device {device} on the KVM: {error.strerror}") from error
    try:
        buffer = bytearray(TIMINGS_SIZE)
        fcntl.ioctl(descriptor, VIDIOC_QUERY_DV_TIMINGS, buffer, True)
    except OSError as error:
        if error.errno in NO_SIGNAL:
            return {"signal": False, "why": NO_SIGNAL[error.errno]}
        if error.errno == errno.ENOTTY:
            raise AgentError(
                f"{device} on the KVM has no DV timings: it is not an HDMI input with a settable EDID"
            ) from error
        raise AgentError(f"{device} on the KVM does not tell its timings: {error.strerror}") from error
    finally:
        os.close(descriptor)
    return parse_timings(bytes(buffer))


def capturing(device: str) -> bool:
    """Whether somebody captures from the device. Many may have it open, one may have buffers of it
    (Documentation/userspace-api/media/v4l/vidioc-reqbufs.rst: EBUSY)."""
    try:
        descriptor = os.open(device, os.O_RDWR | os.O_NONBLOCK)
    except OSError as error:
        return error.errno == errno.EBUSY
    try:
        for count in (1, 0):
            fcntl.ioctl(descriptor, VIDIOC_REQBUFS, bytearray(_REQUEST.pack(count, 1, 1, 0, 0)), True)
    except OSError as error:
        return error.errno == errno.EBUSY
    finally:
        os.close(descriptor)
    return False


def parse_timings(data: bytes) -> dict[str, Any]:
    """A struct v4l2_dv_timings of type BT.656/1120; fps is frames per second (fields for interlaced)."""
    (_, width, height, _, _, clock, hfp, hs, hbp, vfp, vs, vbp) = _BT_TIMINGS.unpack_from(data)
    total = (width + hfp + hs + hbp) * (height + vfp + vs + vbp)
    if not width or not height:
        return {"signal": False, "why": "no signal"}
    fps = round(clock / total, 3) if total else 0.0
    return {"signal": True, "width": width, "height": height, "fps": fps, "pixelclock": clock}
