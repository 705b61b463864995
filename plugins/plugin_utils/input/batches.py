# SPDX-License-Identifier: GPL-3.0-or-later
"""Keys and texts, checked against the layout and cut into batches.

A batch is what the agent acknowledges at once: short enough that progress is seen and that a lost link
loses little, long enough that the link's latency does not set the pace.
"""

from __future__ import annotations

from collections.abc import Sequence

from ansible_collections.hwlab.sut.plugins.module_utils.gadget.errors import UnknownKey
from ansible_collections.hwlab.sut.plugins.module_utils.gadget.keymap import parse_chord, text_strokes
from ansible_collections.hwlab.sut.plugins.plugin_utils.errors import ConfigurationError

#: Seconds of typing in one batch.
BATCH_SECONDS = 4.0
#: Characters in a batch that is typed as fast as the host polls.
BATCH_FAST = 500


def check_keys(names: Sequence[str], layout: str = "us", option: str = "keys") -> None:
    """ConfigurationError naming the option, the place and the nearest names when one is no key."""
    for number, name in enumerate(names, 1):
        try:
            parse_chord(name, layout)
        except UnknownKey as error:
            raise ConfigurationError(f"{option}, item {number}: {error}") from None


def text_batches(text: str, cps: float = 25.0, layout: str = "us", option: str = "text") -> list[str]:
    """The text in pieces of about BATCH_SECONDS at `cps` characters per second (0: as fast as polled).

    Pieces joined are the text, with CR LF and CR as LF. ConfigurationError when a character cannot be typed.
    """
    if cps < 0:
        raise ConfigurationError(f"cps is {cps:g}; it is characters per second, or 0 for as fast as polled")
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    try:
        text_strokes(text, layout)
    except UnknownKey as error:
        raise ConfigurationError(f"{option}: {error}") from None
    size = max(1, round(cps * BATCH_SECONDS)) if cps else BATCH_FAST
    return [text[start : start + size] for start in range(0, len(text), size)]


def typing_seconds(count: int, cps: float = 25.0) -> float:
    """How long `count` characters take at most, for a timeout: slow hosts included."""
    return 15.0 + 4.0 * count / (cps or 100.0)
