# SPDX-License-Identifier: GPL-3.0-or-later
"""The bench's KVM and flasher as containers: real systemd, ssh, nginx and flashrom in seconds, without a
kernel of their own, so without HDMI and USB. Roles and steps that need neither are tested on them.

    python -m hwlab_emulator.containers up FOLDER       start both; key and known_hosts in FOLDER
    python -m hwlab_emulator.containers down FOLDER     end them and remove what they wrote

Root is needed (mounts and network namespaces). Each container has a network namespace of its own with nothing
but a loopback interface: the controller reaches it by entering the namespace (`ip netns exec`), so no host
gets an address.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from hwlab_emulator import processes
from hwlab_emulator.flasher.image import flasher_image
from hwlab_emulator.flasher.tree import ROOT_DISK as FLASHER_DISK
from hwlab_emulator.keys import CLIENT_KEY, HOST_KEY, HOSTS, bench_keys
from hwlab_emulator.kvm.image import kvm_image
from hwlab_emulator.kvm.machine import ROOT_DISK as KVM_DISK

#: systemd-nspawn of Debian 12 says nothing and waits where the host has cgroup v1 unless told so.
ENVIRONMENT = {"SYSTEMD_NSPAWN_UNIFIED_HIERARCHY": "1"}


@dataclass(frozen=True)
class Container:
    """One machine's image, mounted read-only under a layer of its own."""

    folder: Path
    machine: str

    @property
    def home(self) -> Path:
        return self.folder / self.machine

    @property
    def root(self) -> Path:
        return self.home / "root"

    @property
    def namespace(self) -> str:
        return f"hwlab-{self.folder.name}-{self.machine}"

    @property
    def pid_file(self) -> Path:
        return self.home / "pid"

    def _mount(self, image: Path) -> None:
        for name in ("image", "root", "layer"):
            (self.home / name).mkdir(parents=True)
        subprocess.run(["mount", "-o", "loop,ro,noload", str(image), str(self.home / "image")], check=True)
        # The layer is in memory: an overlay cannot lie on an overlay, and nothing of it is to be kept.
        subprocess.run(["mount", "-t", "tmpfs", "hwlab", str(self.home / "layer")], check=True)
        for name in ("upper", "work"):
            (self.home / "layer" / name).mkdir()
        layers = f"lowerdir={self.home}/image,upperdir={self.home}/layer/upper,workdir={self.home}/layer/work"
        subprocess.run(["mount", "-t", "overlay", "-o", layers, "hwlab", str(self.root)], check=True)

    def start(self, image: Path) -> None:
        """Mount, make the namespace, boot."""
        self._mount(image)
        subprocess.run(["ip", "netns", "add", self.namespace], check=True)
        subprocess.run(["ip", "-n", self.namespace, "link", "set", "lo", "up"], check=True)
        command = [
            *("systemd-nspawn", "--quiet", "--boot", "--register=no", "--keep-unit", "--console=pipe"),
            *("--directory", str(self.root), "--network-namespace-path", f"/run/netns/{self.namespace}"),
        ]
        processes.start(command, self.pid_file, self.home / "console.log", ENVIRONMENT)

    def stop(self) -> None:
        """End the container, and all that `start` made; what is not there is no error."""
        processes.stop(self.pid_file, patience=15)
        for name in ("root", "layer", "image"):
            if os.path.ismount(self.home / name):
                subprocess.run(["umount", "--recursive", str(self.home / name)], check=True)
        if Path(f"/run/netns/{self.namespace}").exists():
            subprocess.run(["ip", "netns", "del", self.namespace], check=True)
        shutil.rmtree(self.home, ignore_errors=True)

    def answers(self) -> bool:
        """Whether something listens on its ssh port."""
        listening = ["ip", "netns", "exec", self.namespace, "ss", "-Hltn", "sport = :22"]
        return bool(subprocess.run(listening, capture_output=True, check=True).stdout)


def _write_access(folder: Path) -> None:
    """The controller's key, and the containers' host keys under the machines' names (ssh's HostKeyAlias)."""
    keys = bench_keys()
    shutil.copyfile(keys / CLIENT_KEY, folder / CLIENT_KEY)
    (folder / CLIENT_KEY).chmod(0o600)
    lines = []
    for host in HOSTS:
        kind, key = (keys / host / f"{HOST_KEY}.pub").read_text().split()[:2]
        lines.append(f"{host} {kind} {key}\n")
    (folder / "known_hosts").write_text("".join(lines))


def up(folder: Path, patience: float = 60.0) -> None:
    """Start both containers and wait until they take ssh connections."""
    down(folder)
    folder.mkdir(parents=True, exist_ok=True)
    _write_access(folder)
    kvm, flasher = Container(folder, "kvm"), Container(folder, "flasher")
    kvm.start(kvm_image() / KVM_DISK)
    flasher.start(flasher_image() / FLASHER_DISK)
    deadline = time.monotonic() + patience
    while not (kvm.answers() and flasher.answers()):
        for container in (kvm, flasher):
            if processes.running_pid(container.pid_file) is None:
                log = (container.home / "console.log").read_text()[-2000:]
                raise RuntimeError(f"the container {container.machine} ended by itself:\n{log}")
        if time.monotonic() > deadline:
            raise TimeoutError(f"no ssh within {patience} s: see {folder}/*/console.log")
        time.sleep(0.2)


def down(folder: Path) -> None:
    """End both containers."""
    for machine in HOSTS:
        Container(folder, machine).stop()


if __name__ == "__main__":
    {"up": up, "down": down}[sys.argv[1]](Path(sys.argv[2]).absolute())
