# SPDX-License-Identifier: GPL-3.0-or-later
"""What runs on the SUT of a virtual bench: its firmware, an installer on a medium, the system that it
installs.
"""
