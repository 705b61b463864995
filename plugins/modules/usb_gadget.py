# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the action plugin of the same name."""

from __future__ import annotations

DOCUMENTATION = r"""
module: usb_gadget
short_description: Give the SUT a keyboard, a tablet and disks over USB
description:
  - Stops the units of the KVM that use its USB device controller, removes what they left over, and starts a
    gadget with a keyboard, an absolute pointer and any number of disks.
version_added: 0.1.0
options:
  state:
    description: Whether the gadget is there.
    type: str
    choices: [present, absent]
    default: present
  storage:
    description: Disks of the gadget, in order.
    type: list
    elements: dict
    default: []
    suboptions:
      image:
        description: Name of an image in the KVM's store, or an absolute path on the KVM.
        type: str
        required: true
      cdrom:
        description: Show it as a CD-ROM drive instead of a stick.
        type: bool
        default: false
      ro:
        description: Refuse writes of the SUT.
        type: bool
        default: true
  resolution:
    description: Size of the screen that the pointer covers, such as V(1024x768).
    type: str
  manufacturer:
    description: Manufacturer that the SUT sees.
    type: str
  product:
    description: Product that the SUT sees.
    type: str
attributes:
  check_mode:
    support: full
    description: Compares whether a gadget is there, not which disks it has.
extends_documentation_fragment: [hwlab.sut.step]
"""

EXAMPLES = r"""
- name: Keyboard, tablet and the installer's stick
  hwlab.sut.usb_gadget:
    storage:
      - image: debian-13.iso
        cdrom: false
"""

RETURN = r"""
udc:
  description: USB device controller in use.
  returned: success, not in check mode
  type: str
  sample: fe980000.usb
luns:
  description: Disks of the gadget.
  returned: O(state=present), not in check mode
  type: list
  elements: dict
  sample: [{lun: 0, path: /var/lib/kvmd/msd/debian-13.iso, cdrom: false, ro: true}]
"""
