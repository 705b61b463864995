# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a virtual bench keeps its things, and the addresses that its machines answer on.

Every bench has an index N (1 to 254). From the controller its machines are seen on loopback addresses of
their own, 127.77.N.x, so that no two benches share a port and no root is needed; among themselves, on the
bench's own layer-2 network, they are 10.77.0.x in every bench (the networks never meet).
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

#: Host part of each machine's address, the same on both networks.
HOST_PARTS = {"uplink": 2, "kvm": 10, "flasher": 11, "mains": 12, "sut": 20}
#: ssh of every machine as the controller sees it: 22 would need a privilege to bind.
SSH_PORT = 2222


def cache_root() -> Path:
    """Folder of what is built once and shared by all benches: images, firmware, keys."""
    given = os.environ.get("HWLAB_CACHE")
    if given:
        return Path(given)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "hwlab" / "emulator"


def benches_root() -> Path:
    """Folder that holds one folder for each bench."""
    given = os.environ.get("HWLAB_BENCHES")
    if given:
        return Path(given)
    return Path.home() / ".local" / "state" / "hwlab" / "benches"


@dataclass(frozen=True)
class BenchPaths:
    """The files of one bench."""

    name: str

    @property
    def root(self) -> Path:
        """Everything that outlives a power cut: chip, disks, keys, logs."""
        return benches_root() / self.name

    @property
    def sockets(self) -> Path:
        """Unix sockets, the cables of the bench; kept short, since a socket's path ends at 107 bytes."""
        runtime = os.environ.get("XDG_RUNTIME_DIR")
        base = Path(runtime) if runtime else Path(f"/tmp/hwlab-{os.getuid()}")
        return base / "bench" / self.name

    @property
    def logs(self) -> Path:
        return self.root / "logs"

    def socket(self, cable: str) -> Path:
        """Path of a cable's socket: kvm-hdmi, kvm-usb, kvm-wires, serial, flasher-clock, board, and sut-qmp,
        kvm-qmp, flasher-qmp."""
        return self.sockets / f"{cable}.sock"

    def pid_file(self, program: str) -> Path:
        """Pid file of one of the bench's programs: switch, uplink, kvm, flasher, board, sut."""
        return self.sockets / f"{program}.pid"


def loopback_address(index: int, machine: str) -> str:
    """Address on which the controller reaches `machine` of bench `index`."""
    return f"127.77.{index}.{HOST_PARTS[machine]}"


def bench_address(machine: str) -> str:
    """Address of `machine` on the bench's own network."""
    return f"10.77.0.{HOST_PARTS[machine]}"
