# SPDX-License-Identifier: GPL-3.0-or-later
"""Kickstarts as the installer reads them, with the real pykickstart."""

from __future__ import annotations

from pathlib import Path

import pytest

from lab_installer import storage
from lab_installer.journal import InstallError
from lab_installer.kickstart import read_kickstart
from lab_installer.plan import Account, Partition, Password, Plan
from lab_installer.target import network_unit

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIE5WTTTlM0YkTMJTpFUk0eVqWcT9UQZLcSX2mVwXPyyE lab"
WHOLE = f"""
lang de_DE.UTF-8
keyboard --vckeymap=de --xlayouts=de
timezone Europe/Berlin --utc
network --bootproto=static --ip=10.77.0.20 --netmask=255.255.255.0 --gateway=10.77.0.2 --hostname=sut
rootpw --iscrypted $6$salt$hash
user --name=tester --groups=users,disk --plaintext --password=secret
sshpw --username=root --plaintext installing
sshpw --username=root --sshkey {KEY}
sshkey --username=root "{KEY}"
ignoredisk --only-use=nvme0n1
zerombr
clearpart --all --initlabel --drives=nvme0n1
bootloader --append="quiet panic=1" --timeout=3
part /boot/efi --fstype=efi --size=300
part / --fstype=ext4 --size=1500 --grow --label=root
part swap --size=256
%packages
@core
vim
%end
%pre --interpreter=/usr/bin/python3
print("%d" % 1)
%end
%post --nochroot --erroronfail --log=/root/post.log
true
%end
"""


def read(text: str) -> Plan:
    return read_kickstart(text, follow_includes=False)


def test_every_command_reaches_the_plan() -> None:
    plan = read(WHOLE)
    assert (plan.language, plan.keyboard, plan.timezone, plan.hostname) == (
        "de_DE.UTF-8",
        "de",
        "Europe/Berlin",
        "sut",
    )
    assert (plan.network.address, plan.network.gateway) == ("10.77.0.20", "10.77.0.2")
    assert plan.root_password == Password("$6$salt$hash", encrypted=True)
    assert plan.users == [Account("tester", Password("secret"), ("users", "disk"))]
    assert plan.installer_accounts == [Account("root", Password("installing")), Account("root", keys=(KEY,))]
    assert plan.ssh_keys == [("root", KEY)]
    assert plan.only_disks == ("nvme0n1",)
    assert plan.clear
    assert plan.partitions == [
        Partition("/boot/efi", "efi", 300),
        Partition("/", "ext4", 1500, grow=True, label="root"),
        Partition(None, "swap", 256),
    ]
    assert plan.packages == ("@core", "vim")
    assert plan.kernel_arguments == "quiet panic=1"
    assert plan.menu_timeout == 3
    assert plan.pre[0].interpreter == "/usr/bin/python3"
    assert 'print("%d" % 1)' in plan.pre[0].text
    post = plan.post[0]
    assert (post.chroot, post.fail_on_error, post.logfile) == (False, True, "/root/post.log")
    assert plan.finish == "wait"


@pytest.mark.parametrize(
    ("command", "finish"), [("reboot --eject", "reboot"), ("poweroff", "poweroff"), ("", "wait")]
)
def test_only_a_command_ends_the_installation_without_a_click(command: str, finish: str) -> None:
    assert read(f"autopart\n{command}\n").finish == finish


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("lang en_US\nfrobnicate\n", "line 2"),
        ("%post\ntrue\n", "%end"),
        ("raid / --device=md0 --level=1 raid.1 raid.2\n", "raid"),
        ("part / --fstype=xfs --size=1000\n", "xfs"),
        ("part / --fstype=ext4\n", "--size"),
        ("part / --fstype=ext4 --size=1000\n", "/boot/efi"),
        ("part / --size=1\npart / --size=1\npart /boot/efi --size=9\n", "two part lines for /"),
        ("part / --size=1 --onpart=sda1\n", "--onpart"),
        ("timezone Mars/Olympus\n", "Mars/Olympus"),
        ("clearpart --linux\n", "only --all and --none"),
        ("network --bootproto=static\n", "--ip"),
        ("autopart\npart / --size=1\npart /boot/efi --size=9\n", "same time"),
        ("%traceback\ntrue\n%end\n", "%pre and %post"),
    ],
)
def test_what_cannot_be_done_is_refused(text: str, said: str) -> None:
    with pytest.raises(InstallError, match=said.replace("-", "[-]")):
        read(text)


@pytest.mark.parametrize(
    ("command", "wanted"),
    [
        ("", True),
        ("bootloader --append=quiet\n", True),
        ("bootloader --location=none\n", False),
        ("bootloader --disabled\n", False),
    ],
)
def test_a_boot_loader_is_left_out_only_when_told_so(command: str, wanted: bool) -> None:
    assert read(f"autopart\n{command}").bootloader is wanted


def test_an_included_file_is_read_when_it_exists(tmp_path: Path) -> None:
    text = f"%include {tmp_path}/disk.ks\n"
    assert read(text).partitions == []
    (tmp_path / "disk.ks").write_text("part / --size=2000\npart /boot/efi --size=100\n")
    assert len(read_kickstart(text, follow_includes=True).partitions) == 2
    (tmp_path / "disk.ks").unlink()
    with pytest.raises(InstallError, match="disk.ks"):
        read_kickstart(text, follow_includes=True)


def test_growing_partitions_share_what_is_left() -> None:
    parts = [
        Partition("/boot/efi", "efi", 300),
        Partition("/", "ext4", 1000, grow=True),
        Partition("/home", "ext4", 1000, grow=True, max_size=1500),
    ]
    assert storage.sizes(parts, 8192) == [300, 6390, 1500]
    with pytest.raises(InstallError, match="2300 MiB"):
        storage.sizes(parts, 2000)


def test_disks_that_are_not_there_are_named_with_those_that_are() -> None:
    plan = Plan(only_disks=("sda",))
    with pytest.raises(InstallError, match="no disk sda; its disks: nvme0n1"):
        storage.usable_disks(plan, {"nvme0n1": 8192})
    assert storage.usable_disks(Plan(), {"sda": 1, "nvme0n1": 1}) == ["nvme0n1", "sda"]


def test_a_static_address_becomes_a_network_unit() -> None:
    unit = network_unit(read(WHOLE), "52:54:00:00:00:01")
    assert "Address=10.77.0.20/24" in unit
    assert "Gateway=10.77.0.2" in unit
    assert "DHCP" not in unit
    assert "DHCP=ipv4" in network_unit(Plan(), "52:54:00:00:00:01")
