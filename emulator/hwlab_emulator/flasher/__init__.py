# SPDX-License-Identifier: GPL-3.0-or-later
"""The flasher: a small machine with ssh, flashrom and ser2net, and without Python, as an RTE can be."""
