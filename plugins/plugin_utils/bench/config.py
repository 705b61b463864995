# SPDX-License-Identifier: GPL-3.0-or-later
"""What a session is told about its bench, read from JSON and checked before anything is opened.

The JSON form has the same keys as the dataclasses below. Unknown keys are refused, so that a misspelt option
is not silently ignored.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ansible_collections.hwlab.sut.plugins.plugin_utils.bench.config_reader import Reader
from ansible_collections.hwlab.sut.plugins.plugin_utils.ssh import SshTarget


@dataclass(frozen=True)
class KvmConfig:
    """The PiKVM. `address`: where the SUT reaches it; `lease`: seconds until the agent gives back by
    itself."""

    name: str
    ssh: SshTarget
    address: str
    video_device: str = "/dev/kvmd-video"
    video_format: str = "uyvy"
    video_levels: str = "limited"
    video_fps: int = 10
    video_quality: int = 90
    units_aside: tuple[str, ...] = ("kvmd-otg", "kvmd-janus")
    lease: float = 30.0
    python: str = "python3"


@dataclass(frozen=True)
class FlasherConfig:
    """The RTE. `api`: RteCtrl's URL; `chip_voltage`: "3.3V" or "1.8V"; `chip_model`: as flashrom -c takes
    it."""

    name: str
    ssh: SshTarget
    api: str | None = None
    programmer: str = "linux_spi:dev=/dev/spidev1.0,spispeed=16000"
    chip_voltage: str = "3.3V"
    chip_model: str | None = None


@dataclass(frozen=True)
class MainsConfig:
    """The switch that cuts the power: `driver` tasmota, esphome, ewelink_diy or none."""

    name: str
    driver: str
    url: str | None = None
    options: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class ConsoleConfig:
    """A serial line: a command as in LAVA's connection_commands, and its tags (`primary`, `telnet` ...)."""

    name: str
    command: str
    tags: tuple[str, ...] = ()


@dataclass(frozen=True)
class BenchConfig:
    """One bench. `runs` holds the runs' folders; `power` and `flash` are free for those two engines;
    `needles` is the folder of needles that is meant when a step names none.

    `owner` is the process whose end ends the session (ansible-playbook); with `keep`, only `finish` ends it.
    """

    bench: str
    runs: str
    owner: int | None
    keep: bool
    kvm: KvmConfig | None
    flasher: FlasherConfig | None
    mains: MainsConfig | None
    consoles: tuple[ConsoleConfig, ...]
    needles: str | None
    power: dict[str, Any]
    flash: dict[str, Any]


def read_config(value: Any) -> BenchConfig:
    """Check the JSON form and make a BenchConfig of it; ConfigurationError names the option and its value."""
    top = Reader(value, "session")
    config = BenchConfig(
        bench=top.name("bench"),
        runs=top.absolute_path("runs"),
        owner=top.integer("owner", None),
        keep=top.flag("keep", False),
        kvm=_kvm(top.part("kvm")),
        flasher=_flasher(top.part("flasher")),
        mains=_mains(top.part("mains")),
        consoles=_consoles(top.part("consoles")),
        needles=top.optional_text("needles"),
        power=top.mapping("power"),
        flash=top.mapping("flash"),
    )
    top.done()
    return config


def _ssh(reader: Reader, name: str) -> SshTarget:
    part = reader.part("ssh", required=True)
    assert part is not None
    target = SshTarget(
        name=name,
        host=part.text("host"),
        port=part.integer("port", 22, 1, 65535) or 22,
        user=part.text("user", "root"),
        key_file=part.optional_text("key_file"),
        known_hosts=part.optional_text("known_hosts"),
        password=part.optional_text("password"),
        options=part.texts("options", ()),
        connect_timeout=part.integer("connect_timeout", 10, 1) or 10,
        executable=part.text("executable", "ssh"),
    )
    part.done()
    return target


def _kvm(part: Reader | None) -> KvmConfig | None:
    if part is None:
        return None
    name = part.name("name")
    ssh = _ssh(part, name)
    video_format = part.choice("video_format", ("rgb24", "uyvy", "mjpeg", "jpeg"), KvmConfig.video_format)
    kvm = KvmConfig(
        name=name,
        ssh=ssh,
        address=part.text("address", ssh.host),
        video_device=part.text("video_device", KvmConfig.video_device),
        video_format=video_format,
        video_levels=part.choice(
            "video_levels", ("limited", "full"), "limited" if video_format == "uyvy" else "full"
        ),
        video_fps=part.integer("video_fps", KvmConfig.video_fps, 1, 60) or KvmConfig.video_fps,
        video_quality=part.integer("video_quality", KvmConfig.video_quality, 1, 100)
        or KvmConfig.video_quality,
        units_aside=part.texts("units_aside", KvmConfig.units_aside),
        lease=part.number("lease", KvmConfig.lease, 5.0),
        python=part.text("python", KvmConfig.python),
    )
    part.done()
    return kvm


def _flasher(part: Reader | None) -> FlasherConfig | None:
    if part is None:
        return None
    name = part.name("name")
    flasher = FlasherConfig(
        name=name,
        ssh=_ssh(part, name),
        api=part.optional_text("api"),
        programmer=part.text("programmer", FlasherConfig.programmer),
        chip_voltage=part.choice("chip_voltage", ("3.3V", "1.8V"), FlasherConfig.chip_voltage),
        chip_model=part.optional_text("chip_model"),
    )
    part.done()
    return flasher


def _mains(part: Reader | None) -> MainsConfig | None:
    if part is None:
        return None
    mains = MainsConfig(
        name=part.name("name"),
        driver=part.choice("driver", ("tasmota", "esphome", "ewelink_diy", "none"), "none"),
        url=part.optional_text("url"),
        options=part.mapping("options"),
    )
    part.done()
    return mains


def _consoles(part: Reader | None) -> tuple[ConsoleConfig, ...]:
    if part is None:
        return ()
    consoles = []
    for name in part.names():
        line = part.part(name, required=True)
        assert line is not None
        consoles.append(ConsoleConfig(name=name, command=line.text("command"), tags=line.texts("tags", ())))
        line.done()
    part.done()
    return tuple(consoles)
