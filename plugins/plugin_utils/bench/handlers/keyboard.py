# SPDX-License-Identifier: GPL-3.0-or-later
"""keyboard: keys, chords and text, sent as batches that the KVM paces and acknowledges."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible_collections.hwlab.sut.plugins.plugin_utils.bench.config_reader import Reader
from ansible_collections.hwlab.sut.plugins.plugin_utils.bench.session import Session
from ansible_collections.hwlab.sut.plugins.plugin_utils.errors import ConfigurationError

_SLOWEST = 0.5


async def keyboard(session: Session, params: Reader, progress: Callable[[str], None]) -> dict[str, Any]:
    """Type text, then enter, or press keys one after another."""
    keys, text = params.texts("keys", ()), params.optional_text("text")
    enter, cps = params.flag("enter", False), params.number("cps", 25.0)
    layout = params.text("layout", "us")
    hold, gap = params.number("hold_s", 0.02), params.number("gap_s", 0.02)
    params.flag("secret", False)  # Read by the recorder, which then writes down no text.
    params.done()
    if bool(keys) == (text is not None):
        raise ConfigurationError("keyboard: give keys or text, one of the two")
    pressed = [*keys, *(["ret"] if enter else [])]
    characters = 0
    if text is not None:
        time = 30 + len(text) / max(cps or 1000.0, _SLOWEST)
        answer = await session.agent("input.type", {"text": text, "cps": cps, "layout": layout}, time)
        characters = int(answer.get("characters", len(text)))
    if pressed:
        what = {"keys": pressed, "hold_s": hold, "gap_s": gap, "layout": layout}
        await session.agent("input.keys", what, 30 + len(pressed) * (hold + gap))
    return {"changed": True, "keys": len(pressed), "characters": characters}
