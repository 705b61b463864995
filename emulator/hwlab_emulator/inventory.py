# SPDX-License-Identifier: GPL-3.0-or-later
"""The Ansible inventory of a virtual bench, with the variables of any other bench (docs/inventory.md)."""

from __future__ import annotations

from typing import Any

import yaml

from hwlab_emulator.board.bench_board import OPEN_FIRMWARE_PORT, RTECTRL_PORT
from hwlab_emulator.board.traits import CHIPS
from hwlab_emulator.factory import FIRMWARE, INSTALLER
from hwlab_emulator.keys import CLIENT_KEY
from hwlab_emulator.network import SERIAL_PORT
from hwlab_emulator.os.firmware import FIRMWARE_SIZE, MIB, VARIABLES_SIZE
from hwlab_emulator.paths import SSH_PORT, bench_address, loopback_address
from hwlab_emulator.settings import BenchSettings

#: The folder of benches as paths.benches_root finds it, said in Ansible's words.
BENCHES = (
    '{{ lookup("ansible.builtin.env", "HWLAB_BENCHES")'
    ' or lookup("ansible.builtin.env", "HOME") ~ "/.local/state/hwlab/benches" }}'
)
#: The variable that says where the bench's files are.
FOLDER = "virtual_bench_folder"
HEADER = """---
# SPDX-License-Identifier: GPL-3.0-or-later
# A virtual bench. Made by: hwlab emulator inventory {name}
"""


class _Dumper(yaml.SafeDumper):
    """Lists indented below their key, as yamllint and people like them."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)


def _ssh(folder: str, address: str) -> dict[str, Any]:
    return {
        "ansible_host": address,
        "ansible_port": SSH_PORT,
        "ansible_user": "root",
        "ansible_ssh_private_key_file": f"{folder}/{CLIENT_KEY}",
        "ansible_ssh_common_args": f"-o UserKnownHostsFile={folder}/known_hosts -o StrictHostKeyChecking=yes",
    }


def variable_store(chip_mib: int) -> dict[str, str]:
    """Where in the chip the firmware keeps its variables, which it writes by itself."""
    start = chip_mib * MIB - FIRMWARE_SIZE
    return {"start": hex(start), "end": hex(start + VARIABLES_SIZE)}


def inventory(name: str, settings: BenchSettings) -> dict[str, Any]:
    """Return the inventory of bench `name`: hosts NAME, NAME_kvm, NAME_flasher and NAME_mains."""
    folder, index = f"{{{{ {FOLDER} }}}}", settings.index
    flasher, mains = loopback_address(index, "flasher"), loopback_address(index, "mains")
    sut = {
        **_ssh(folder, loopback_address(index, "sut")),
        **{f"sut_{part}": f"{name}_{part}" for part in ("kvm", "flasher", "mains")},
        "sut_bench_address": bench_address("sut"),
        "sut_authorized_key": f"{folder}/{CLIENT_KEY}.pub",
        "connection_list": ["uart0"],
        "connection_commands": {"uart0": f"telnet {flasher} {SERIAL_PORT}"},
        "connection_tags": {"uart0": ["primary", "telnet"]},
        # This board drains in two seconds, and its lines settle at once.
        "sut_power_timings": {"mains_drain": 3, "mains_settle": 1, "off_before_on": 1},
        "flash_timings": {"voltage": 0.2, "vcc": 0.2, "lines": 0.5, "release": 0.2},
        "flash_volatile_regions": [variable_store(settings.chip_mib)],
        "install_profile": "lab_os",
        "install_image": f"{folder}/{INSTALLER}",
        "flash_image": f"{folder}/{FIRMWARE}",
        "flash_image_sha256": f"{folder}/{FIRMWARE}.sha256",
    }
    # The system makes its host key when it is installed: the run that installs it learns the key.
    sut["ansible_ssh_common_args"] = (
        "-o UserKnownHostsFile={{ bench_session.run_dir | default('/nonexistent') }}/known_hosts"
    )
    kvm = {
        **_ssh(folder, loopback_address(index, "kvm")),
        "kvm_mode": "gadget",
        "kvm_bench_address": bench_address("kvm"),
        "kvm_video_device": "/dev/kvmd-video",
        "kvm_video_format": "uyvy",
        "kvm_units_aside": ["kvmd-otg", "kvmd-janus"],
    }
    rte = {
        **_ssh(folder, flasher),
        "flasher_api": f"http://{flasher}:{RTECTRL_PORT}",
        "flasher_programmer": "linux_spi:dev=/dev/spidev1.0,spispeed=16000",
        "flasher_chip_voltage": CHIPS[settings.chip_mib][1],
        "flasher_chip_size_mib": settings.chip_mib,
    }
    switch = {"mains_driver": "tasmota", "mains_url": f"http://{mains}:{OPEN_FIRMWARE_PORT}"}
    groups = {
        "suts": {name: sut},
        "kvms": {f"{name}_kvm": kvm},
        "flashers": {f"{name}_flasher": rte},
        "mains": {f"{name}_mains": switch},
    }
    children = {group: {"hosts": hosts} for group, hosts in groups.items()}
    return {"all": {"vars": {FOLDER: f"{BENCHES}/{name}"}, "children": children}}


def inventory_text(name: str, settings: BenchSettings) -> str:
    """The inventory as a file."""
    body = yaml.dump(inventory(name, settings), Dumper=_Dumper, sort_keys=False, width=1000)
    return HEADER.format(name=name) + body
