# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the action plugin of the same name."""

from __future__ import annotations

DOCUMENTATION = r"""
module: kickstart
short_description: Serve a kickstart file to the SUT
description:
  - Has the web server of the KVM serve the file as C(/ks.cfg), to the given addresses only, until the end of
    the run.
version_added: 0.1.0
options:
  state:
    description: Whether the file is served.
    type: str
    choices: [served, stopped]
    default: served
  content:
    description: Text of the file; required with O(state=served).
    type: str
  port:
    description: TCP port of the KVM.
    type: int
    default: 6789
  allow:
    description: Addresses or networks that may fetch it. Empty means everybody.
    type: list
    elements: str
    default: []
attributes:
  check_mode:
    support: partial
    description: Checks the options; what is served now is not compared.
extends_documentation_fragment: [hwlab.sut.step]
"""

EXAMPLES = r"""
- name: Serve the kickstart file
  hwlab.sut.kickstart:
    content: "{{ lookup('ansible.builtin.template', 'debian.ks.j2') }}"
    allow: [192.0.2.40]
  register: kickstart
"""

RETURN = r"""
url:
  description: Where the SUT finds it.
  returned: O(state=served), not in check mode
  type: str
  sample: http://192.0.2.30:6789/ks.cfg
port:
  description: TCP port.
  returned: O(state=served), not in check mode
  type: int
  sample: 6789
"""
