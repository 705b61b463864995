# SPDX-License-Identifier: GPL-3.0-or-later
"""flashrom on the flasher: read, compare, write; each a detached job that is watched."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from ansible_collections.hwlab.sut.plugins.plugin_utils.errors import ConfigurationError, InfrastructureError
from ansible_collections.hwlab.sut.plugins.plugin_utils.flash.host import Host
from ansible_collections.hwlab.sut.plugins.plugin_utils.flash.image import Image
from ansible_collections.hwlab.sut.plugins.plugin_utils.flash.job import Job
from ansible_collections.hwlab.sut.plugins.plugin_utils.flash.outcome import (
    IDENTICAL,
    VERIFIED,
    chip_found,
    failure,
    phase,
)
from ansible_collections.hwlab.sut.plugins.plugin_utils.flash.regions import BLOCK, Region, size_text
from ansible_collections.hwlab.sut.plugins.plugin_utils.power.timings import Clock


@dataclass
class Flashrom:
    """flashrom of one flasher. `folder` on the host holds images and jobs; logs are kept in `logs` by
    action."""

    host: Host
    programmer: str
    folder: str
    run_name: str
    chip_model: str | None = None
    clock: Clock = field(default_factory=Clock)
    progress: Callable[[str], None] = lambda text: None
    timeout_s: float = 1800.0
    poll_s: float = 1.0
    logs: dict[str, str] = field(default_factory=dict)
    chip: tuple[str, int] | None = None

    def upload(self, image: Image) -> str:
        """Bring the image to the host, unless it is there already; returns its path there."""
        remote = f"{self.folder}/image-{image.sha256[:16]}.rom"
        if self._sha256(remote) == image.sha256:
            return remote
        # Only the image of this run is kept: a flasher's /tmp is in its RAM.
        self._shell(
            f"mkdir -p {self._q(self.folder)} && rm -f {self._q(self.folder)}/image-*.rom", "clean up"
        )
        steps: list[int] = []

        def sent(count: int) -> None:
            percent = count * 100 // image.size
            if percent >= (steps[-1] if steps else 0) + 25:
                steps.append(percent)
                self.progress(f"image to {self.host.name}: {percent} %")

        self.host.copy_to(image.path, remote, sent)
        found = self._sha256(remote)
        if found != image.sha256:
            raise InfrastructureError(
                f"{self.host.name}: {remote} has SHA-256 {found or 'none'} after the upload, expected "
                f"{image.sha256}"
            )
        return remote

    def holds(self, image: Image, regions: Sequence[Region]) -> bool:
        """Read the chip and compare `regions` with the image."""
        content = f"{self.folder}/read.rom"
        log = self._run("read", f"-r {self._q(content)}")
        try:
            self.chip = chip_found(log)
            if self.chip and self.chip[1] != image.size:
                raise ConfigurationError(
                    f"firmware image {image.path} has {size_text(image.size)}, the chip {self.chip[0]} has "
                    f"{size_text(self.chip[1])}; an image must be as large as its chip"
                )
            return all(self._sha256(content, region) == image.region_sha256(region) for region in regions)
        finally:
            self.host.run(f"rm -f {self._q(content)}")

    def write(self, remote: str, *, layout: str | None = None, include: Sequence[str] = ()) -> bool:
        """Write and verify the image at `remote`; returns False when the chip held it already.

        `include` limits it to regions of `layout` (a path on the host) or of the Intel flash descriptor.
        """
        limits = f"-l {self._q(layout)} " if layout else "--ifd " if include else ""
        limits += "".join(f"-i {self._q(name)} " for name in include) + ("-N " if include else "")
        log = self._run("write", f"{limits}-w {self._q(remote)}")
        self.chip = chip_found(log) or self.chip
        if IDENTICAL in log:
            return False
        if VERIFIED not in log:
            raise failure(self.host.name, "write (no word of a verification)", 0, log)
        return True

    def kill(self) -> None:
        """End what this run may have left running."""
        for action in ("read", "write"):
            self._job(action).kill()

    def _run(self, action: str, options: str) -> str:
        model = f"-c {self._q(self.chip_model)} " if self.chip_model else ""
        job = self._job(action)
        shown = ""

        def on_log(log: str) -> None:
            nonlocal shown
            self.logs[action] = log
            now = phase(log)
            if now and now != shown:
                shown = now
                self.progress(f"flashrom: {now}")

        job.start(f"flashrom -p {self._q(self.programmer)} {model}{options}")
        status, log = job.wait(self.timeout_s, on_log, self.poll_s)
        job.remove()
        if status != 0:
            raise failure(self.host.name, action, status, log)
        return log

    def _job(self, action: str) -> Job:
        return Job(self.host, f"{self.folder}/{self.run_name}-{action}", self.clock)

    def _sha256(self, remote: str, region: Region | None = None) -> str:
        path = self._q(remote)
        if region:
            part = f"dd if={path} bs={BLOCK} skip={region.start // BLOCK} count={region.size // BLOCK}"
            return self._shell(f"{part} 2>/dev/null | sha256sum", "read back").split()[0]
        return (self._shell(f"[ -f {path} ] && sha256sum < {path}; true", "checksum").split() or [""])[0]

    def _shell(self, command: str, purpose: str) -> str:
        status, said = self.host.run(f"{{ {command}; }} 2>&1", 120.0)
        if status != 0:
            raise InfrastructureError(
                f"{self.host.name}: cannot {purpose} in {self.folder}: {said.strip()[-300:]}"
            )
        return said

    @staticmethod
    def _q(text: str) -> str:
        return shlex.quote(text)
