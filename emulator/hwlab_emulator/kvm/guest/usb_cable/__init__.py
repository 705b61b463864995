# SPDX-License-Identifier: GPL-3.0-or-later
"""The USB cable of a virtual bench, seen from the KVM: carries the gadget to the SUT over usbredir.

Runs as root inside the KVM's virtual machine, with the standard library only. The gadget is a real one on
dummy_hcd; this is the host side of that bus, which hands every transfer to whoever sits at the other end of
the virtio-serial port `hwlab.usb`: the SUT's QEMU with its `usb-redir` device.
"""
