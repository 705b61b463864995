# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the action plugin of the same name."""

from __future__ import annotations

DOCUMENTATION = r"""
module: flash
short_description: Make the flash chip of the SUT hold a firmware image
description:
  - Powers the SUT off, lets the flasher drive the chip, and reads it. Only when the chip differs from the
    image outside of the regions that the firmware writes by itself (C(flash_volatile_regions)), it is written
    and verified by C(flashrom).
  - C(flashrom) runs detached on the flasher, so that a lost connection does not tear it.
  - The lines are released whatever happens. The SUT gets its mains back only once the chip is verified, and
    M(hwlab.sut.power) refuses to start a SUT whose chip was not.
version_added: 0.1.0
options:
  image:
    description: Image of the whole chip, on the controller; as large as the chip.
    type: path
    required: true
  sha256:
    description: SHA-256 that the image must have, or a file that C(sha256sum) wrote.
    type: str
  force:
    description: Write even when the chip holds the image already; this also resets the firmware's variables.
    type: bool
    default: false
  layout:
    description: Layout file of C(flashrom), on the controller; needs O(regions).
    type: path
  regions:
    description:
      - Write only these regions, of O(layout) or, without it, of the Intel flash descriptor. Empty writes the
        whole chip.
    type: list
    elements: str
    default: []
  mains_back:
    description: Give the mains back after a success; a following M(hwlab.sut.power) does it otherwise.
    type: bool
    default: true
attributes:
  check_mode:
    support: partial
    description: Checks the image; whether the chip holds it already is not read.
extends_documentation_fragment: [hwlab.sut.step]
"""

EXAMPLES = r"""
- name: Flash the firmware and verify it
  hwlab.sut.flash:
    image: files/msi_z690a.rom
    sha256: files/msi_z690a.rom.sha256

- name: Write the BIOS region only
  hwlab.sut.flash:
    image: files/msi_z690a.rom
    regions: [bios]
"""

RETURN = r"""
outcome:
  description:
    - V(written), V(identical) when C(flashrom) found nothing to write, V(held) when the chip was read and
      holds the image.
  returned: success, not in check mode
  type: str
  sample: written
image:
  description: Path of the image.
  returned: success
  type: str
  sample: /home/lab/files/msi_z690a.rom
sha256:
  description: Its SHA-256.
  returned: success
  type: str
  sample: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
size:
  description: Its size in bytes.
  returned: success
  type: int
  sample: 33554432
chip:
  description: Chip that C(flashrom) found.
  returned: success, not in check mode
  type: str
  sample: Winbond W25Q256JW
log:
  description: Path of what C(flashrom) said.
  returned: success, not in check mode
  type: str
  sample: /home/lab/runs/20261122T020000Z-msi_z690a/flash/msi_z690a-18a.log
seconds:
  description: Time it took.
  returned: success, not in check mode
  type: float
  sample: 68.2
"""
