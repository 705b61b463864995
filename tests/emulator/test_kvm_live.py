# SPDX-License-Identifier: GPL-3.0-or-later
"""The virtual KVM as a running machine: resumed, reached over ssh, fed with frames for a real ustreamer."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import subprocess
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

from hwlab_emulator import processes
from hwlab_emulator.keys import bench_keys, write_known_hosts
from hwlab_emulator.kvm.disks import give_disks
from hwlab_emulator.kvm.hdmi import HdmiCable
from hwlab_emulator.kvm.image import kvm_image
from hwlab_emulator.kvm.machine import kvm_command, msd_commands
from hwlab_emulator.kvm.picture import Rgb
from hwlab_emulator.kvm.wires import KvmWires
from hwlab_emulator.network import switch_command, uplink_command
from hwlab_emulator.paths import SSH_PORT, BenchPaths, loopback_address
from hwlab_emulator.qmp import Qmp

pytestmark = pytest.mark.bench
INDEX = 251
USTREAMER = (
    "systemd-run --quiet --unit=test-ustreamer ustreamer --device=/dev/kvmd-video --format=uyvy "
    "--encoder=cpu --persistent --dv-timings --quality=90 --host=127.0.0.1 --port=8088"
)
FETCH = """
import sys, urllib.request
sys.stdout.buffer.write(urllib.request.urlopen("http://127.0.0.1:8088/{}").read())
"""
PRESS = """
import socket
wires = socket.socket(socket.AF_UNIX)
wires.connect("/run/hwlab-wires.sock")
print(wires.recv(99).decode())
wires.send(b'{"press": "reset", "seconds": 0.5}' + bytes([10]))
"""


class Kvm:
    """A machine of its own, and ssh to it."""

    def __init__(self, folder: Path) -> None:
        self.paths = BenchPaths("kvm-live")
        self.known_hosts = folder / "known_hosts"
        write_known_hosts(self.known_hosts, INDEX)

    def ssh(self, command: str, stdin: str = "") -> bytes:
        """Return what the command prints; fails the test when it fails."""
        options = [
            "-q",
            "-i",
            str(bench_keys() / "id_ed25519"),
            "-o",
            f"UserKnownHostsFile={self.known_hosts}",
        ]
        target = ["-p", str(SSH_PORT), f"root@{loopback_address(INDEX, 'kvm')}"]
        argv = ["ssh", *options, "-o", "BatchMode=yes", "-o", "ConnectTimeout=60", *target, command]
        run = subprocess.run(argv, check=True, input=stdin.encode(), stdout=subprocess.PIPE, timeout=120)
        return run.stdout

    def fetch(self, page: str) -> bytes:
        """Return a page of the ustreamer in the machine."""
        return self.ssh("python3 -", FETCH.format(page))

    def source(self) -> dict[str, object]:
        """Return what that ustreamer says of its source."""
        state: dict[str, object] = json.loads(self.fetch("state"))["result"]["source"]
        return state


def wait_for_ssh() -> None:
    """Return when the machine's sshd says its name."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with (
            contextlib.suppress(OSError),
            socket.create_connection((loopback_address(INDEX, "kvm"), SSH_PORT)) as peer,
        ):
            peer.settimeout(10)
            if peer.recv(4) == b"SSH-":
                return
        time.sleep(0.1)
    raise AssertionError("no sshd within 60 s")


@pytest.fixture(scope="module")
def kvm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kvm]:
    machine = Kvm(tmp_path_factory.mktemp("kvm"))
    paths = machine.paths
    for folder in (paths.root, paths.sockets, paths.logs):
        folder.mkdir(parents=True, exist_ok=True)
    image = kvm_image()
    give_disks(paths, image)
    commands = {
        "switch": switch_command(paths),
        "uplink": uplink_command(paths, INDEX),
        "kvm": kvm_command(paths, image, restore=True),
    }
    try:
        for name, command in commands.items():
            processes.start(command, paths.root / f"{name}.pid", paths.logs / f"{name}.log")
            while name == "switch" and not (paths.sockets / "switch" / "ctl").exists():
                time.sleep(0.02)
        wait_for_ssh()
        yield machine
    finally:
        for name in reversed(commands):
            processes.stop(paths.root / f"{name}.pid")
        subprocess.run(["rm", "-rf", str(paths.root), str(paths.sockets)], check=True)


