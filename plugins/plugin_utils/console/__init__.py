# SPDX-License-Identifier: GPL-3.0-or-later
"""Serial lines of a SUT: transports, a log with the time of arrival of every line, waiting and sending.

A line is opened before the power comes on and stays open: `line.ConsoleLine` connects again by itself when
the connection goes. All of it is asyncio; no thread, no third-party module.
"""
