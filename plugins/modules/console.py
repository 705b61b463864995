# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the action plugin of the same name."""

from __future__ import annotations

DOCUMENTATION = r"""
module: console
short_description: Send to a serial line of the SUT and wait for what it says
description:
  - All serial lines of a bench are open and logged from the beginning of the session; this looks at what came
    in and sends to them.
version_added: 0.1.0
options:
  send:
    description: Text to send. One of this and O(wait_for) is required; when both are there, O(send) comes
      first.
    type: str
  enter:
    description: Send a carriage return after O(send).
    type: bool
    default: true
  secret:
    description: Keep what is sent out of the evidence.
    type: bool
    default: false
  wait_for:
    description: Regular expression (Python) that the line must say.
    type: str
  fail_on:
    description: Regular expressions that end the wait with a failure as soon as one is said.
    type: list
    elements: str
    default: []
  console:
    description: Name of C(connection_list); the one tagged C(primary) if not set.
    type: str
  since:
    description:
      - Where the search begins. V(last) is where the last wait ended, V(start) the beginning of the log,
        V(now) this moment, a number the RV(mark) of an earlier task. Not set means V(last), after O(send)
        what came since the sending.
    type: str
  timeout:
    description: Seconds to wait.
    type: float
    default: 60
attributes:
  check_mode:
    support: full
    description: Waits as usual when nothing is to be sent; with O(send), does nothing.
extends_documentation_fragment: [hwlab.sut.step]
"""

EXAMPLES = r"""
- name: Read the host key that the installer says
  hwlab.sut.console:
    wait_for: 'key: (ssh-ed25519 \S+)'
    timeout: 120
  register: host_key

- name: Log in
  hwlab.sut.console:
    send: root
    wait_for: "Password:"
    fail_on: ["Login incorrect"]
"""

RETURN = r"""
matched:
  description: Text that matched.
  returned: when O(wait_for) is set
  type: str
  sample: "key: ssh-ed25519 AAAAC3Nza"
groups:
  description: Groups of O(wait_for), the first one first.
  returned: when O(wait_for) is set
  type: list
  elements: str
  sample: [ssh-ed25519 AAAAC3Nza]
named:
  description: Named groups of O(wait_for).
  returned: when O(wait_for) is set
  type: dict
  sample: {}
mark:
  description: Position behind the match, for O(since).
  returned: when O(wait_for) is set
  type: int
  sample: 20481
waited:
  description: Seconds until it was said.
  returned: when O(wait_for) is set
  type: float
  sample: 12.5
console:
  description: Serial line in use.
  returned: when O(wait_for) is set
  type: str
  sample: uart0
"""