def bars(width: int, height: int) -> Rgb:
    """Eight upright bars, black first."""
    colours = np.array([[value & 4, value & 2, value & 1] for value in range(8)]).astype(bool) * 255
    return np.broadcast_to(colours[np.arange(width) * 8 // width], (height, width, 3)).astype(np.uint8)


def seen(jpeg: bytes) -> Rgb:
    """Return the bars' colours in a JPEG, with the limited range stretched to the full one."""
    frame = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR_RGB)
    assert frame is not None
    middle = frame[frame.shape[0] // 2, frame.shape[1] // 16 :: frame.shape[1] // 8].astype(int)
    return ((middle - 16) * 255 // 219).clip(0, 255).astype(np.uint8)


async def until(condition: Callable[[], Awaitable[bool]], seconds: float = 40.0) -> None:
    deadline = time.monotonic() + seconds
    while not await condition():
        assert time.monotonic() < deadline, f"waited {seconds} s in vain"
        await asyncio.sleep(0.2)


def test_it_is_laid_out_as_a_pikvm(kvm: Kvm) -> None:
    assert kvm.ssh("systemctl is-system-running").strip() == b"running"
    units = "kvmd-otg kvmd-janus kvmd-nginx kvmd-tc358743"
    assert kvm.ssh(f"systemctl is-active {units}").split() == [b"active"] * 4
    assert kvm.ssh("cat /sys/kernel/config/usb_gadget/kvmd/UDC").strip() == b"dummy_udc.0"
    assert b" ro," in kvm.ssh("grep ' / ' /proc/mounts")
    kvm.ssh("rw && rw && touch /root/written && rm /root/written && ro && ro")
    assert kvm.ssh("touch /root/written 2>/dev/null || echo refused").strip() == b"refused"


def test_the_gadget_goes_and_comes_with_its_unit(kvm: Kvm) -> None:
    kvm.ssh("systemctl stop kvmd-otg && test ! -e /sys/kernel/config/usb_gadget/kvmd && test ! -e /dev/hidg0")
    kvm.ssh("systemctl start kvmd-otg && test -e /dev/kvmd-hid-keyboard && test -e /dev/kvmd-hid-mouse")


def test_clock_leds_buttons_and_the_disk_of_images(kvm: Kvm) -> None:
    presses: list[tuple[str, float]] = []

    async def run() -> None:
        wires = KvmWires(lambda button, seconds: presses.append((button, seconds)))
        await wires.connect(kvm.paths.socket("kvm-wires"))
        await wires.set_clock(1_900_000_000.0)
        await wires.set_leds(power=True, hdd=False)
        await asyncio.sleep(1)
        assert 0 <= int(kvm.ssh("date +%s")) - 1_900_000_000 < 60
        assert json.loads(kvm.ssh("python3 -", PRESS)) == {"led": {"power": True, "hdd": False}}
        await wires.set_clock()
        qmp = Qmp()
        await qmp.connect(kvm.paths.socket("kvm-qmp"))
        for command, arguments in msd_commands(kvm.paths):
            await qmp.execute(command, **arguments)
        await qmp.close()

        async def pressed() -> bool:
            return presses == [("reset", 0.5)]

        await until(pressed)
        await wires.close()

    asyncio.run(run())
    kvm.ssh("for i in $(seq 60); do mountpoint -q /var/lib/kvmd/msd && break; sleep 0.5; done")
    assert b" ro," in kvm.ssh("grep ' /var/lib/kvmd/msd ' /proc/mounts")
    kvm.ssh("kvmd-helper-otgmsd-remount rw && touch /var/lib/kvmd/msd/a && kvmd-helper-otgmsd-remount ro")


def test_ustreamer_sees_the_suts_picture_its_modes_and_its_end(kvm: Kvm) -> None:
    async def run() -> None:
        told: list[bytes | None] = []
        cable = HdmiCable(told.append)
        await cable.connect(kvm.paths.socket("kvm-hdmi"))

        async def edid_known() -> bool:
            return bool(told) and cable.preferred_size() == (1280, 720)

        await until(edid_known)
        await cable.no_signal()
        await asyncio.to_thread(kvm.ssh, USTREAMER)

        async def online(state: bool) -> bool:
            return (await asyncio.to_thread(kvm.source))["online"] is state

        for width, height in ((1024, 768), (800, 600)):
            picture = bars(width, height)
            await cable.send(picture)

            async def follows(size: tuple[int, int] = (width, height)) -> bool:
                source = await asyncio.to_thread(kvm.source)
                wanted = {"width": size[0], "height": size[1]}
                return source["online"] is True and source["resolution"] == wanted

            await until(follows)
            jpeg = await asyncio.to_thread(kvm.fetch, "snapshot")
            wanted = picture[0, width // 16 :: width // 8].astype(int)
            assert np.abs(seen(jpeg).astype(int) - wanted).max() < 16
        await cable.no_signal()
        await until(lambda: online(False))
        await cable.send(bars(800, 600))
        await until(lambda: online(True))

        await asyncio.to_thread(
            kvm.ssh, "systemctl stop test-ustreamer; v4l2-ctl -d /dev/kvmd-video --clear-edid"
        )

        async def sink_gone() -> bool:
            return told[-1] is None

        await until(sink_gone)
        await asyncio.to_thread(kvm.ssh, "systemctl restart kvmd-tc358743")
        await until(edid_known)
        await cable.close()

    asyncio.run(run())
