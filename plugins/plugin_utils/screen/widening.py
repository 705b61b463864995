# SPDX-License-Identifier: GPL-3.0-or-later
"""How far a wait searches around the stored positions, over its time.

As in os-autoinst, `check_asserted_screen` in backend/baseclass.pm (commit a490955b): a little more than the
margin, and the whole screen in every fifth second and after the deadline.
"""

from __future__ import annotations

import math

#: Search ratio of an ordinary look; turns the default margin of 50 pixels into 69.
NEAR = 0.02
#: Search ratio that covers a screen of up to 1024 pixels.
EVERYWHERE = 1.0
#: A whole screen search comes when the full seconds that remain are a multiple of this.
EVERY_SECONDS = 5


def search_ratio(seconds_left: float) -> float:
    """The ratio for a look `seconds_left` before the deadline (negative: after it)."""
    if seconds_left < 0 or math.floor(seconds_left) % EVERY_SECONDS == 0:
        return EVERYWHERE
    return NEAR


def search_again(unchanged: bool, seconds_left: float, searched_ratio: float | None) -> bool:
    """Whether a look can see anything new.

    False when the picture is `unchanged` since one that was searched with `searched_ratio`, at least as
    widely as this look would, and the deadline is not over.
    """
    if not unchanged or searched_ratio is None or seconds_left < 0:
        return True
    return searched_ratio < search_ratio(seconds_left)
