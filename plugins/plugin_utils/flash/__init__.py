# SPDX-License-Identifier: GPL-3.0-or-later
"""Firmware of a SUT: image files, the flasher's SPI lines, flashrom as a detached job, and a mark on the
flasher that forbids power while the chip's content is in doubt."""
