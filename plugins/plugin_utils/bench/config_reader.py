# SPDX-License-Identifier: GPL-3.0-or-later
"""Typed reading of a JSON object that a user's inventory led to, with errors that name option and value."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, NoReturn

from ansible_collections.hwlab.sut.plugins.plugin_utils.errors import ConfigurationError

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,62}")
_REQUIRED: Any = object()


class Reader:
    """Takes options out of one JSON object; `done` refuses those that nobody took.

    None counts as absent everywhere. All methods raise ConfigurationError.
    """

    def __init__(self, value: Any, where: str) -> None:
        if not isinstance(value, dict):
            raise ConfigurationError(f"{where}: expected options, got {value!r}")
        self._values: dict[str, Any] = dict(value)
        self._where = where

    def names(self) -> list[str]:
        return list(self._values)

    def done(self) -> None:
        """Refuse what is left."""
        left = [name for name, value in self._values.items() if value is not None]
        if left:
            raise ConfigurationError(f"{self._where}: unknown option {', '.join(sorted(left))}")

    def optional_text(self, name: str) -> str | None:
        value = self._take(name, None)
        return None if value is None else self._text(name, value)

    def text(self, name: str, default: str = _REQUIRED) -> str:
        return self._text(name, self._take(name, default))

    def name(self, name: str) -> str:
        """A name that can be part of a file's name."""
        value = self.text(name)
        if not _NAME.fullmatch(value):
            self._refuse(name, value, "a name of letters, digits, `_`, `-` and `.`")
        return value

    def choice(self, name: str, choices: tuple[str, ...], default: str) -> str:
        value = self.text(name, default)
        if value not in choices:
            self._refuse(name, value, f"one of {', '.join(choices)}")
        return value

    def absolute_path(self, name: str) -> str:
        value = self.text(name)
        if not Path(value).is_absolute():
            self._refuse(name, value, "an absolute path")
        return value

    def flag(self, name: str, default: bool) -> bool:
        value = self._take(name, default)
        if not isinstance(value, bool):
            self._refuse(name, value, "true or false")
        return value

    def integer(
        self, name: str, default: int | None = _REQUIRED, least: int | None = None, most: int | None = None
    ) -> int | None:
        value = self._take(name, default)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int):
            self._refuse(name, value, "a whole number")
        if (least is not None and value < least) or (most is not None and value > most):
            self._refuse(name, value, f"a number from {least} to {most}" if most else f"at least {least}")
        return value

    def number(self, name: str, default: float, least: float = 0.0) -> float:
        value = self._take(name, default)
        if isinstance(value, bool) or not isinstance(value, int | float):
            self._refuse(name, value, "a number")
        if value < least:
            self._refuse(name, value, f"at least {least:g}")
        return float(value)

    def texts(self, name: str, default: tuple[str, ...] = _REQUIRED) -> tuple[str, ...]:
        return self._list(name, self._take(name, default), "a list of words")

    def one_or_more(self, name: str, default: tuple[str, ...] = _REQUIRED) -> tuple[str, ...]:
        """A word or a list of words."""
        value = self._take(name, default)
        return self._list(name, [value] if isinstance(value, str) else value, "a word or a list of words")

    def mappings(self, name: str) -> list[dict[str, Any]]:
        """A list of objects."""
        value = self._take(name, [])
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            self._refuse(name, value, "a list of options")
        return [dict(item) for item in value]

    def resolution(self, name: str) -> list[int] | None:
        """Width and height in pixels: [1024, 768] or "1024x768"."""
        value = self._take(name, None)
        if value is None:
            return None
        words = str(value).lower().split("x") if isinstance(value, str) else value
        try:
            width, height = (int(word) for word in words)
        except (TypeError, ValueError):
            self._refuse(name, value, "a resolution such as 1024x768")
        if not (0 < width <= 8192 and 0 < height <= 8192):
            self._refuse(name, value, "a resolution such as 1024x768")
        return [width, height]

    def anything(self, name: str, default: Any) -> Any:
        """A value that the caller checks himself."""
        return self._take(name, default)

    def rest(self) -> dict[str, Any]:
        """Everything that was not taken, for whoever checks it himself."""
        rest, self._values = self._values, {}
        return rest

    def mapping(self, name: str) -> dict[str, Any]:
        value = self._take(name, {})
        if not isinstance(value, dict):
            self._refuse(name, value, "options")
        return dict(value)

    def part(self, name: str, required: bool = False) -> Reader | None:
        """A nested object, or None when it is absent and not required."""
        value = self._take(name, _REQUIRED if required else None)
        return None if value is None else Reader(value, f"{self._where}.{name}")

    def _take(self, name: str, default: Any) -> Any:
        value = self._values.pop(name, None)
        if value is not None:
            return value
        if default is _REQUIRED:
            raise ConfigurationError(f"{self._where}: {name} is missing")
        return default

    def _list(self, name: str, value: Any, expected: str) -> tuple[str, ...]:
        if not isinstance(value, list | tuple) or not all(isinstance(item, str) and item for item in value):
            self._refuse(name, value, expected)
        return tuple(value)

    def _text(self, name: str, value: Any) -> str:
        if not isinstance(value, str) or not value:
            self._refuse(name, value, "a text that is not empty")
        return value

    def _refuse(self, name: str, value: Any, expected: str) -> NoReturn:
        shown = "***" if "password" in name else repr(value)
        raise ConfigurationError(f"{self._where}: {name} is {shown}, expected {expected}")
