# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the action plugin of the same name."""

from __future__ import annotations

DOCUMENTATION = r"""
module: video_input
short_description: Show the SUT a monitor and take its picture in
description:
  - Sets the EDID of the KVM's capture device, so that the SUT chooses the wanted mode, and starts the stream
    that M(hwlab.sut.screen) looks at. The former EDID comes back at the end of the run.
version_added: 0.1.0
options:
  resolution:
    description: Preferred mode of the monitor, such as V(1024x768). One of this and O(edid) is required.
    type: str
  edid:
    description: File on the controller with an EDID, binary or hexadecimal.
    type: path
  stream:
    description: Start the stream.
    type: bool
    default: true
attributes:
  check_mode:
    support: partial
    description: Checks the options; the present EDID is not compared.
extends_documentation_fragment: [hwlab.sut.step]
"""

EXAMPLES = r"""
- name: Make the SUT show 1024x768
  hwlab.sut.video_input:
    resolution: 1024x768
"""

RETURN = r"""
edid_before:
  description: EDID that the input had before, in hexadecimal; empty for none.
  returned: success, not in check mode
  type: str
  sample: 00ffffffffffff00
signal:
  description: Whether the SUT sends a picture now.
  returned: success, not in check mode
  type: bool
  sample: false
width:
  description: Width of the picture in pixels.
  returned: when there is a signal
  type: int
  sample: 1024
height:
  description: Height of the picture in pixels.
  returned: when there is a signal
  type: int
  sample: 768
"""
