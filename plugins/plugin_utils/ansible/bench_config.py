# SPDX-License-Identifier: GPL-3.0-or-later
"""A bench's inventory variables as the session's configuration (bench.config.BenchConfig in JSON form)."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from typing import Any

from ansible_collections.hwlab.sut.plugins.plugin_utils.ansible.host_variables import HostVariables
from ansible_collections.hwlab.sut.plugins.plugin_utils.errors import ConfigurationError

#: Key of `power` in the configuration -> variable of the SUT.
_POWER = {
    "button": "sut_power_button",
    "leds": "sut_power_leds",
    "led_active_low": "sut_power_led_active_low",
    "no_signal_means_off": "sut_no_signal_means_off",
    "timings": "sut_power_timings",
}
_FLASH = {
    "mains_state": "flash_mains_state",
    "volatile": "flash_volatile_regions",
    "folder": "flash_folder",
    "mark_folder": "flash_mark_folder",
    "timeout": "flash_timeout",
    "timings": "flash_timings",
}
_KNOWN_HOSTS = re.compile(r"(?:-o)?UserKnownHostsFile[= ](.+)")


def bench_config(
    bench: str, hostvars: Mapping[str, Any], runs: str, keep: bool, needles: str | None
) -> dict[str, Any]:
    """Configuration of `bench`, an inventory host. Raises ConfigurationError naming variable and host."""
    sut = HostVariables(bench, hostvars[bench])
    sut.need("sut_kvm", "sut_kvm: pikvm1")
    kvm = sut.neighbour("sut_kvm", hostvars)
    flasher = sut.neighbour("sut_flasher", hostvars)
    mains = sut.neighbour("sut_mains", hostvars)
    assert kvm is not None
    return {
        "bench": bench,
        "runs": runs,
        "keep": keep,
        "needles": needles,
        "kvm": _kvm(kvm),
        "flasher": None if flasher is None else _flasher(flasher),
        "mains": None if mains is None else _mains(mains),
        "consoles": _consoles(sut),
        "power": _given(sut, _POWER),
        "flash": _given(sut, _FLASH) | _chip_size(flasher),
    }


def _ssh(host: HostVariables) -> dict[str, Any]:
    options: list[str] = []
    for name in ("ansible_ssh_common_args", "ansible_ssh_extra_args"):
        options += shlex.split(host.get(name, default=""))
    known_hosts = next(filter(None, map(_KNOWN_HOSTS.fullmatch, options)), None)
    return _without_none(
        {
            "host": host.get("ansible_host", "ansible_ssh_host", default=host.host),
            "port": _number(host, "ansible_port", "ansible_ssh_port"),
            "user": host.get("ansible_user", "ansible_ssh_user"),
            "key_file": host.get("ansible_ssh_private_key_file", "ansible_private_key_file"),
            "known_hosts": known_hosts[1] if known_hosts else None,
            "password": host.get("ansible_password", "ansible_ssh_pass", "ansible_ssh_password"),
            "options": options,
            "executable": host.get("ansible_ssh_executable"),
        }
    )


def _kvm(host: HostVariables) -> dict[str, Any]:
    mode = host.get("kvm_mode", default="gadget")
    if mode != "gadget":
        raise ConfigurationError(f"kvm_mode of host {host.host} is {mode!r}: expected gadget")
    return _without_none(
        {
            "name": host.host,
            "ssh": _ssh(host),
            "address": host.get("kvm_bench_address"),
            "video_device": host.get("kvm_video_device"),
            "video_format": host.get("kvm_video_format"),
            "video_levels": host.get("kvm_video_levels"),
            "video_fps": _number(host, "kvm_video_fps"),
            "video_quality": _number(host, "kvm_video_quality"),
            "units_aside": host.get("kvm_units_aside"),
            "lease": host.get("kvm_lease"),
            "python": host.get("kvm_python"),
        }
    )


def _flasher(host: HostVariables) -> dict[str, Any]:
    return _without_none(
        {
            "name": host.host,
            "ssh": _ssh(host),
            "api": host.get("flasher_api"),
            "programmer": host.get("flasher_programmer"),
            "chip_voltage": host.need("flasher_chip_voltage", "flasher_chip_voltage: 3.3V"),
            "chip_model": host.get("flasher_chip_model"),
        }
    )


def _mains(host: HostVariables) -> dict[str, Any]:
    outlet = host.get("mains_outlet")
    driver = host.need("mains_driver", "mains_driver: tasmota")
    return _without_none(
        {
            "name": host.host,
            "driver": driver,
            "url": None if driver == "none" else host.need("mains_url", "mains_url: http://192.0.2.32"),
            "options": {} if outlet is None else {"outlet": outlet},
        }
    )


def _consoles(sut: HostVariables) -> dict[str, Any]:
    names = sut.get("connection_list", default=[])
    commands = sut.get("connection_commands", default={})
    tags = sut.get("connection_tags", default={})
    if not isinstance(names, list) or not isinstance(commands, dict) or not isinstance(tags, dict):
        raise ConfigurationError(
            f"connections of host {sut.host}: connection_list is a list, connection_commands and "
            f"connection_tags "
            "are dictionaries by its names"
        )
    for name in names:
        if name not in commands:
            raise ConfigurationError(
                f"connection_list of host {sut.host} names {name!r}, which connection_commands lacks"
            )
    return {name: {"command": commands[name], "tags": tags.get(name, [])} for name in names}


def _chip_size(flasher: HostVariables | None) -> dict[str, str]:
    size = None if flasher is None else _number(flasher, "flasher_chip_size_mib")
    return {} if size is None else {"chip_size": f"{size}M"}


def _number(host: HostVariables, *names: str) -> int | None:
    value = host.get(*names)
    if value is None:
        return None
    try:
        return int(value)
    except (TypeError, ValueError) as error:
        raise ConfigurationError(
            f"{names[0]} of host {host.host} is {value!r}: expected a whole number"
        ) from error


def _given(host: HostVariables, names: Mapping[str, str]) -> dict[str, Any]:
    return _without_none({key: host.get(name) for key, name in names.items()})


def _without_none(values: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in values.items() if value is not None}
