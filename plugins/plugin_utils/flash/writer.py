# SPDX-License-Identifier: GPL-3.0-or-later
"""Make a chip hold an image: compare, write and verify, with the mark set while its content is in doubt."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ansible_collections.hwlab.sut.plugins.plugin_utils.errors import HwlabError
from ansible_collections.hwlab.sut.plugins.plugin_utils.flash.flashrom import Flashrom
from ansible_collections.hwlab.sut.plugins.plugin_utils.flash.image import Image
from ansible_collections.hwlab.sut.plugins.plugin_utils.flash.mark import UnverifiedMark
from ansible_collections.hwlab.sut.plugins.plugin_utils.flash.regions import Region, outside
from ansible_collections.hwlab.sut.plugins.plugin_utils.flash.sequence import SpiSequence

Outcome = Literal["written", "identical", "held"]


@dataclass
class FlashWriter:
    """`sequence` is None for a programmer that needs no lines driven (a socket, a programmer on USB)."""

    flashrom: Flashrom
    sequence: SpiSequence | None
    mark: UnverifiedMark | None
    volatile: Sequence[Region]
    progress: Callable[[str], None]

    def make_hold(
        self,
        image: Image,
        *,
        force: bool = False,
        layout: Path | None = None,
        regions: Sequence[str] = (),
        mains_back: bool = True,
    ) -> Outcome:
        """Returns `held` when the chip held the image outside of the volatile regions and nothing was
        written.

        The upload comes before anything moves; on failure the lines are released, the mains stay as they are
        and, once writing began, the mark stays.
        """
        stable = outside(self.volatile, image.size)
        remote = self.flashrom.upload(image)
        remote_layout = self._upload_layout(layout)
        with self.sequence.chip() if self.sequence else contextlib.nullcontext():
            try:
                outcome = self._make_hold(image, remote, stable, force, remote_layout, regions)
            except BaseException:
                with contextlib.suppress(HwlabError):
                    self.flashrom.kill()
                raise
        if self.sequence and mains_back:
            self.sequence.power_back()
        return outcome

    def _make_hold(
        self,
        image: Image,
        remote: str,
        stable: Sequence[Region],
        force: bool,
        layout: str | None,
        regions: Sequence[str],
    ) -> Outcome:
        in_doubt = self.mark is not None and self.mark.read() is not None
        if not force and not in_doubt and self.flashrom.holds(image, stable):
            self.progress("the chip holds the image already")
            return "held"
        if self.mark:
            self.mark.put(f"{image.path.name} (SHA-256 {image.sha256[:16]}) was being written")
        written = self.flashrom.write(remote, layout=layout, include=regions)
        if self.mark:
            self.mark.remove()
        return "written" if written else "identical"

    def _upload_layout(self, layout: Path | None) -> str | None:
        if layout is None:
            return None
        remote = f"{self.flashrom.folder}/layout.txt"
        self.flashrom.host.copy_to(layout, remote, lambda count: None)
        return remote
