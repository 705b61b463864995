# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the action plugin of the same name."""

from __future__ import annotations

DOCUMENTATION = r"""
module: mouse
short_description: Move the pointer of the SUT and click
description:
  - Moves the absolute pointer that the SUT sees, and clicks. To click on something that a needle shows, use
    M(hwlab.sut.screen) with its option C(click).
version_added: 0.1.0
options:
  x:
    description: Pixels from the left edge of the picture.
    type: int
  y:
    description: Pixels from the upper edge of the picture.
    type: int
  click:
    description: Mouse button to click, at O(x) and O(y) or where the pointer is.
    type: str
    choices: [left, middle, right]
  double:
    description: Click twice.
    type: bool
    default: false
attributes:
  check_mode:
    support: full
    description: Says what would change, and changes nothing.
extends_documentation_fragment: [hwlab.sut.step]
"""

EXAMPLES = r"""
- name: Wake the screen
  hwlab.sut.mouse:
    x: 10
    y: 10
"""

RETURN = r"""
x:
  description: Where the pointer is.
  returned: success, not in check mode
  type: int
  sample: 10
y:
  description: Where the pointer is.
  returned: success, not in check mode
  type: int
  sample: 10
"""
