# SPDX-License-Identifier: GPL-3.0-or-later
"""A set of needles: loaded from a folder, chosen by tags or name."""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from ansible_collections.hwlab.sut.plugins.plugin_utils.errors import ConfigurationError
from ansible_collections.hwlab.sut.plugins.plugin_utils.screen.area import Area, ClickPoint
from ansible_collections.hwlab.sut.plugins.plugin_utils.screen.needle_file import (
    BrokenNeedle,
    Needle,
    read_needle,
)

__all__ = ["Area", "BrokenNeedle", "ClickPoint", "Needle", "NeedleSet", "load_needles"]


class NeedleSet:
    """Needles by name and by tag; iterates in the order of names."""

    def __init__(self, needles: Iterable[Needle], folder: Path | None = None) -> None:
        self.folder = folder
        self._by_name = {needle.name: needle for needle in sorted(needles, key=lambda needle: needle.name)}
        self._by_tag: dict[str, list[Needle]] = {}
        for needle in self._by_name.values():
            for tag in needle.tags:
                self._by_tag.setdefault(tag, []).append(needle)

    def __len__(self) -> int:
        return len(self._by_name)

    def __iter__(self) -> Iterator[Needle]:
        return iter(self._by_name.values())

    def __contains__(self, name: object) -> bool:
        return name in self._by_name

    @property
    def tags(self) -> frozenset[str]:
        """All tags that some needle has."""
        return frozenset(self._by_tag)

    def missing(self, tags: str | Sequence[str]) -> list[str]:
        """Which of the tags (as for `select`) no needle has at all."""
        words = dict.fromkeys(word for choice in _choices(tags) for word in choice)
        return [word for word in words if word not in self._by_tag]

    def select(self, tags: str | Sequence[str]) -> NeedleSet:
        """The needles for `tags`; raises ConfigurationError when there are none.

        One string, "a b", means needles that have all of its tags; a list means needles that satisfy any
        of its strings: what `assert_screen` of os-autoinst takes.
        """
        choices = _choices(tags)
        chosen = {
            needle.name: needle
            for choice in choices
            for needle in self._by_tag.get(choice[0], ())
            if set(choice) <= set(needle.tags)
        }
        if not chosen:
            wanted = " or ".join(" and ".join(choice) for choice in choices) or "nothing"
            raise ConfigurationError(
                f"no needle{self._where()} has the tag {wanted}{self._hint(tags)}",
                evidence={"tags": wanted, "missing_tags": self.missing(tags), "needles": len(self)},
            )
        return NeedleSet(chosen.values(), self.folder)

    def named(self, name: str) -> NeedleSet:
        """The set of the one needle `name`; raises ConfigurationError when there is none."""
        if name not in self._by_name:
            near = difflib.get_close_matches(name, self._by_name, n=3)
            hint = f"; did you mean {', '.join(near)}?" if near else ""
            raise ConfigurationError(
                f"no needle{self._where()} is named {name}{hint}", evidence={"needle": name}
            )
        return NeedleSet([self._by_name[name]], self.folder)

    def _where(self) -> str:
        return f" in {self.folder}" if self.folder else ""

    def _hint(self, tags: str | Sequence[str]) -> str:
        near = {
            tag for word in self.missing(tags) for tag in difflib.get_close_matches(word, self._by_tag, n=2)
        }
        return f"; there are {', '.join(sorted(near))}" if near else ""


def load_needles(folder: Path | str, *, strict: bool = True) -> NeedleSet:
    """All needles below `folder` (recursive, links followed).

    Raises ConfigurationError when the folder is missing or holds no needle, and, unless `strict` is false,
    one that lists every broken needle with file and field; otherwise broken ones are left out.
    """
    root = Path(folder)
    if not root.is_dir():
        raise ConfigurationError(f"the needle folder {root} does not exist", evidence={"needles": str(root)})
    needles: dict[str, Needle] = {}
    problems: list[str] = []
    for path in _json_files(root):
        try:
            needle = read_needle(path)
            if (other := needles.get(needle.name)) is not None:
                raise BrokenNeedle(path, None, f"has the same name as {other.json_path}; rename one")
        except BrokenNeedle as error:
            problems.append(str(error))
        else:
            needles[needle.name] = needle
    if problems and strict:
        heading = "1 needle is" if len(problems) == 1 else f"{len(problems)} needles are"
        raise ConfigurationError(
            f"{heading} broken: " + "; ".join(problems), evidence={"needles": str(root), "problems": problems}
        )
    if not needles:
        raise ConfigurationError(
            f"the needle folder {root} holds no {'usable ' if problems else ''}needle (NAME.json, NAME.png)",
            evidence={"needles": str(root), "problems": problems},
        )
    return NeedleSet(needles.values(), root)


def _json_files(root: Path) -> Iterator[Path]:
    seen: set[str] = set()
    for folder, subfolders, files in os.walk(root, followlinks=True):
        real = os.path.realpath(folder)
        if real in seen:
            subfolders.clear()
            continue
        seen.add(real)
        subfolders[:] = sorted(name for name in subfolders if not name.startswith("."))
        yield from (Path(folder, name) for name in sorted(files) if name.endswith(".json"))


def _choices(tags: str | Sequence[str]) -> list[list[str]]:
    choices = [tags] if isinstance(tags, str) else list(tags)
    return [words for choice in choices if (words := choice.split())]
