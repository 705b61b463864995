# SPDX-License-Identifier: GPL-3.0-or-later
"""Frames as the KVM's capture chip delivers them."""

from __future__ import annotations

import numpy as np
import pytest

from hwlab_emulator.kvm.picture import SIZES, encode, fit

#: Colour bars of 100 % in 8 bits, R'G'B' -> Y', Cb, Cr, as tables of ITU-R BT.601 have them.
BARS = {
    (255, 255, 255): (235, 128, 128),
    (255, 255, 0): (210, 16, 146),
    (0, 255, 255): (170, 166, 16),
    (0, 255, 0): (145, 54, 34),
    (255, 0, 255): (106, 202, 222),
    (255, 0, 0): (81, 90, 240),
    (0, 0, 255): (41, 240, 110),
    (0, 0, 0): (16, 128, 128),
}


@pytest.mark.parametrize(("rgb", "ycc"), BARS.items())
def test_uyvy_has_the_bars_of_bt601(rgb: tuple[int, int, int], ycc: tuple[int, int, int]) -> None:
    frame = np.broadcast_to(np.array(rgb, np.uint8), (2, 4, 3)).copy()
    data = encode(frame, "UYVY").reshape(2, 2, 4).astype(int)
    luma, blue, red = ycc
    assert np.abs(data - [blue, luma, red, luma]).max() <= 1


def test_rgb3_is_the_frame_itself() -> None:
    frame = np.arange(24, dtype=np.uint8).reshape(2, 4, 3)
    assert encode(frame, "RGB3").tobytes() == frame.tobytes()


def test_another_format_is_refused() -> None:
    with pytest.raises(ValueError, match="NV12"):
        encode(np.zeros((2, 2, 3), np.uint8), "NV12")


def test_a_size_with_timings_is_left_alone() -> None:
    frame = np.zeros((768, 1024, 3), np.uint8)
    assert fit(frame) is frame


def test_another_size_is_framed_in_black() -> None:
    framed = fit(np.full((700, 1000, 3), 200, np.uint8))
    assert framed.shape == (768, 1024, 3)
    assert (framed[34:734, 12:1012] == 200).all()
    assert int(framed.astype(int).sum()) == 700 * 1000 * 3 * 200


def test_what_is_larger_than_all_timings_is_refused() -> None:
    with pytest.raises(ValueError, match="2560x1440"):
        fit(np.zeros((1440, 2560, 3), np.uint8))


def test_every_size_fits_the_shared_memory() -> None:
    from hwlab_emulator.kvm.machine import PIXELS_MIB

    assert max(width * height for width, height in SIZES) * 3 <= PIXELS_MIB << 20
