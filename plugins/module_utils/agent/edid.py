# SPDX-License-Identifier: GPL-3.0-or-later
"""The EDID that the HDMI input shows, through v4l2-ctl.

Block format: VESA E-EDID A.2, section 3: 128 bytes whose sum is 0 modulo 256, byte 126 counts the extensions.
v4l2-ctl ends with 0 even when it refuses an EDID for its checksum, so what was set is always read back.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from .errors import AgentError
from .host import Host
from .journal import Journal

KIND = "edid"
BLOCK = 128
HEADER = bytes.fromhex("00ffffffffffff00")


def parse(text: str) -> bytes:
    """Hexadecimal text with any white space to checked bytes; empty text is no EDID."""
    try:
        data = bytes.fromhex("".join(text.split()))
    except ValueError:
        raise AgentError("the EDID is not hexadecimal text") from None
    check(data)
    return data


def check(data: bytes) -> None:
    """AgentError when a display would not be believed with this."""
    if not data:
        return
    if len(data) % BLOCK or not data.startswith(HEADER):
        raise AgentError(
            f"the EDID has {len(data)} bytes and starts with {data[:8].hex()}; it should be blocks of "
            f"{BLOCK} bytes "
            f"and start with {HEADER.hex()}"
        )
    if data[126] != len(data) // BLOCK - 1:
        raise AgentError(f"the EDID announces {data[126]} extension blocks and has {len(data) // BLOCK - 1}")
    for start in range(0, len(data), BLOCK):
        block = data[start : start + BLOCK]
        right = -sum(block[:-1]) & 0xFF
        if block[-1] != right:
            raise AgentError(
                f"block {start // BLOCK} of the EDID has checksum 0x{block[-1]:02x} and should have "
                f"0x{right:02x}"
            )


def same(one: bytes, other: bytes) -> bool:
    """Whether two EDIDs differ in nothing but the CEC physical address.

    Linux drivers with CEC put the input's own address there (v4l2_set_edid_phys_addr), and mend the checksum.
    """
    return _without_address(one) == _without_address(other)


def _without_address(data: bytes) -> bytes:
    """The EDID with physical address 0.0.0.0 in its HDMI data block (HDMI 1.4b, 8.3.2; CTA-861-G, 7.5)."""
    mended = bytearray(data)
    for start in range(BLOCK, len(data), BLOCK):
        if data[start] != 0x02:
            continue
        at, end = start + 4, start + min(data[start + 2], BLOCK - 1)
        while at < end:
            if data[at] >> 5 == 3 and data[at + 1 : at + 4] == b"\x03\x0c\x00":
                mended[at + 4 : at + 6] = b"\0\0"
            at += 1 + (data[at] & 0x1F)
        mended[start + BLOCK - 1] = -sum(mended[start : start + BLOCK - 1]) & 0xFF
    return bytes(mended)


def read(host: Host, device: str) -> bytes:
    """What the input shows now; empty when nothing."""
    with _scratch(host) as folder:
        path = Path(folder) / "edid.bin"
        done = host.run(["v4l2-ctl", "--device", device, f"--get-edid=format=raw,file={path}"], check=False)
        data = path.read_bytes() if path.exists() else b""
        if not data and done.returncode and "Cannot open device" in done.stderr:
            raise AgentError(f"cannot read the EDID of {device} on the KVM: {' '.join(done.stderr.split())}")
        return data


def write(host: Host, device: str, data: bytes) -> None:
    """Show this EDID; AgentError when the input does not show it afterwards."""
    with _scratch(host) as folder:
        if data:
            path = Path(folder) / "edid.bin"
            path.write_bytes(data)
            done = host.run(
                ["v4l2-ctl", "--device", device, f"--set-edid=file={path},format=raw"], check=False
            )
        else:
            done = host.run(["v4l2-ctl", "--device", device, "--clear-edid"], check=False)
    shown = read(host, device)
    if not same(shown, data):
        said = " ".join((done.stdout + done.stderr).split())
        raise AgentError(
            f"{device} on the KVM does not show the EDID that was set ({len(data)} bytes set, "
            f"{len(shown)} shown): "
            f"{said or 'v4l2-ctl said nothing'}"
        )


def change(host: Host, journal: Journal, device: str, data: bytes) -> bool:
    """Record the former EDID, once, and show this one; whether that changed anything."""
    former = read(host, device)
    if same(former, data):
        return False
    journal.record_once(KIND, {"device": device, "hex": former.hex()})
    write(host, device, data)
    return True


def give_back(host: Host, former: dict[str, str]) -> list[str]:
    data = bytes.fromhex(former["hex"])
    if same(read(host, former["device"]), data):
        return []
    write(host, former["device"], data)
    return [f"former EDID of {former['device']} restored"]


def _scratch(host: Host) -> tempfile.TemporaryDirectory[str]:
    host.run_folder.mkdir(parents=True, exist_ok=True)
    return tempfile.TemporaryDirectory(prefix="edid-", dir=os.fspath(host.run_folder))
