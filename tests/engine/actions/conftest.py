# SPDX-License-Identifier: GPL-3.0-or-later
"""A lab for real ansible-playbook runs: real sessions; real HTTP devices; ssh and the KVM's agent stand
in."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from ..bench.stand_in_kvm import SSH, Kvm
from .lab import Board, Lab

SIZE = 1 << 20
DUMMY = "dummy:emulate=VARIABLE_SIZE"


@pytest.fixture
def lab(tmp_path: Path, kvm: Kvm, serve: Callable[..., str]) -> Lab:
    """A bench whose KVM and flasher are here, with a chip of 1 MiB behind flashrom's dummy programmer."""
    board = Board()
    kvm.answers({"video.info": {"signal": False}})
    ssh = {"ansible_host": "kvm", "ansible_ssh_executable": str(SSH)}
    fast = dict.fromkeys(("mains_settle", "mains_drain", "agree", "on_timeout", "off_timeout"), 0.2)
    lab = Lab(
        tmp_path,
        board,
        {
            "suts": {
                "hosts": {
                    "bench1": {
                        "sut_kvm": "pikvm1",
                        "sut_flasher": "rte1",
                        "sut_mains": "sonoff1",
                        "sut_power_timings": fast | {"press_force": 1, "poll": 0.05, "off_before_on": 0},
                        "flash_timings": {"voltage": 0, "vcc": 0, "lines": 0, "release": 0},
                        "flash_folder": str(tmp_path / "rte"),
                        "flash_mark_folder": str(tmp_path / "marks"),
                    }
                }
            },
            "kvms": {
                "hosts": {"pikvm1": ssh | {"kvm_python": str(tmp_path / "agent-python"), "kvm_lease": 30}}
            },
            "flashers": {
                "hosts": {
                    "rte1": ssh
                    | {
                        "flasher_api": serve(board.rtectrl),
                        "flasher_chip_voltage": "3.3V",
                        "flasher_chip_size_mib": 1,
                        "flasher_programmer": f"{DUMMY},size={SIZE},image={tmp_path}/chip.bin",
                    }
                }
            },
            "mains": {"hosts": {"sonoff1": {"mains_driver": "tasmota", "mains_url": serve(board.tasmota)}}},
            "all": {
                "hosts": {
                    "localhost": {
                        "ansible_connection": "local",
                        "ansible_python_interpreter": "{{ ansible_playbook_python }}",
                    }
                }
            },
        },
    )
    lab.chip.write_bytes(b"\xff" * SIZE)
    lab.firmware.write_bytes(random.Random(3).randbytes(SIZE))
    return lab
