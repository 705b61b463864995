# SPDX-License-Identifier: GPL-3.0-or-later
"""mouse: pointer position and buttons of the SUT, through the tablet of the USB gadget."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from ansible_collections.hwlab.sut.plugins.plugin_utils.bench.config_reader import Reader
from ansible_collections.hwlab.sut.plugins.plugin_utils.bench.session import Session
from ansible_collections.hwlab.sut.plugins.plugin_utils.errors import ConfigurationError

#: Bits of a HID report's button byte (HID Usage Tables 1.5, page 0x09: primary, secondary, tertiary).
BUTTONS = {"left": 1, "right": 2, "middle": 4}
#: Between moving and pressing, so that the SUT highlights what is pointed at; and how long a press lasts.
_SETTLE, _HOLD = 0.1, 0.12


async def mouse(session: Session, params: Reader, progress: Callable[[str], None]) -> dict[str, Any]:
    """Move, and click when asked to."""
    x, y = params.integer("x", None, 0), params.integer("y", None, 0)
    button = params.choice("click", ("none", *BUTTONS), "none")
    double, buttons = params.flag("double", False), params.integer("buttons", None, 0, 7)
    params.done()
    if (x is None) != (y is None):
        raise ConfigurationError("mouse: x and y belong together: give both or none")
    if double and button == "none":
        raise ConfigurationError("mouse: double needs click: left, middle or right")
    if x is not None and y is not None:
        await session.agent("input.mouse", {"x": x, "y": y})
    if button != "none":
        await _press(session, button)
        if double:
            await _press(session, button)
    if buttons is not None:
        await session.agent("input.mouse", {"buttons": buttons})
    return {"changed": True, "x": x, "y": y}


async def click(session: Session, x: int, y: int, button: str) -> list[int]:
    """Click at a place of the picture."""
    await session.agent("input.mouse", {"x": x, "y": y})
    await asyncio.sleep(_SETTLE)
    await _press(session, button)
    return [x, y]


async def _press(session: Session, button: str) -> None:
    await session.agent("input.mouse", {"buttons": BUTTONS[button]})
    await asyncio.sleep(_HOLD)
    await session.agent("input.mouse", {"buttons": 0})
    await asyncio.sleep(_HOLD)
