# SPDX-License-Identifier: GPL-3.0-or-later
"""The virtual bench: a lab's hardware made of real programs, for people and tests without the hardware."""
