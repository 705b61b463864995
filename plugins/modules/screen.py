# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the action plugin of the same name."""

from __future__ import annotations

DOCUMENTATION = r"""
module: screen
short_description: Wait for what the screen of the SUT shows
description:
  - Waits until a needle with one of the wanted tags matches the live picture, and clicks on it if asked to.
    Needles are those of openQA.
  - When none does in time, the failure names the tags, the best candidates with their similarity, and the
    picture.
version_added: 0.1.0
options:
  state:
    description:
      - V(shown) waits for one of O(tags).
      - V(still) waits until the picture has not changed for O(seconds).
      - V(saved) saves the picture of this moment.
    type: str
    choices: [shown, still, saved]
    default: shown
  tags:
    description: Tags of needles, one of which must show; with O(state=shown), this or O(needle) is required.
    type: list
    elements: str
    default: []
  needle:
    description: Name of the needle that must show.
    type: str
  forbid:
    description: Tags of needles that end the wait with a failure as soon as one shows.
    type: list
    elements: str
    default: []
  needles:
    description: Folder of needles; that of M(hwlab.sut.session) if not set.
    type: path
  timeout:
    description: Seconds to wait.
    type: float
    default: 30
  optional:
    description: Do not fail when nothing matches in time; RV(matched) tells.
    type: bool
    default: false
  click:
    description: Click on the click point of the needle that matched, or on the centre of its last area.
    type: bool
    default: false
  click_point:
    description: Name of the click point, for a needle that has several.
    type: str
  button:
    description: Mouse button for O(click).
    type: str
    choices: [left, middle, right]
    default: left
  double:
    description: Click twice.
    type: bool
    default: false
  stable:
    description: Seconds for which the needle must go on matching.
    type: float
    default: 0
  seconds:
    description: Seconds without change, with O(state=still).
    type: float
    default: 2
  similarity:
    description: How alike two pictures must be to count as unchanged, in dB of PSNR, with O(state=still).
    type: float
    default: 47
  name:
    description: Name of the picture's file, with O(state=saved).
    type: str
attributes:
  check_mode:
    support: full
    description: Looks as usual, and does not click.
extends_documentation_fragment: [hwlab.sut.step]
"""

EXAMPLES = r"""
- name: Match the boot menu
  hwlab.sut.screen:
    tags: [bootloader]
    timeout: 120

- name: Click a button, or stop at an error
  hwlab.sut.screen:
    tags: [installer-install-done-reboot]
    forbid: [installer-error]
    timeout: 2200
    click: true

- name: Let the screen settle
  hwlab.sut.screen:
    state: still
    seconds: 3
"""

RETURN = r"""
matched:
  description: Whether a needle matched.
  returned: O(state=shown)
  type: bool
  sample: true
needle:
  description: Name of the needle that matched.
  returned: when one matched
  type: str
  sample: bootloader-uefi-20260401
tags:
  description: Its tags.
  returned: when one matched
  type: list
  elements: str
  sample: [bootloader]
similarity:
  description: Its similarity, 0 to 1.
  returned: when one matched
  type: float
  sample: 0.998
areas:
  description: Where its areas were found, in pixels of the picture.
  returned: when one matched
  type: list
  elements: dict
  sample: [{similarity: 0.998, x: 412, y: 300, w: 200, h: 40}]
click_point:
  description: Point that is or would be clicked, in pixels of the picture.
  returned: when one matched
  type: list
  elements: int
  sample: [512, 320]
waited:
  description: Seconds until it matched or stood still.
  returned: O(state=shown) and O(state=still)
  type: float
  sample: 3.2
screenshot:
  description: Path of the picture.
  returned: success
  type: str
  sample: /home/lab/runs/20261122T020000Z-msi_z690a/screens/007-match-the-boot-menu.png
"""
