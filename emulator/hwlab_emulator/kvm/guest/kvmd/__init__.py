# SPDX-License-Identifier: GPL-3.0-or-later
"""The emulated kvmd: the PiKVM's HTTP API over what is real in the virtual KVM.

Keys go to the hidg nodes of the gadget, images to its LUN, presses to the wires of the board, snapshots come
from ustreamer. Paths, answers and error names are those of kvmd 4.197 as its API documentation
(https://docs.pikvm.org/api/) and its observed behaviour have them.
"""
