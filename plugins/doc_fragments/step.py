# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations


class ModuleDocFragment:
    """What all steps have in common."""

    DOCUMENTATION = r"""
author:
  - hwlab maintainers
notes:
  - Runs on the controller for an inventory host of group C(suts). What is wired to it is found by its
    variables C(sut_kvm), C(sut_flasher) and C(sut_mains), which name inventory hosts.
  - Needs a bench that was taken by M(hwlab.sut.session); does not use the connection of the host.
  - A failure says in RV(ignore:kind) who has to act, C(infrastructure), C(test) or C(configuration), and in
    RV(ignore:evidence) what was seen.
seealso:
  - module: hwlab.sut.session
attributes:
  action:
    support: full
    description: Runs on the controller, in the process of the task.
  async:
    support: none
    description: Can be run with C(async).
  become:
    support: none
    description: C(become) has no effect on it.
  diff_mode:
    support: none
    description: Returns what changed, as C(diff).
  platform:
    platforms: posix
    support: full
    description: Platform of the controller.
  action_group:
    membership: [hwlab.sut.bench]
    support: full
    description: Options can be set for all steps by C(module_defaults) of C(group/hwlab.sut.bench).
"""
