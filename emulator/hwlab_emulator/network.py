# SPDX-License-Identifier: GPL-3.0-or-later
"""The bench's layer-2 network: a VDE switch that all its machines plug into, and an uplink that gives the SUT
its address and lets the controller in. Neither needs root.

The uplink is a QEMU without a machine: its user-mode network (slirp) answers DHCP with 10.77.0.20, which only
the SUT asks for, and forwards the controller's loopback addresses. `restrict=on` keeps the bench's machines
from reaching anything outside.
"""

from __future__ import annotations

from hwlab_emulator.acceleration import QEMU
from hwlab_emulator.paths import HOST_PARTS, SSH_PORT, BenchPaths, bench_address, loopback_address

#: The SUT's serial line at the flasher's ser2net (meta-rte's ser2net.yaml).
SERIAL_PORT = 13541
#: For each machine: port on the controller's side -> port on the machine.
FORWARDED = {
    "kvm": {SSH_PORT: 22, 8080: 80, 8443: 443, 6789: 6789},
    "flasher": {SSH_PORT: 22, SERIAL_PORT: SERIAL_PORT},
    "sut": {SSH_PORT: 22},
}


def hardware_address(machine: str) -> str:
    """MAC address of `machine`, the same in every bench."""
    return f"52:54:00:77:00:{HOST_PARTS[machine]:02d}"


def network_card(
    paths: BenchPaths, machine: str, model: str = "virtio-net-pci", options: str = ""
) -> list[str]:
    """QEMU arguments that plug `machine` into the switch; `options` follow the device (",bootindex=9")."""
    return [
        *("-netdev", f"vde,id=lan,sock={paths.sockets / 'switch'}"),
        *("-device", f"{model},netdev=lan,mac={hardware_address(machine)}{options}"),
    ]


def switch_command(paths: BenchPaths) -> list[str]:
    """The switch, in the foreground; its folder of sockets is `switch` among the bench's cables.

    It ends when its standard input does.
    """
    management = paths.sockets / "switch.sock"
    return ["vde_switch", "-s", str(paths.sockets / "switch"), "-M", str(management), "-m", "600"]


def uplink_command(paths: BenchPaths, index: int) -> list[str]:
    """The uplink of bench `index`."""
    forwards = [
        f"hostfwd=tcp:{loopback_address(index, machine)}:{outside}-{bench_address(machine)}:{inside}"
        for machine, ports in FORWARDED.items()
        for outside, inside in ports.items()
    ]
    slirp = f"net=10.77.0.0/24,host={bench_address('uplink')},dhcpstart={bench_address('sut')},restrict=on"
    return [
        *(QEMU, "-nodefaults", "-no-user-config", "-M", "none", "-display", "none"),
        *("-netdev", f"user,id=outside,{slirp},{','.join(forwards)}"),
        *("-netdev", f"vde,id=inside,sock={paths.sockets / 'switch'}"),
        *("-netdev", "hubport,id=port1,hubid=0,netdev=outside"),
        *("-netdev", "hubport,id=port2,hubid=0,netdev=inside"),
    ]
