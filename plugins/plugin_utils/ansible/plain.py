# SPDX-License-Identifier: GPL-3.0-or-later
"""Plain Python values out of Ansible's tagged and lazily templated ones."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePath
from typing import Any


def plain(value: Any) -> Any:
    """`value` as None, bool, int, float, str, list and dict only.

    Variables arrive as tagged subclasses that remember their origin, and lists whose items are templated when
    they are looked at: iterating yields what they mean. Results must be plain too, since ansible-core 2.19
    drops a task's output when it meets another type.
    """
    if value is None or isinstance(value, bool):
        return value
    for kind in (int, float, str):
        if isinstance(value, kind):
            return kind(value)
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(item) for item in value]
    if isinstance(value, PurePath):
        return str(value)
    raise TypeError(f"{type(value).__name__} is no plain value")
