# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading back what a switch was told: small devices answer first and act a moment later."""

from __future__ import annotations

import time
from collections.abc import Callable

_TRIES, _PAUSE_S = 6, 0.2


def follows(is_on: Callable[[], bool], wanted: bool) -> bool:
    """True once `is_on` tells `wanted`; False when it does not within a second."""
    for attempt in range(_TRIES):
        if attempt:
            time.sleep(_PAUSE_S)
        if is_on() == wanted:
            return True
    return False
