# SPDX-License-Identifier: GPL-3.0-or-later
"""A request's parameters, checked one by one as a method takes them."""

from __future__ import annotations

import difflib
from typing import Any

from .errors import AgentError

_REQUIRED: Any = object()


class Params:
    """Takes named values with a type; what nobody took is an error, with the nearest name."""

    def __init__(self, values: Any, where: str = "params") -> None:
        if not isinstance(values, dict):
            raise AgentError(f"{where} is not a JSON object")
        self._values: dict[str, Any] = dict(values)
        self._where = where
        self._known: list[str] = []

    def text(self, name: str, default: str = _REQUIRED) -> str:
        value = self._take(name, default)
        if not isinstance(value, str):
            raise self._wrong(name, value, "a text")
        return value

    def optional_text(self, name: str) -> str | None:
        value = self._take(name, None)
        if value is not None and not isinstance(value, str):
            raise self._wrong(name, value, "a text")
        return value

    def flag(self, name: str, default: bool) -> bool:
        value = self._take(name, default)
        if not isinstance(value, bool):
            raise self._wrong(name, value, "true or false")
        return value

    def integer(self, name: str, default: int = _REQUIRED, least: int = 0, most: int = 1 << 62) -> int:
        value = self._take(name, default)
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            raise self._wrong(name, value, f"a whole number from {least} to {most}")
        return value

    def optional_integer(self, name: str, least: int = 0, most: int = 1 << 62) -> int | None:
        if self._values.get(name) is None:
            self._take(name, None)
            return None
        return self.integer(name, least=least, most=most)

    def number(
        self, name: str, default: float = _REQUIRED, least: float = 0.0, most: float = 86400.0
    ) -> float:
        value = self._take(name, default)
        if not isinstance(value, (int, float)) or isinstance(value, bool) or not least <= value <= most:
            raise self._wrong(name, value, f"a number from {least:g} to {most:g}")
        return float(value)

    def texts(self, name: str, default: list[str] = _REQUIRED) -> list[str]:
        value = self._take(name, default)
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise self._wrong(name, value, "a list of texts")
        return list(value)

    def integers(self, name: str, default: list[int], count: int) -> list[int]:
        value = self._take(name, default)
        if not isinstance(value, list) or len(value) != count or not all(type(item) is int for item in value):
            raise self._wrong(name, value, f"a list of {count} whole numbers")
        return list(value)

    def objects(self, name: str) -> list[Params]:
        """A list of objects, empty when not given."""
        value = self._take(name, [])
        if not isinstance(value, list):
            raise self._wrong(name, value, "a list of objects")
        return [Params(item, f"{self._where}.{name}[{index}]") for index, item in enumerate(value)]

    def done(self) -> None:
        """AgentError when a value was given that nobody takes."""
        for name in self._values:
            near = difflib.get_close_matches(name, self._known, n=1, cutoff=0.0)
            hint = f"; did you mean '{near[0]}'?" if near else ""
            raise AgentError(f"{self._where} has an unknown name '{name}'{hint}")

    def _take(self, name: str, default: Any) -> Any:
        self._known.append(name)
        if name in self._values:
            return self._values.pop(name)
        if default is _REQUIRED:
            raise AgentError(f"{self._where} lacks '{name}'")
        return default

    def _wrong(self, name: str, value: Any, right: str) -> AgentError:
        return AgentError(f"{self._where}.{name} is {str(value)[:60]!r}, not {right}")
