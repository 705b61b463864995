# SPDX-License-Identifier: GPL-3.0-or-later
"""The runner of hwlab.sut: its command line."""
