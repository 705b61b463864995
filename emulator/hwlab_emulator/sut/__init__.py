# SPDX-License-Identifier: GPL-3.0-or-later
"""The SUT of a virtual bench: a PC emulated by QEMU."""
