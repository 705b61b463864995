# SPDX-License-Identifier: GPL-3.0-or-later
"""`hwlab emulator`: build, up, down, status, shell, screenshot, inventory."""

from __future__ import annotations

import argparse
import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from hwlab_emulator.bench import Bench, BenchError, down, up
from hwlab_emulator.board.control import BoardError, call
from hwlab_emulator.board.traits import CHIPS
from hwlab_emulator.factory import link_installer
from hwlab_emulator.flasher.image import flasher_image
from hwlab_emulator.inventory import inventory_text
from hwlab_emulator.keys import CLIENT_KEY, bench_keys
from hwlab_emulator.kvm.image import kvm_image
from hwlab_emulator.network import SERIAL_PORT
from hwlab_emulator.os.firmware import firmware_image
from hwlab_emulator.os.installer import installer_image
from hwlab_emulator.paths import SSH_PORT, BenchPaths, cache_root, loopback_address
from hwlab_emulator.qmp import QmpError
from hwlab_emulator.settings import (
    DEFAULT_INDEX,
    DEFAULT_NAME,
    BenchSettings,
    SettingsError,
    bench_names,
    load_settings,
)

#: What is built, in words, and by which function.
PARTS: dict[str, Callable[[], object]] = {
    "keys": bench_keys,
    "firmware": lambda: [firmware_image(mib) for mib in CHIPS],
    "flasher": flasher_image,
    "KVM": kvm_image,
    "installer": installer_image,
}


def _say(text: str) -> None:
    print(text, flush=True)


def _settings(name: str) -> BenchSettings:
    settings = load_settings(name)
    if settings is None:
        known = ", ".join(bench_names()) or "none yet"
        raise SettingsError(f"no bench {name!r} (there are: {known}); `hwlab emulator up {name}` makes it")
    return settings


def build(arguments: argparse.Namespace) -> None:
    """Build what all benches share; a part that is built already takes no time."""
    _say(f"building into {cache_root()}")
    for number, (part, make) in enumerate(PARTS.items(), 1):
        started = time.monotonic()
        _say(f"[{number}/{len(PARTS)}] {part} ...")
        make()
        _say(f"[{number}/{len(PARTS)}] {part}: {time.monotonic() - started:.1f} s")


def bring_up(arguments: argparse.Namespace) -> None:
    """Bring a bench up."""
    started = time.monotonic()
    bench = up(arguments.name, arguments.chip_mib, _say)
    link_installer(bench.paths, installer_image() / "installer.iso")
    _say(f"bench {bench.name} is up ({time.monotonic() - started:.1f} s)")
    _describe(bench)


def _describe(bench: Bench) -> None:
    kvm, flasher, mains, sut = (
        loopback_address(bench.settings.index, part) for part in ("kvm", "flasher", "mains", "sut")
    )
    rows = {
        "KVM": f"{kvm}: ssh port {SSH_PORT}, https port 8443",
        "flasher": f"{flasher}: ssh port {SSH_PORT}, RteCtrl port 8000, serial line {SERIAL_PORT}",
        "mains": f"{mains}: Tasmota and ESPHome port 8080, eWeLink DIY port 8081",
        "SUT": f"{sut}: ssh port {SSH_PORT}, once a system is installed",
        "files": str(bench.paths.root),
    }
    for what, where in rows.items():
        _say(f"  {what:8} {where}")


def bring_down(arguments: argparse.Namespace) -> None:
    """Take a bench down; its chip, disks and uploaded images stay."""
    _settings(arguments.name)
    ended = down(arguments.name)
    _say(f"bench {arguments.name}: ended {', '.join(ended)}" if ended else f"bench {arguments.name} was down")


def status(arguments: argparse.Namespace) -> None:
    """Say what runs."""
    names = [arguments.name] if arguments.name else bench_names()
    for name in names:
        bench = Bench(name, _settings(name))
        pids = bench.pids()
        programs = ", ".join(f"{program} {pid}" for program, pid in pids.items() if pid)
        _say(f"{name}: {programs or 'down'}")
        if pids["board"]:
            answer = asyncio.run(call(bench.paths.socket("board"), "status"))
            for key, value in answer.items():
                _say(f"  {key:8} {value}")


