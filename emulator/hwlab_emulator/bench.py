# SPDX-License-Identifier: GPL-3.0-or-later
"""Bring a bench up and take it down.

A bench is six programs: switch, uplink, kvm, flasher, board, and the SUT, which the board starts and
ends. `up` starts what does not run, so that it also repairs a bench of which something died; a program that
depends on one that died is started anew with it.
"""

from __future__ import annotations

import asyncio
import fcntl
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from hwlab_emulator.factory import furnish
from hwlab_emulator.flasher.image import flasher_image, give_disk
from hwlab_emulator.flasher.machine import disk_of as flasher_disk
from hwlab_emulator.flasher.machine import flasher_command
from hwlab_emulator.kvm.disks import give_disks as give_kvm_disks
from hwlab_emulator.kvm.image import kvm_image
from hwlab_emulator.kvm.machine import kvm_command, msd_commands
from hwlab_emulator.network import switch_command, uplink_command
from hwlab_emulator.paths import SSH_PORT, BenchPaths, loopback_address
from hwlab_emulator.processes import running_pid, start, stop
from hwlab_emulator.qmp import Qmp
from hwlab_emulator.settings import BenchSettings, make_settings

#: In the order of starting; ended in the opposite order. The board ends its SUT.
PROGRAMS = ("switch", "uplink", "kvm", "flasher", "board")
#: Plugged into the switch, so started anew when the switch was.
ON_THE_SWITCH = ("uplink", "kvm", "flasher", "board")
READY_TIMEOUT_S = 60.0


class BenchError(Exception):
    """A bench does not come up; says which part and where its log is."""


@dataclass(frozen=True)
class Bench:
    """One bench that was made."""

    name: str
    settings: BenchSettings

    @property
    def paths(self) -> BenchPaths:
        return BenchPaths(self.name)

    def pids(self) -> dict[str, int | None]:
        """Pid of each program, None when it does not run."""
        return {name: running_pid(self.paths.pid_file(name)) for name in (*PROGRAMS, "sut")}


@contextmanager
def _alone(paths: BenchPaths) -> Iterator[None]:
    """Nobody else brings this bench up or down meanwhile."""
    paths.root.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (paths.root / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _commands(bench: Bench) -> dict[str, list[str]]:
    paths = bench.paths
    return {
        "switch": switch_command(paths),
        "uplink": uplink_command(paths, bench.settings.index),
        "kvm": kvm_command(paths, kvm_image(), restore=True),
        "flasher": flasher_command(paths, flasher_image(), restore=True),
        "board": [sys.executable, "-m", "hwlab_emulator.board", bench.name],
    }


def up(name: str, chip_mib: int = 16, progress: Callable[[str], None] = lambda text: None) -> Bench:
    """Bring bench `name` up, making it first if it is new; does nothing for one that is up.

    Raises SettingsError for a name that cannot be, BenchError when a part does not come up.
    """
    bench = Bench(name, make_settings(name, chip_mib))
    paths = bench.paths
    with _alone(paths):
        if all(bench.pids()[program] for program in PROGRAMS):
            return bench
        for folder in (paths.sockets, paths.logs):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        furnish(paths, bench.settings)
        if running_pid(paths.pid_file("switch")) is None:
            for program in ("sut", *reversed(ON_THE_SWITCH)):
                stop(paths.pid_file(program))
        for program, command in _commands(bench).items():
            if running_pid(paths.pid_file(program)) is None:
                progress(f"{program}: starting")
                _start(bench, program, command)
        asyncio.run(_wait_ready(bench))
    return bench


def _start(bench: Bench, program: str, command: list[str]) -> None:
    paths = bench.paths
    if program == "switch":
        shutil.rmtree(paths.sockets / "switch", ignore_errors=True)
        (paths.sockets / "switch.sock").unlink(missing_ok=True)
    elif program == "kvm":
        give_kvm_disks(paths, kvm_image())
    elif program == "flasher":
        give_disk(flasher_image(), flasher_disk(paths))
    elif program == "board":
        stop(paths.pid_file("sut"))
    start(command, paths.pid_file(program), paths.logs / f"{program}.log")
    if program == "switch":
        _wait_for(bench, program, (paths.sockets / "switch" / "ctl").exists)
    elif program == "kvm":
        asyncio.run(_plug_msd(bench))


def _wait_for(bench: Bench, program: str, ready: Callable[[], bool]) -> None:
    deadline = time.monotonic() + READY_TIMEOUT_S
    while not ready():
        _check(bench, program, deadline)
        time.sleep(0.02)


def _check(bench: Bench, program: str, deadline: float) -> None:
    ended = running_pid(bench.paths.pid_file(program)) is None
    if ended or time.monotonic() > deadline:
        what = "ended" if ended else "does not come up"
        raise BenchError(f"bench {bench.name}: {program} {what}; see {bench.paths.logs / f'{program}.log'}")


async def _plug_msd(bench: Bench) -> None:
    qmp = Qmp()
    await qmp.connect(bench.paths.socket("kvm-qmp"), READY_TIMEOUT_S)
    for command, arguments in msd_commands(bench.paths):
        await qmp.execute(command, **arguments)
    await qmp.close()


async def _wait_ready(bench: Bench) -> None:
    """Return when ssh of KVM and flasher answers and the board's HTTP listens."""
    index = bench.settings.index
    services = {
        "kvm": (loopback_address(index, "kvm"), SSH_PORT),
        "flasher": (loopback_address(index, "flasher"), SSH_PORT),
        "board": (loopback_address(index, "mains"), 8081),
    }
    deadline = time.monotonic() + READY_TIMEOUT_S
    for program, (address, port) in services.items():
        while not await _answers(address, port, speaks=port == SSH_PORT):
            for part in ("uplink", program):
                _check(bench, part, deadline)
            await asyncio.sleep(0.05)


async def _answers(address: str, port: int, speaks: bool) -> bool:
    """Whether somebody listens, and says something first if it is ssh (the uplink itself takes any call)."""
    try:
        reader, writer = await asyncio.wait_for(asyncio.open_connection(address, port), 5.0)
    except (OSError, TimeoutError):
        return False
    try:
        return not speaks or bool(await asyncio.wait_for(reader.readline(), 5.0))
    except (OSError, TimeoutError):
        return False
    finally:
        writer.close()


def down(name: str) -> list[str]:
    """End the programs of bench `name`, and nothing else; return the names of those that ran.

    What outlives a power cut stays: chip, disks, uploaded images, logs.
    """
    paths = BenchPaths(name)
    if not paths.root.exists():
        return []
    with _alone(paths):
        # The board first: it cuts the SUT's power and takes its variables back to the chip.
        ended = [
            program
            for program in ("board", "sut", "kvm", "flasher", "uplink", "switch")
            if stop(paths.pid_file(program))
        ]
        for path in (flasher_disk(paths), paths.root / "kvm.qcow2"):
            path.unlink(missing_ok=True)
        with suppress(OSError):
            shutil.rmtree(paths.sockets)
    return ended
