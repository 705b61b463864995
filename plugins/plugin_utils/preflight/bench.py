# SPDX-License-Identifier: GPL-3.0-or-later
"""The checks of a bench and of what a run is given, none of which moves anything."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ansible_collections.hwlab.sut.plugins.plugin_utils.bench.config import BenchConfig
from ansible_collections.hwlab.sut.plugins.plugin_utils.errors import ConfigurationError, InfrastructureError
from ansible_collections.hwlab.sut.plugins.plugin_utils.flash.assembly import read_flash_options
from ansible_collections.hwlab.sut.plugins.plugin_utils.flash.image import check_image, declared_sha256
from ansible_collections.hwlab.sut.plugins.plugin_utils.kickstart.check import check as check_kickstart
from ansible_collections.hwlab.sut.plugins.plugin_utils.power.assembly import mains_of, read_options
from ansible_collections.hwlab.sut.plugins.plugin_utils.power.rtectrl import Line, RteCtrl
from ansible_collections.hwlab.sut.plugins.plugin_utils.preflight.problems import Check
from ansible_collections.hwlab.sut.plugins.plugin_utils.screen.needle import load_needles
from ansible_collections.hwlab.sut.plugins.plugin_utils.ssh import SshTarget


@dataclass(frozen=True)
class Inputs:
    """What a run brings along: paths on the controller and the text of the kickstart file."""

    needles: str | None = None
    flash_image: str | None = None
    flash_image_sha256: str | None = None
    install_image: str | None = None
    kickstart: str | None = None


def checks_of(config: BenchConfig, inputs: Inputs) -> dict[str, Check]:
    """Name of each check and the function that raises HwlabError when it fails."""
    checks: dict[str, Check] = {}
    if inputs.needles:
        checks["needles"] = lambda: _needles(str(inputs.needles))
    if inputs.flash_image:
        checks["firmware"] = lambda: _firmware(config, inputs)
    if inputs.install_image:
        checks["image"] = lambda: _image(str(inputs.install_image))
    if inputs.kickstart is not None:
        checks["kickstart"] = lambda: check_kickstart(str(inputs.kickstart))
    checks["power"] = lambda: _power(config)
    if (kvm := config.kvm) is not None:
        checks["kvm"] = lambda: _ssh_host(kvm.ssh, kvm.python, "the agent needs Python 3.9 or newer there")
    if (flasher := config.flasher) is not None:
        checks["flasher"] = lambda: _ssh_host(flasher.ssh, "flashrom", "install flashrom there")
        if (api := flasher.api) is not None:
            checks["flasher_api"] = lambda: _rtectrl(api)
    checks["mains"] = lambda: _mains(config)
    return checks


def _needles(folder: str) -> None:
    load_needles(folder)


def _firmware(config: BenchConfig, inputs: Inputs) -> None:
    assert inputs.flash_image is not None
    if config.flasher is None:
        raise ConfigurationError(f"{config.bench} has a firmware image and no flasher; set sut_flasher")
    check_image(
        inputs.flash_image,
        sha256=declared_sha256(inputs.flash_image_sha256, inputs.flash_image),
        chip_size=read_flash_options(config).chip_size,
    )


def _image(path: str) -> None:
    file = Path(path)
    if not file.is_file():
        raise ConfigurationError(f"install_image {path} does not exist; expected the installer's image")
    if file.stat().st_size == 0:
        raise ConfigurationError(f"install_image {path} is empty; expected the installer's image")


def _power(config: BenchConfig) -> None:
    read_options(config)
    read_flash_options(config)


def _ssh_host(target: SshTarget, program: str, advice: str) -> None:
    done = target.run(f"command -v {program} >/dev/null", timeout=30.0, check=False)
    if done.returncode != 0:
        raise InfrastructureError(f"{target.name} ({target.host}) has no {program}: {advice}")


def _rtectrl(url: str) -> None:
    RteCtrl(url).state(Line.POWER_LED)


def _mains(config: BenchConfig) -> None:
    mains = mains_of(config)
    if mains is not None:
        mains.is_on()
