# SPDX-License-Identifier: GPL-3.0-or-later
"""Picture sizes as users write them."""

from __future__ import annotations

import re

from ansible_collections.hwlab.sut.plugins.plugin_utils.errors import ConfigurationError


def parse_resolution(text: str) -> list[int]:
    """[width, height] in pixels of ``1024x768``. Raises ConfigurationError."""
    match = re.fullmatch(r"(\d{2,5})x(\d{2,5})", text.strip())
    if not match:
        raise ConfigurationError(f"resolution is {text!r}: expected WIDTHxHEIGHT in pixels, such as 1024x768")
    return [int(match[1]), int(match[2])]
