# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the action plugin of the same name."""

from __future__ import annotations

DOCUMENTATION = r"""
module: power_info
short_description: Tell the power state of the SUT
description:
  - Asks every probe of the bench and judges the power state, without changing anything.
version_added: 0.1.0
options: {}
attributes:
  check_mode:
    support: full
    description: Changes nothing in any mode.
extends_documentation_fragment: [hwlab.sut.step]
"""

EXAMPLES = r"""
- name: Look at the power state
  hwlab.sut.power_info:
  register: power
"""

RETURN = r"""
state:
  description: V(on), V(off), or V(unknown) when no probe can tell or probes contradict each other.
  returned: success
  type: str
  sample: unknown
why:
  description: Why the state is unknown; empty otherwise.
  returned: success
  type: str
  sample: the power LED is dark, yet there is a video signal; asleep, or no LED wire
probes:
  description: What each probe sees.
  returned: success
  type: dict
  sample: {power LED at the flasher: dark, HDMI at pikvm1: signal}
"""
