# SPDX-License-Identifier: GPL-3.0-or-later
"""Which QEMU accelerator the machines of a bench run with.

A machine can have a /dev/kvm on which no stock guest starts (nested virtualisation without the processor's
extensions), so KVM is taken only where the processor offers it and a firmware has been seen to run on it.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
from functools import cache
from pathlib import Path

QEMU = "qemu-system-x86_64"
#: Port on which SeaBIOS prints its log (SeaBIOS, docs/Debugging.md).
SEABIOS_DEBUG_PORT = 0x402
PROBE_SECONDS = 5.0
#: CPUID flags that say that string instructions are fast on bytes (Intel SDM, vol. 2A, CPUID leaf 7).
BYTE_STRING_FLAGS = ("erms", "fsrm", "fzrm", "fsrs", "fsrc")


def _processor_offers_it() -> bool:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("flags"):
            return bool({"vmx", "svm"} & set(line.split()))
    return False


def _guest_starts() -> bool:
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "log"
        command = [
            *(QEMU, "-nodefaults", "-no-user-config", "-display", "none", "-accel", "kvm", "-cpu", "host"),
            *("-chardev", f"file,id=log,path={log}"),
            *("-device", f"isa-debugcon,iobase={SEABIOS_DEBUG_PORT},chardev=log"),
        ]
        machine = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            machine.wait(PROBE_SECONDS)
        except subprocess.TimeoutExpired:
            return log.exists() and b"Booting from" in log.read_bytes()
        finally:
            machine.kill()
            machine.wait()
        return False


@cache
def accelerator() -> str:
    """`kvm` or `tcg`; HWLAB_EMULATOR_ACCEL overrides. Snapshots of one do not resume on the other."""
    given = os.environ.get("HWLAB_EMULATOR_ACCEL")
    if given in ("kvm", "tcg"):
        return given
    usable = os.access("/dev/kvm", os.R_OK | os.W_OK) and _processor_offers_it() and _guest_starts()
    return "kvm" if usable else "tcg"


@cache
def _without_byte_strings() -> str:
    """TCG's processor model, less what makes guests copy with `rep movsb`.

    TCG runs that instruction byte by byte. Without these flags a Linux 6.1 guest copied 750 MB/s between user
    and kernel instead of 45, and cleared 4450 MB/s instead of 120 (by `rep movsq` and `rep stosq`).
    """
    known = subprocess.run([QEMU, "-cpu", "help"], capture_output=True, text=True, check=True).stdout.split()
    return ",".join(["max", *(f"-{flag}" for flag in BYTE_STRING_FLAGS if flag in known)])


def acceleration() -> list[str]:
    """QEMU arguments for the accelerator and the processor model that goes with it."""
    if accelerator() == "kvm":
        return ["-accel", "kvm", "-cpu", "host"]
    return ["-accel", "tcg,thread=multi", "-cpu", _without_byte_strings()]
