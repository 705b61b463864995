# SPDX-License-Identifier: GPL-3.0-or-later
"""Limited-range pictures in full range."""

from __future__ import annotations

import numpy as np

from ansible_collections.hwlab.sut.plugins.plugin_utils.video.levels import full_range


def test_black_and_white_become_what_the_sut_drew() -> None:
    picture = np.array([[[16, 235, 126]], [[0, 255, 16]]], np.uint8)
    assert full_range(picture).tolist() == [[[0, 255, 128]], [[0, 255, 0]]]


def test_every_level_comes_back_within_one() -> None:
    drawn = np.arange(256)
    delivered = np.round(16 + drawn * 219 / 255).astype(np.uint8).reshape(16, 16, 1)
    assert np.abs(full_range(delivered).reshape(-1).astype(int) - drawn).max() <= 1
