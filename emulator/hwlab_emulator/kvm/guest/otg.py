# SPDX-License-Identifier: GPL-3.0-or-later
"""kvmd-otg start|stop: the KVM's own USB gadget, made and removed through configfs.

Layout of /sys/kernel/config/usb_gadget: Linux, Documentation/ABI/testing/configfs-usb-gadget*.
"""

from __future__ import annotations

import errno
import os
import sys
import time

GADGETS = "/sys/kernel/config/usb_gadget"
GADGET = GADGETS + "/kvmd"
CONFIG = GADGET + "/configs/c.1"
META = "/run/kvmd/otg"

# Keyboard: HID 1.11, appendix B.1. Mouse: like that of appendix E.10, but with 8 buttons, a wheel, and a
# pointer that is absolute, X and Y 0..32767.
KEYBOARD = bytes.fromhex(
    "05010906a101050719e029e71500250175019508810295017508810395057501050819012905910295017503910395067508"
    "1500256505071900296581 00c0".replace(" ", "")
)
MOUSE = bytes.fromhex(
    "05010902a1010901a10005091901290815002501950875018102050109300931150026ff7f7510950281020938"
    "1581257f750895018106c0c0"
)
FUNCTIONS: dict[str, dict[str, str | bytes]] = {
    "hid.usb0": {"protocol": "1", "subclass": "1", "report_length": "8", "report_desc": KEYBOARD},
    "hid.usb1": {"protocol": "0", "subclass": "0", "report_length": "6", "report_desc": MOUSE},
    "mass_storage.usb0": {
        "stall": "0",
        "lun.0/cdrom": "1",
        "lun.0/ro": "1",
        "lun.0/removable": "1",
        "lun.0/nofua": "0",
        "lun.0/inquiry_string": "PiKVM   CD-ROM Drive    0100",
    },
}


def write(path: str, value: str | bytes) -> None:
    with open(path, "wb") as file:
        file.write(value if isinstance(value, bytes) else value.encode())


def controller() -> str:
    """Return the first USB device controller; it may come a moment after its module."""
    for _ in range(50):
        found = sorted(os.listdir("/sys/class/udc"))
        if found:
            return found[0]
        time.sleep(0.1)
    raise SystemExit("kvmd-otg: no USB device controller in /sys/class/udc")


def start() -> None:
    udc = controller()
    if os.path.isdir(GADGET):
        return
    os.makedirs(GADGET + "/strings/0x409")
    for name, value in (
        ("idVendor", "0x1d6b"),
        ("idProduct", "0x0104"),
        ("bcdUSB", "0x0200"),
        ("bcdDevice", "0x0100"),
    ):
        write(f"{GADGET}/{name}", value)
    for name, value in (
        ("manufacturer", "PiKVM"),
        ("product", "PiKVM Composite Device"),
        ("serialnumber", "CAFEBABE"),
    ):
        write(f"{GADGET}/strings/0x409/{name}", value)
    os.makedirs(CONFIG + "/strings/0x409")
    write(CONFIG + "/strings/0x409/configuration", "Config 1")
    write(CONFIG + "/MaxPower", "250")
    os.makedirs(META, exist_ok=True)
    for function, attributes in FUNCTIONS.items():
        os.makedirs(f"{GADGET}/functions/{function}", exist_ok=True)
        for name, content in attributes.items():
            write(f"{GADGET}/functions/{function}/{name}", content)
        os.symlink(f"{GADGET}/functions/{function}", f"{CONFIG}/{function}")
        write(f"{META}/{function}@meta.json", "{}")
    write(GADGET + "/UDC", udc)


def stop() -> None:
    if not os.path.isdir(GADGET):
        return
    try:
        write(GADGET + "/UDC", "\n")
    except OSError as error:
        if error.errno != errno.ENODEV:
            raise
    for function in os.listdir(CONFIG):
        if os.path.islink(f"{CONFIG}/{function}"):
            os.unlink(f"{CONFIG}/{function}")
    os.rmdir(CONFIG + "/strings/0x409")
    os.rmdir(CONFIG)
    for function in os.listdir(GADGET + "/functions"):
        os.rmdir(f"{GADGET}/functions/{function}")
    os.rmdir(GADGET + "/strings/0x409")
    os.rmdir(GADGET)
    if os.path.isdir(META):
        for name in os.listdir(META):
            os.unlink(f"{META}/{name}")
        os.rmdir(META)


def main() -> None:
    actions = {"start": start, "stop": stop}
    if len(sys.argv) != 2 or sys.argv[1] not in actions:
        raise SystemExit("Usage: kvmd-otg start|stop")
    actions[sys.argv[1]]()


if __name__ == "__main__":
    main()
