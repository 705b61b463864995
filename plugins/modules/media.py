# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the action plugin of the same name."""

from __future__ import annotations

DOCUMENTATION = r"""
module: media
short_description: Images in the KVM's store and in the USB drive of the SUT
description:
  - Uploads images to the image store of the KVM, unless they are there already, and puts them into or takes
    them out of a drive of the running gadget.
version_added: 0.1.0
options:
  state:
    description:
      - V(stored) has O(path) in the store of the KVM, checked by its SHA-256.
      - V(absent) removes O(image) from the store.
      - V(inserted) puts O(image) into a drive.
      - V(ejected) takes the image out of a drive.
    type: str
    choices: [stored, absent, inserted, ejected]
    required: true
  path:
    description: File on the controller, with O(state=stored).
    type: path
  image:
    description: Name of an image in the store; with O(state=stored) the name to give, that of O(path) if not
      set.
    type: str
  sha256:
    description: SHA-256 that O(path) must have, or a file that C(sha256sum) wrote.
    type: str
  lun:
    description: Number of the drive.
    type: int
    default: 0
  cdrom:
    description: Show it as a CD-ROM drive, with O(state=inserted).
    type: bool
    default: false
  ro:
    description: Refuse writes of the SUT, with O(state=inserted).
    type: bool
    default: true
attributes:
  check_mode:
    support: partial
    description: Compares the store by name; what a drive holds is not asked.
extends_documentation_fragment: [hwlab.sut.step]
"""

EXAMPLES = r"""
- name: Have the installer's image on the KVM
  hwlab.sut.media:
    state: stored
    path: "{{ install_image }}"

- name: Eject the stick
  hwlab.sut.media:
    state: ejected
"""

RETURN = r"""
name:
  description: Name in the store.
  returned: O(state=stored), not in check mode
  type: str
  sample: debian-13.iso
path:
  description: Path on the KVM.
  returned: O(state=stored), not in check mode
  type: str
  sample: /var/lib/kvmd/msd/debian-13.iso
size:
  description: Size in bytes.
  returned: O(state=stored), not in check mode
  type: int
  sample: 663748608
sha256:
  description: SHA-256 of the image.
  returned: O(state=stored), not in check mode
  type: str
  sample: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
luns:
  description: Drives of the gadget afterwards.
  returned: O(state=inserted) and O(state=ejected), not in check mode
  type: list
  elements: dict
  sample: [{lun: 0, path: "", cdrom: true, ro: true}]
"""
