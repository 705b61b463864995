# SPDX-License-Identifier: GPL-3.0-or-later
"""The USB gadget that a SUT sees: a boot keyboard, an absolute tablet and removable disks.

Standard library only: this is what runs on the KVM. keymap (names to usages), hid (descriptors and reports),
device (a /dev/hidgN, written at the pace of the host's polls), configfs (the gadget's folder tree), composite
(what hwlab builds there), typing (pace), lines (gadget-control's line protocol), controller and cli (a server
of those lines).
"""

from __future__ import annotations
