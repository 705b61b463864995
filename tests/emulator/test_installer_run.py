# SPDX-License-Identifier: GPL-3.0-or-later
"""A whole installation on an emulated SUT: menu, kickstart, click, first start from the disk, ssh and getty.

Takes minutes under TCG, and builds the installer's medium first if there is none (needs root).
"""

from __future__ import annotations

import asyncio
import subprocess
from pathlib import Path

import pytest
from PIL import Image

from hwlab_emulator.os import firmware
from hwlab_emulator.os.installer import IMAGE, installer_image
from hwlab_emulator.paths import BenchPaths
from hwlab_emulator.sut import machine

from .sut_alone import Sut, running_sut, serve_text

pytestmark = pytest.mark.bench

SSH_PORT = 22977
KICKSTART = """
lang en_US.UTF-8
keyboard us
timezone UTC --utc
network --bootproto=static --ip=10.77.0.20 --netmask=255.255.255.0 --gateway=10.77.0.2 --hostname=sut
rootpw --lock
sshpw --username=root --sshkey {key}
sshkey --username=root "{key}"
ignoredisk --only-use=nvme0n1
zerombr
clearpart --all --initlabel --drives=nvme0n1
part /boot/efi --fstype=efi --size=300
part / --fstype=ext4 --size=1500 --grow --label=root
%pre
echo pre was here
%end
%post
echo installed by kickstart > /root/hwlab-kickstart-marker
cat /etc/ssh/ssh_host_ed25519_key.pub
%end
"""
#: The middle of the button on the last screen.
REBOOT_BUTTON = (874, 678)


class Shell:
    """ssh to the SUT with a key; the host key is what the serial line told before."""

    def __init__(self, folder: Path) -> None:
        self.key = folder / "key"
        self.known_hosts = folder / "known_hosts"
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(self.key)], check=True)

    @property
    def public_key(self) -> str:
        return self.key.with_suffix(".pub").read_text().strip()

    def know(self, host_key: str) -> None:
        self.known_hosts.write_text(f"[127.0.0.1]:{SSH_PORT} {host_key.strip()}\n")

    async def run(self, line: str, seconds: float) -> str:
        """Run `line` on the SUT as root, trying again until it answers."""
        options = ["-o", f"UserKnownHostsFile={self.known_hosts}", "-o", "ConnectTimeout=10"]
        command = ["ssh", "-i", str(self.key), "-p", str(SSH_PORT), *options, "root@127.0.0.1", line]
        said = b""
        try:
            async with asyncio.timeout(seconds):
                while True:
                    pipe = asyncio.subprocess.PIPE
                    process = await asyncio.create_subprocess_exec(*command, stdout=pipe, stderr=pipe)
                    out, said = await process.communicate()
                    if process.returncode != 255:
                        return out.decode()
                    await asyncio.sleep(1)
        except TimeoutError:
            raise AssertionError(f"ssh did not answer in {seconds} s: {said.decode()}") from None


async def _edit_entry(sut: Sut, arguments: str) -> None:
    """The menu begins with its second entry; the kernel's line is the third below the first of an entry."""
    await sut.said("Rescue a Lab OS", 180)
    await asyncio.sleep(1)
    await sut.keys("up", "e")
    await asyncio.sleep(1)
    await sut.keys("down", "down", "down", "end")
    await sut.type(arguments)
    await sut.keys("f10")


async def _install(folder: Path) -> None:
    paths = BenchPaths("alone")
    shell = Shell(folder)
    asked: list[str] = []
    server = serve_text(KICKSTART.format(key=shell.public_key), asked.append)
    async with running_sut(paths, installer_image() / IMAGE, SSH_PORT) as sut:
        await _edit_entry(sut, f" inst.sshd inst.ks=http://10.77.0.2:{server.server_port}/ks.cfg")
        end = await sut.said(r"sshd listens on 10\.77\.0\.20 .*host key [^\r]*\r", 400)
        assert asked == ["/ks.cfg"]
        shell.know(sut.text[:end].rsplit("host key ", 1)[1])
        assert "lab_installer" in await shell.run("ps axww", 120)
        await sut.said("%pre: pre was here", 60)
        end = await sut.said("%post: ssh-ed25519 [^\r]*\r", 600)
        shell.know(sut.text[:end].rsplit("%post: ", 1)[1])
        await sut.said("screen: done", 60)
        with Image.open(await sut.picture(folder / "done.png")) as picture:
            assert picture.size == (1024, 768)
            assert picture.convert("RGB").getpixel((780, 660)) == (0x2A, 0x6F, 0xB8)
        await sut.qmp.execute("eject", device="stick", force=True)
        await sut.click(*REBOOT_BUTTON)
        end = await sut.said("clicked: reboot", 30)
        await sut.said("Lab OS 1.0", 120, end)
        end = await sut.said("sut login: ", 400, end)
        assert await shell.run("cat /root/hwlab-kickstart-marker", 200) == "installed by kickstart\n"
        assert (await shell.run("systemctl is-system-running --wait", 200)).strip() == "running"
        disks = await shell.run("lsblk -nro NAME,FSTYPE,LABEL,MOUNTPOINT /dev/nvme0n1", 60)
        assert "nvme0n1p1 vfat  /boot/efi" in disks
        assert "nvme0n1p2 ext4 root /" in disks
        assert "labos" in await shell.run("efibootmgr", 60)
        await sut.write_serial("\r")
        await sut.said("sut login: ", 30, end)
        await sut.qmp.execute("system_powerdown")
        await asyncio.wait_for(sut.qmp.wait_closed(), 120)
    server.shutdown()
    chip = folder / "chip.bin"
    chip.write_bytes(firmware.firmware_image(16).read_bytes())
    assert firmware.write_back(machine.firmware_file(paths), chip)
    assert "labos".encode("utf-16-le") in chip.read_bytes()


def test_an_installation_from_power_on_to_ssh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HWLAB_BENCHES", str(tmp_path / "benches"))
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "run"))
    asyncio.run(_install(tmp_path))
