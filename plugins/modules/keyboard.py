# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the action plugin of the same name."""

from __future__ import annotations

DOCUMENTATION = r"""
module: keyboard
short_description: Type on the keyboard of the SUT
description:
  - Types text, or presses keys and chords, on the USB keyboard that the SUT sees. The KVM paces the keys and
    releases all of them when the connection is lost.
version_added: 0.1.0
options:
  text:
    description: Text to type. One of this and O(keys) is required.
    type: str
  enter:
    description: Press return after O(text).
    type: bool
    default: false
  keys:
    description: Keys and chords in order, such as V(down), V(f10), V(ctrl-alt-f2).
    type: list
    elements: str
  cps:
    description: Characters per second; as fast as the SUT takes them when 0.
    type: float
  layout:
    description: Keyboard layout that the SUT uses, such as V(us) or V(de).
    type: str
  hold:
    description: Seconds for which each of O(keys) is held.
    type: float
  gap:
    description: Seconds between two of O(keys).
    type: float
  secret:
    description: Keep what is typed out of the evidence.
    type: bool
    default: false
attributes:
  check_mode:
    support: full
    description: Says what would change, and changes nothing.
extends_documentation_fragment: [hwlab.sut.step]
"""

EXAMPLES = r"""
- name: Open the boot entry in the editor
  hwlab.sut.keyboard:
    keys: [up, e, down, down, down, end]

- name: Type the passphrase
  hwlab.sut.keyboard:
    text: "{{ passphrase }}"
    enter: true
    secret: true
  no_log: true
"""

RETURN = r"""
characters:
  description: Number of characters typed.
  returned: success, not in check mode
  type: int
  sample: 52
keys:
  description: Number of keys pressed.
  returned: success, not in check mode
  type: int
  sample: 6
"""
