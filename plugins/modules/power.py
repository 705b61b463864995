# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the action plugin of the same name."""

from __future__ import annotations

DOCUMENTATION = r"""
module: power
short_description: Bring the SUT to a power state
description:
  - Looks first, at the power LED, the mains and the picture, and presses a button only when the state is
    known, since the power button of a board toggles. Contradictions are reported, never acted on.
  - Gives the mains first where they are switched, and waits until the SUT has followed.
  - Refuses power on while the flash chip of the SUT was written and never verified.
version_added: 0.1.0
options:
  state:
    description:
      - V(on) gives the mains if needed and presses the power button, again if the board did not notice.
      - V(off) presses shortly so that the operating system shuts down; if it does not within
        O(shutdown_timeout), continues as V(forced_off).
      - V(forced_off) holds the button for 6 seconds, and cuts the mains of a board that ignores that.
      - V(cycled) is V(forced_off) followed by V(on).
      - V(reset) presses the reset button of a SUT that is on.
    type: str
    choices: ["on", "off", forced_off, cycled, reset]
    required: true
  shutdown_timeout:
    description: Seconds that the operating system may take to shut down, with O(state=off); 60 if not set.
    type: float
attributes:
  check_mode:
    support: full
    description: Says what would change, and changes nothing.
extends_documentation_fragment: [hwlab.sut.step]
"""

EXAMPLES = r"""
- name: Power on
  hwlab.sut.power:
    state: "on"

- name: Shut down, and force it after two minutes
  hwlab.sut.power:
    state: "off"
    shutdown_timeout: 120
"""

RETURN = r"""
state:
  description: State afterwards; in check mode the present one.
  returned: success
  type: str
  sample: "on"
before:
  description: State before.
  returned: success, not in check mode
  type: str
  sample: "off"
actions:
  description: What was done, in order; empty when nothing had to be.
  returned: success, not in check mode
  type: list
  elements: str
  sample: [mains on, power button pressed for 1 s]
probes:
  description: What each probe sees.
  returned: success
  type: dict
  sample: {power LED at the flasher: lit, "mains (tasmota at http://192.0.2.32)": "on"}
seconds:
  description: Time it took.
  returned: success, not in check mode
  type: float
  sample: 3.4
"""
