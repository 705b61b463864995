# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the action plugin of the same name."""

from __future__ import annotations

DOCUMENTATION = r"""
module: session
short_description: Take a bench for this run, check it, and give it back
description:
  - Starts the process that holds a bench during a run. It opens the serial lines, holds the bench's lock on
    the KVM, takes in the picture, and writes the evidence.
  - Before it takes the bench it checks all that is declared and given, and reports every problem at once.
  - When the run ends in whatever way, also when C(ansible-playbook) is killed, the bench is given back and
    every unit of the KVM is in its former state.
version_added: 0.1.0
options:
  state:
    description:
      - V(present) checks everything, then takes the bench. A bench that this run holds already is left alone.
      - V(checked) fails unless the USB gadget is up and every serial line is connected. Use it before power
        on.
      - V(absent) gives the bench back. It does nothing without a session, so that it fits into C(always).
    type: str
    choices: [present, checked, absent]
    default: present
  runs_dir:
    description: Folder below which the run gets its own, C(UTC time-bench), for its evidence.
    type: path
    default: runs
  needles:
    description: Folder of needles; checked now, and meant by M(hwlab.sut.screen) where it names no other.
    type: path
  flash_image:
    description: Firmware image that the run will flash; its size and checksum are checked now.
    type: path
  flash_image_sha256:
    description: SHA-256 of O(flash_image), or a file that C(sha256sum) wrote.
    type: str
  install_image:
    description: Installer's image that the run will use; checked to be there.
    type: path
  kickstart:
    description: Text of the kickstart file that the run will serve; its syntax is checked now.
    type: str
  keep:
    description: Keep the session when C(ansible-playbook) ends, until O(state=absent); for runs in several
      stages.
    type: bool
    default: false
  outcome:
    description: Outcome to note in the evidence, with O(state=absent).
    type: str
    choices: [passed, failed]
attributes:
  check_mode:
    support: full
    description: Runs all checks; takes and gives back nothing.
extends_documentation_fragment: [hwlab.sut.step]
"""

EXAMPLES = r"""
- name: Check every input, take the bench, start evidence and serial log
  hwlab.sut.session:
    needles: "{{ playbook_dir }}/needles"
    flash_image: "{{ flash_image }}"
    flash_image_sha256: "{{ flash_image_sha256 }}"
    install_image: "{{ install_image }}"
  register: bench_session

- name: Give the bench back
  hwlab.sut.session:
    state: absent
"""

RETURN = r"""
run_dir:
  description: Absolute path of the run's folder; empty in check mode.
  returned: when a session is or was there
  type: str
  sample: /home/lab/runs/20261122T020000Z-msi_z690a
pid:
  description: Process id of the session.
  returned: O(state=present), not in check mode
  type: int
  sample: 41312
checked:
  description: Names of the checks that passed.
  returned: O(state=present), when the bench was not taken yet
  type: list
  elements: str
  sample: [needles, firmware, power, kvm, flasher, flasher_api, mains]
consoles:
  description: Serial lines by name, with their state, log and count of bytes.
  returned: O(state=present) and O(state=checked)
  type: dict
  sample: {uart0: {state: connected, problem: null, log: /home/lab/runs/latest/serial/uart0.log, bytes: 0}}
gadget:
  description: USB gadget of the KVM.
  returned: O(state=checked)
  type: dict
  sample: {up: true, udc: fe980000.usb, state: configured, luns: []}
restored:
  description: What was given back on the KVM.
  returned: O(state=absent), when there was a session
  type: dict
  sample: {given_back: [gadget removed, kvmd-otg started], failed: []}
summary:
  description: Lines that say where the evidence is.
  returned: O(state=absent), when there was a session
  type: list
  elements: str
  sample:
    - "The bench is given back. Evidence of the run:"
    - "/home/lab/runs/20261122T020000Z-msi_z690a: run.json, steps.jsonl, timings.json"
"""
