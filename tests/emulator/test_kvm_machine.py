# SPDX-License-Identifier: GPL-3.0-or-later
"""The KVM's QEMU and what it starts from."""

from __future__ import annotations

import lzma
import stat
import struct
import subprocess
from pathlib import Path

import pytest

from hwlab_emulator.initrd import newc
from hwlab_emulator.kernel import vmlinux_of, with_dependencies
from hwlab_emulator.kvm.machine import SNAPSHOT, kvm_command, msd_commands, msd_of
from hwlab_emulator.paths import BenchPaths


def test_a_resumed_machine_is_the_one_that_was_saved() -> None:
    paths, image = BenchPaths("one"), Path("/image")
    saved, resumed = (kvm_command(paths, image, restore) for restore in (False, True))
    assert resumed == [*saved, "-loadvm", SNAPSHOT]


def test_two_benches_share_no_file_but_the_image() -> None:
    one, two = (set(kvm_command(BenchPaths(name), Path("/image"), True)) for name in ("one", "two"))
    assert {word for word in one & two if "/" in word and "root=" not in word} == {
        "/image/vmlinux",
        "/image/initrd.img",
    }


def test_the_disk_of_images_is_the_benchs_own() -> None:
    paths = BenchPaths("one")
    (add, disk), (plug, device) = msd_commands(paths)
    assert (add, plug) == ("blockdev-add", "device_add")
    assert disk["file"]["filename"] == str(msd_of(paths))
    assert device["drive"] == disk["node-name"]


def _bzimage(payload: bytes) -> bytes:
    head = bytearray(2 * 512)
    head[0x1F1] = 1
    struct.pack_into("<II", head, 0x248, 16, len(payload))
    return bytes(head) + bytes(16) + payload


@pytest.mark.parametrize("tool", [["xz", "--check=crc32", "-c"], ["gzip", "-c"], ["zstd", "-qc"]])
def test_the_kernel_inside_a_bzimage(tool: list[str]) -> None:
    kernel = b"\x7fELF" + bytes(range(256)) * 40
    packed = subprocess.run(tool, input=kernel, capture_output=True, check=True).stdout
    # The build of a bzImage appends the size (Linux, scripts/Makefile.lib, size_append).
    assert vmlinux_of(_bzimage(packed + struct.pack("<I", len(kernel)))) == kernel


def test_what_holds_no_kernel_is_refused() -> None:
    with pytest.raises(ValueError, match="no ELF kernel"):
        vmlinux_of(_bzimage(lzma.compress(b"MZ something else")))


def test_cpio_reads_the_archive(tmp_path: Path) -> None:
    files = {
        "a": (stat.S_IFDIR | 0o755, b""),
        "a/text": (stat.S_IFREG | 0o640, b"hello"),
        "b": (0o100755, b""),
    }
    subprocess.run(["cpio", "-id", "--quiet"], input=newc(files), cwd=tmp_path, check=True)
    assert (tmp_path / "a/text").read_bytes() == b"hello"
    assert stat.S_IMODE((tmp_path / "a/text").stat().st_mode) == 0o640
    assert stat.S_IMODE((tmp_path / "b").stat().st_mode) == 0o755


def test_modules_come_after_what_they_need(tmp_path: Path) -> None:
    (tmp_path / "modules.dep").write_text(
        "kernel/a.ko: kernel/b-x.ko.xz kernel/c.ko\nkernel/b-x.ko.xz: kernel/c.ko\nkernel/c.ko:\n"
    )
    (tmp_path / "modules.builtin").write_text("kernel/ext4.ko\n")
    names = [path.name for path in with_dependencies(tmp_path, ["ext4", "a"])]
    assert names == ["c.ko", "b-x.ko.xz", "a.ko"]
    with pytest.raises(ValueError, match="vivid"):
        with_dependencies(tmp_path, ["vivid"])
