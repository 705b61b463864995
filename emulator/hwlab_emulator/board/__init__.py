# SPDX-License-Identifier: GPL-3.0-or-later
"""The SUT's mainboard and what is wired to it: model, flasher's lines, mains switch, picture, chip."""
