# SPDX-License-Identifier: GPL-3.0-or-later
"""Inventory variables as the session's configuration."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.hwlab.sut.plugins.plugin_utils.ansible.bench_config import bench_config
from ansible_collections.hwlab.sut.plugins.plugin_utils.bench.config import read_config
from ansible_collections.hwlab.sut.plugins.plugin_utils.errors import ConfigurationError


def inventory() -> dict[str, Any]:
    return {
        "bench1": {
            "sut_kvm": "pikvm1",
            "sut_flasher": "rte1",
            "sut_mains": "sonoff1",
            "connection_list": ["uart0"],
            "connection_commands": {"uart0": "telnet 192.0.2.31 13541"},
            "connection_tags": {"uart0": ["primary", "telnet"]},
            "sut_power_leds": ["kvm"],
        },
        "pikvm1": {
            "ansible_host": "192.0.2.30",
            "ansible_port": "2222",
            "ansible_user": "root",
            "ansible_ssh_private_key_file": "/keys/id",
            "ansible_ssh_common_args": "-o UserKnownHostsFile='/my keys/hosts'",
            "ansible_password": "s3cret",
            "kvm_bench_address": "10.0.0.10",
            "kvm_units_aside": ["kvmd-otg"],
        },
        "rte1": {
            "ansible_host": "192.0.2.31",
            "flasher_api": "http://192.0.2.31:8000",
            "flasher_chip_voltage": "1.8V",
            "flasher_chip_size_mib": 32,
        },
        "sonoff1": {"mains_driver": "tasmota", "mains_url": "http://192.0.2.32", "mains_outlet": 2},
    }


def configured(hostvars: dict[str, Any]) -> dict[str, Any]:
    return bench_config("bench1", hostvars, "/runs", False, None)


def test_all_that_an_inventory_says_is_understood_by_the_session() -> None:
    config = read_config(configured(inventory()))
    assert config.kvm is not None
    assert (config.kvm.ssh.host, config.kvm.ssh.port, config.kvm.address) == ("192.0.2.30", 2222, "10.0.0.10")
    assert config.kvm.ssh.options == ("-o", "UserKnownHostsFile=/my keys/hosts")
    assert config.kvm.ssh.known_hosts == "/my keys/hosts"
    assert config.kvm.ssh.password == "s3cret"
    assert config.kvm.units_aside == ("kvmd-otg",)
    assert config.flasher is not None
    assert (config.flasher.ssh.user, config.flasher.chip_voltage) == ("root", "1.8V")
    assert config.mains is not None
    assert config.mains.options == {"outlet": 2}
    assert config.flash == {"chip_size": "32M"}
    assert config.power == {"leds": ["kvm"]}
    assert config.consoles[0].tags == ("primary", "telnet")


@pytest.mark.parametrize(
    ("host", "variable", "value", "message"),
    [
        ("bench1", "sut_kvm", None, "sut_kvm is not set for host bench1"),
        (
            "bench1",
            "sut_kvm",
            "pikvm9",
            "sut_kvm of host bench1 is 'pikvm9', which is no host of the inventory",
        ),
        ("rte1", "flasher_chip_voltage", None, "flasher_chip_voltage is not set for host rte1"),
        ("sonoff1", "mains_url", None, "mains_url is not set for host sonoff1"),
        ("pikvm1", "ansible_port", "ssh", "ansible_port of host pikvm1 is 'ssh': expected a whole number"),
        ("pikvm1", "kvm_mode", "magic", "kvm_mode of host pikvm1 is 'magic'"),
        ("bench1", "connection_commands", {}, "names 'uart0', which connection_commands lacks"),
        ("bench1", "connection_list", "uart0", "connection_list is a list"),
    ],
)
def test_what_is_wrong_is_named_with_its_host(host: str, variable: str, value: Any, message: str) -> None:
    hostvars = inventory()
    hostvars[host][variable] = value
    with pytest.raises(ConfigurationError, match=message):
        configured(hostvars)
