# SPDX-License-Identifier: GPL-3.0-or-later
"""Video timings: how many pixels and lines of picture, blanking and sync, and the pixel clock.

Sources: VESA DMT 1.0 rev. 13 (the table); VESA CVT 1.2, sections 3.4 (formulas), 5.4 and 5.5 (constants);
VESA E-EDID A2, section 3.10.2 (detailed timing descriptor, 18 bytes).
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Literal, get_args

from ansible_collections.hwlab.sut.plugins.plugin_utils.errors import ConfigurationError

TimingKind = Literal["dmt", "cvt", "cvt-rb"]


@dataclass(frozen=True, slots=True)
class Timing:
    """A progressive timing; pixels horizontally, lines vertically, the clock in kHz.

    `front`, `sync` and `back` are front porch, sync width and back porch; polarities are true when positive.
    """

    pixel_clock_khz: int
    width: int
    h_front: int
    h_sync: int
    h_back: int
    height: int
    v_front: int
    v_sync: int
    v_back: int
    h_positive: bool
    v_positive: bool

    @property
    def h_blank(self) -> int:
        """Pixels per line that are not picture."""
        return self.h_front + self.h_sync + self.h_back

    @property
    def v_blank(self) -> int:
        """Lines per frame that are not picture."""
        return self.v_front + self.v_sync + self.v_back

    @property
    def refresh_hz(self) -> float:
        """Frames per second."""
        return self.pixel_clock_khz * 1000 / ((self.width + self.h_blank) * (self.height + self.v_blank))

    @property
    def line_khz(self) -> float:
        """Lines per millisecond."""
        return self.pixel_clock_khz / (self.width + self.h_blank)

    @property
    def v4l2_options(self) -> str:
        """As `v4l2-ctl --set-dv-bt-timings` takes it; polarities as in linux/v4l2-dv-timings.h."""
        return (
            f"width={self.width},height={self.height},interlaced=0,"
            f"polarities={self.v_positive | self.h_positive << 1},pixelclock={self.pixel_clock_khz * 1000},"
            f"hfp={self.h_front},hs={self.h_sync},hbp={self.h_back},"
            f"vfp={self.v_front},vs={self.v_sync},vbp={self.v_back}"
        )

    def descriptor(self, width_mm: int, height_mm: int) -> bytes:
        """The 18 bytes of a detailed timing descriptor for a picture of that size in millimetres."""
        h, v = self.h_blank, self.v_blank
        return (self.pixel_clock_khz // 10).to_bytes(2, "little") + bytes(
            (
                self.width & 255,
                h & 255,
                self.width >> 8 << 4 | h >> 8,
                self.height & 255,
                v & 255,
                self.height >> 8 << 4 | v >> 8,
                self.h_front & 255,
                self.h_sync & 255,
                (self.v_front & 15) << 4 | self.v_sync & 15,
                self.h_front >> 8 << 6 | self.h_sync >> 8 << 4 | self.v_front >> 4 << 2 | self.v_sync >> 4,
                width_mm & 255,
                height_mm & 255,
                width_mm >> 8 << 4 | height_mm >> 8,
                0,
                0,
                0x18 | self.v_positive << 2 | self.h_positive << 1,
            )
        )


def timing_of(descriptor: bytes) -> Timing | None:
    """The timing of an 18 byte descriptor; None when it describes something else (its clock is 0)."""
    d = descriptor
    if len(d) != 18 or d[:2] == b"\0\0":
        return None
    width, h_blank = d[2] | d[4] >> 4 << 8, d[3] | (d[4] & 15) << 8
    height, v_blank = d[5] | d[7] >> 4 << 8, d[6] | (d[7] & 15) << 8
    h_front, h_sync = d[8] | d[11] >> 6 << 8, d[9] | (d[11] >> 4 & 3) << 8
    v_front, v_sync = d[10] >> 4 | (d[11] >> 2 & 3) << 4, d[10] & 15 | (d[11] & 3) << 4
    return Timing(
        pixel_clock_khz=int.from_bytes(d[:2], "little") * 10,
        width=width,
        h_front=h_front,
        h_sync=h_sync,
        h_back=h_blank - h_front - h_sync,
        height=height,
        v_front=v_front,
        v_sync=v_sync,
        v_back=v_blank - v_front - v_sync,
        h_positive=bool(d[17] & 2),
        v_positive=bool(d[17] & 4),
    )


#: VESA DMT timings at 60 Hz.
_DMT = (
    Timing(25175, 640, 16, 96, 48, 480, 10, 2, 33, False, False),
    Timing(40000, 800, 40, 128, 88, 600, 1, 4, 23, True, True),
    Timing(65000, 1024, 24, 136, 160, 768, 3, 6, 29, False, False),
    Timing(74250, 1280, 110, 40, 220, 720, 5, 5, 20, True, True),
    Timing(83500, 1280, 72, 128, 200, 800, 3, 6, 22, False, True),
    Timing(108000, 1280, 96, 112, 312, 960, 1, 3, 36, True, True),
    Timing(108000, 1280, 48, 112, 248, 1024, 1, 3, 38, True, True),
    Timing(162000, 1600, 64, 192, 304, 1200, 1, 3, 46, True, True),
    Timing(148500, 1920, 88, 44, 148, 1080, 4, 5, 36, True, True),
)

#: CVT's vertical sync width tells the aspect ratio; any other ratio gets 10.
_CVT_SYNC = {
    Fraction(4, 3): 4,
    Fraction(16, 9): 5,
    Fraction(16, 10): 6,
    Fraction(5, 4): 7,
    Fraction(15, 9): 7,
}


def timing_for(width: int, height: int, kind: TimingKind = "dmt") -> Timing:
    """The timing for a picture of `width` x `height` pixels at 60 Hz.

    Raises ConfigurationError for a size or kind that does not exist.
    """
    if kind not in get_args(TimingKind):
        raise ConfigurationError(f"unknown timing {kind}; known are {', '.join(get_args(TimingKind))}")
    if kind == "dmt":
        for timing in _DMT:
            if (timing.width, timing.height) == (width, height):
                return timing
        sizes = ", ".join(f"{timing.width}x{timing.height}" for timing in _DMT)
        raise ConfigurationError(
            f"no DMT timing of {width}x{height} at 60 Hz; there are {sizes}, or take cvt"
        )
    if not (width % 8 == 0 and 64 <= width <= 4088 and 48 <= height <= 4095):
        raise ConfigurationError(
            f"no CVT timing of {width}x{height}: the width must be a multiple of 8 from 64 to 4088, "
            "the height from 48 to 4095"
        )
    timing = _cvt_reduced(width, height) if kind == "cvt-rb" else _cvt(width, height)
    if timing.pixel_clock_khz > 655_350:
        raise ConfigurationError(f"{width}x{height} at 60 Hz needs more than the 655.35 MHz an EDID can name")
    return timing


def _cvt(width: int, height: int) -> Timing:
    sync = _CVT_SYNC.get(Fraction(width, height), 10)
    line_us = (Fraction(1_000_000, 60) - 550) / (height + 3)
    sync_and_back = max(int(Fraction(550) / line_us) + 1, sync + 6)
    duty = max(Fraction(20), 30 - Fraction(300) * line_us / 1000)
    blank = int(width * duty / (100 - duty) / 16) * 16
    total = width + blank
    h_sync = int(Fraction(8, 100) * total / 8) * 8
    h_back = blank // 2
    clock = int(total / line_us / Fraction(1, 4)) * 250
    return Timing(
        clock,
        width,
        blank - h_sync - h_back,
        h_sync,
        h_back,
        height,
        3,
        sync,
        sync_and_back - sync,
        False,
        True,
    )


def _cvt_reduced(width: int, height: int) -> Timing:
    sync = _CVT_SYNC.get(Fraction(width, height), 10)
    line_us = (Fraction(1_000_000, 60) - 460) / height
    blank = max(int(Fraction(460) / line_us) + 1, 3 + sync + 6)
    clock = int(Fraction(60) * (height + blank) * (width + 160) / 1_000_000 / Fraction(1, 4)) * 250
    return Timing(clock, width, 48, 32, 80, height, 3, sync, blank - 3 - sync, True, False)
