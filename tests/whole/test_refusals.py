# SPDX-License-Identifier: GPL-3.0-or-later
"""What cannot work is refused before anything on the bench moves, in one message that says what would be
right."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

import pytest

from .bench_run import ROOT, VirtualBench

pytestmark = pytest.mark.bench
PROFILE = ROOT / "inventories" / "profiles" / "lab_os"
SMALL = b"\xff" * 4096


def firmware(tmp_path: Path, content: bytes, sha256: str) -> list[str]:
    image = tmp_path / "wrong.rom"
    image.write_bytes(content)
    return ["-e", f"flash_image={image}", "-e", f"flash_image_sha256={sha256}"]


def broken_profile(tmp_path: Path, change: str) -> list[str]:
    profile = tmp_path / "profile"
    shutil.copytree(PROFILE, profile)
    if change == "needle":
        next(iter(sorted((profile / "needles").glob("*.json")))).write_text("{ not JSON")
    else:
        kickstart = profile / "lab_os.ks.j2"
        kickstart.write_text(kickstart.read_text().replace("zerombr", "zerombrr"))
    return ["-e", f"bench_profile={profile}"]


def unreachable_kvm(tmp_path: Path) -> list[str]:
    other = tmp_path / "other.yml"
    other.write_text("all: {children: {kvms: {hosts: {whole_kvm: {ansible_port: 1}}}}}\n")
    return ["-i", str(other)]


@pytest.mark.parametrize(
    ("case", "said"),
    [
        ("needle", ["not JSON", ".json"]),
        ("kickstart", ["zerombrr", "line"]),
        ("size", ["wrong.rom", "16 MiB"]),
        ("checksum", ["wrong.rom", "SHA-256"]),
        ("image", ["/nonexistent/installer.iso"]),
        ("kvm", ["whole_kvm"]),
    ],
)
def test_refused_before_anything_moves(
    bench: VirtualBench, tmp_path: Path, case: str, said: list[str]
) -> None:
    before = bench.status()
    arguments = {
        "needle": lambda: broken_profile(tmp_path, "needle"),
        "kickstart": lambda: broken_profile(tmp_path, "kickstart"),
        "size": lambda: firmware(tmp_path, SMALL, hashlib.sha256(SMALL).hexdigest()),
        "checksum": lambda: firmware(tmp_path, b"\xff" * (16 << 20), "0" * 64),
        "image": lambda: ["-e", "install_image=/nonexistent/installer.iso"],
        "kvm": lambda: unreachable_kvm(tmp_path),
    }[case]()
    run = bench.start(*arguments)
    assert run.wait(120) == 2
    # The message as a person reads it: yaml output folds long lines.
    output = " ".join(run.output.split())
    for word in said:
        assert word in output
    assert not run.runs.exists(), "a refused run took the bench"
    assert bench.status() == before