def shell(arguments: argparse.Namespace) -> None:
    """Open a shell on a machine of the bench; the SUT's is its serial line if it answers no ssh."""
    settings = _settings(arguments.name)
    root = BenchPaths(arguments.name).root
    address = loopback_address(settings.index, arguments.machine)
    if arguments.machine == "sut" and not arguments.command:
        flasher = loopback_address(settings.index, "flasher")
        os.execvp("telnet", ["telnet", flasher, str(SERIAL_PORT)])
    # The SUT makes its host key when it is installed: nobody here can know it.
    known = os.devnull if arguments.machine == "sut" else str(root / "known_hosts")
    checking = "no" if arguments.machine == "sut" else "yes"
    options = ["-o", f"UserKnownHostsFile={known}", "-o", f"StrictHostKeyChecking={checking}"]
    target = ["-o", "LogLevel=ERROR", "-i", str(root / CLIENT_KEY), "-p", str(SSH_PORT), f"root@{address}"]
    os.execvp("ssh", ["ssh", *options, *target, *arguments.command])


def screenshot(arguments: argparse.Namespace) -> None:
    """Save the SUT's picture as its graphics card draws it."""
    _settings(arguments.name)
    target = arguments.file.absolute()
    asyncio.run(call(BenchPaths(arguments.name).socket("board"), "screenshot", file=str(target)))
    _say(str(target))


def inventory(arguments: argparse.Namespace) -> None:
    """Print the bench's inventory."""
    name = arguments.name
    # The committed inventory is that of the lab, made or not.
    unmade = BenchSettings(DEFAULT_INDEX) if name == DEFAULT_NAME else None
    sys.stdout.write(inventory_text(name, load_settings(name) or unmade or _settings(name)))


def parser() -> argparse.ArgumentParser:
    """The command's arguments."""
    about = "Virtual benches, made of real programs."
    top = argparse.ArgumentParser(prog="hwlab emulator", description=about)
    commands = top.add_subparsers(required=True, metavar="COMMAND")

    def command(name: str, run: Callable[[argparse.Namespace], None]) -> argparse.ArgumentParser:
        sub = commands.add_parser(name, help=(run.__doc__ or "").strip().rstrip("."))
        sub.set_defaults(run=run)
        return sub

    command("build", build)
    sub = command("up", bring_up)
    sub.add_argument("name", nargs="?", default=DEFAULT_NAME, metavar="NAME", help="default: lab")
    sub.add_argument("--chip-mib", type=int, default=16, choices=list(CHIPS), help="of a new bench")
    sub = command("down", bring_down)
    sub.add_argument("name", nargs="?", default=DEFAULT_NAME, metavar="NAME")
    sub = command("status", status)
    sub.add_argument("name", nargs="?", metavar="NAME", help="one bench (default: all)")
    sub = command("shell", shell)
    sub.add_argument("name", metavar="NAME")
    sub.add_argument("machine", choices=["kvm", "flasher", "sut"])
    sub.add_argument("command", nargs=argparse.REMAINDER, metavar="COMMAND", help="instead of a shell")
    sub = command("screenshot", screenshot)
    sub.add_argument("name", metavar="NAME")
    sub.add_argument("file", type=Path, metavar="FILE.png")
    sub = command("inventory", inventory)
    sub.add_argument("name", nargs="?", default=DEFAULT_NAME, metavar="NAME")
    return top


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command; returns its exit code."""
    arguments = parser().parse_args(argv)
    try:
        arguments.run(arguments)
    except (SettingsError, BenchError, BoardError, QmpError, PermissionError) as error:
        print(f"hwlab emulator: {error}", file=sys.stderr)
        return 1
    except subprocess.CalledProcessError as error:
        print(f"hwlab emulator: {error.cmd[0]} failed with {error.returncode}", file=sys.stderr)
        return 1
    except (ConnectionRefusedError, FileNotFoundError) as error:
        print(f"hwlab emulator: is the bench up? {error}", file=sys.stderr)
        return 1
    return 0
