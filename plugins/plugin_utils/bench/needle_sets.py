# SPDX-License-Identifier: GPL-3.0-or-later
"""The needles of a run: read once per folder, read again when a file changed."""

from __future__ import annotations

import os
from pathlib import Path

from ansible_collections.hwlab.sut.plugins.plugin_utils.errors import ConfigurationError
from ansible_collections.hwlab.sut.plugins.plugin_utils.screen.needle import NeedleSet, load_needles

_Stamp = tuple[int, int]


class NeedleSets:
    """`default` is the folder that is meant when a step names none."""

    def __init__(self, default: str | None) -> None:
        self._default = default
        self._read: dict[str, tuple[_Stamp, NeedleSet]] = {}

    def check(self) -> None:
        """Read the default folder, so that a broken needle is told before anything moves."""
        if self._default:
            self.of(None)

    def of(self, folder: str | None) -> NeedleSet:
        """The needles of `folder`; ConfigurationError names broken ones, or a missing folder."""
        folder = folder or self._default
        if folder is None:
            raise ConfigurationError("needles is missing: name the folder of the needles, here or in session")
        stamp = _stamp(folder)
        known = self._read.get(folder)
        if known is None or known[0] != stamp:
            known = (stamp, load_needles(Path(folder)))
            self._read[folder] = known
        return known[1]


def _stamp(folder: str) -> _Stamp:
    """Number of files and newest change below the folder; cheap, as it reads no file."""
    count, newest = 0, 0
    for path, _, files in os.walk(folder, followlinks=True):
        count += len(files)
        times = [os.stat(os.path.join(path, name)).st_mtime_ns for name in files]
        newest = max([newest, os.stat(path).st_mtime_ns, *times])
    return count, newest
