# SPDX-License-Identifier: GPL-3.0-or-later
"""The session's methods flash.write and flash.info.

flash.write {image, sha256?, force=false, layout?: path, regions?: [names], mains_back=true} -> {changed,
    outcome: "written"|"identical"|"held", image, sha256, size, chip, log, seconds}
    held: the chip was read back and holds the image outside of its volatile regions, so nothing was written.
flash.info {} -> {unverified: text or "", spi_driven: bool}      looks, and moves nothing
"""

from __future__ import annotations

import contextlib
import time
from pathlib import Path
from typing import Any

from ansible_collections.hwlab.sut.plugins.plugin_utils.bench.config import FlasherConfig
from ansible_collections.hwlab.sut.plugins.plugin_utils.bench.config_reader import Reader
from ansible_collections.hwlab.sut.plugins.plugin_utils.bench.context import StepContext
from ansible_collections.hwlab.sut.plugins.plugin_utils.errors import ConfigurationError, HwlabError
from ansible_collections.hwlab.sut.plugins.plugin_utils.flash.assembly import (
    FlashOptions,
    mark_of,
    read_flash_options,
)
from ansible_collections.hwlab.sut.plugins.plugin_utils.flash.flashrom import Flashrom
from ansible_collections.hwlab.sut.plugins.plugin_utils.flash.host import Host, SshHost
from ansible_collections.hwlab.sut.plugins.plugin_utils.flash.image import check_image
from ansible_collections.hwlab.sut.plugins.plugin_utils.flash.sequence import SpiSequence
from ansible_collections.hwlab.sut.plugins.plugin_utils.flash.spi import spi_driven
from ansible_collections.hwlab.sut.plugins.plugin_utils.flash.writer import FlashWriter
from ansible_collections.hwlab.sut.plugins.plugin_utils.power.assembly import controller_for
from ansible_collections.hwlab.sut.plugins.plugin_utils.power.rtectrl import RteCtrl
from ansible_collections.hwlab.sut.plugins.plugin_utils.power.timings import Clock


def write(context: StepContext, params: dict[str, Any]) -> dict[str, Any]:
    """Make the chip hold an image. Everything that can be wrong with the options is said before anything
    moves."""
    reader = Reader(params, "flash")
    path, sha256 = reader.absolute_path("image"), reader.optional_text("sha256")
    force, mains_back = reader.flag("force", False), reader.flag("mains_back", True)
    layout, regions = reader.optional_text("layout"), reader.texts("regions", ())
    reader.done()
    if layout and not regions:
        raise ConfigurationError("flash: layout is given without regions; name those to write")
    options = read_flash_options(context.config)
    image = check_image(path, sha256=sha256, chip_size=options.chip_size)
    flasher = _flasher(context)
    host = SshHost(flasher.ssh)
    begin = time.monotonic()
    writer = FlashWriter(
        flashrom=_flashrom(context, flasher, host, options),
        sequence=_sequence(context, flasher, options),
        mark=mark_of(context.config),
        volatile=options.volatile,
        progress=context.progress,
    )
    try:
        outcome = writer.make_hold(
            image,
            force=force,
            layout=Path(layout) if layout else None,
            regions=regions,
            mains_back=mains_back,
        )
    except HwlabError as error:
        error.evidence["log_file"] = _keep_log(context, writer.flashrom)
        raise
    return {
        "changed": outcome == "written",
        "outcome": outcome,
        "image": str(image.path),
        "sha256": image.sha256,
        "size": image.size,
        "chip": writer.flashrom.chip[0] if writer.flashrom.chip else "",
        "log": _keep_log(context, writer.flashrom),
        "seconds": round(time.monotonic() - begin, 1),
    }


def info(context: StepContext, params: dict[str, Any]) -> dict[str, Any]:
    """The mark of an unverified chip and who drives the SPI lines."""
    Reader(params, "flash_info").done()
    flasher = _flasher(context)
    mark = mark_of(context.config)
    assert mark is not None
    return {
        "unverified": mark.read() or "",
        "spi_driven": spi_driven(RteCtrl(flasher.api)) if flasher.api else False,
    }


def _flasher(context: StepContext) -> FlasherConfig:
    flasher = context.config.flasher
    if flasher is None:
        raise ConfigurationError(
            f"{context.config.bench} has no flasher: set sut_flasher to a host of group flashers"
        )
    return flasher


def _flashrom(context: StepContext, flasher: FlasherConfig, host: Host, options: FlashOptions) -> Flashrom:
    return Flashrom(
        host=host,
        programmer=flasher.programmer,
        folder=options.folder,
        # Part of a folder's name on the flasher: another run must never take this one's job for its own.
        run_name=f"{context.config.bench}-{time.time_ns():x}",
        chip_model=flasher.chip_model,
        clock=Clock(sleep=context.sleep),
        progress=context.progress,
        timeout_s=options.timeout_s,
    )


def _sequence(context: StepContext, flasher: FlasherConfig, options: FlashOptions) -> SpiSequence | None:
    if flasher.api is None:
        return None
    return SpiSequence(
        rte=RteCtrl(flasher.api),
        power=controller_for(context),
        voltage=flasher.chip_voltage,
        mains_state=options.mains_state,
        clock=Clock(sleep=context.sleep),
        progress=context.progress,
        timings=options.timings,
    )


def _keep_log(context: StepContext, flashrom: Flashrom) -> str:
    """Write what flashrom said into the run's folder; returns the file's path."""
    folder = context.run_folder / "flash"
    file = folder / f"{flashrom.run_name}.log"
    with contextlib.suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
        file.write_text("".join(f"== {action}\n{log}\n" for action, log in flashrom.logs.items()))
    return str(file)
