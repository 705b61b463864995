# SPDX-License-Identifier: GPL-3.0-or-later
"""The virtual PiKVM: a machine with a stock kernel whose HDMI input and USB device port are real to it."""
