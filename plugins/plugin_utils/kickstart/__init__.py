# SPDX-License-Identifier: GPL-3.0-or-later
"""Kickstart files: what an Anaconda-like installer is told to do."""
