# SPDX-License-Identifier: GPL-3.0-or-later
"""What the gadget's parts raise: sentences for whoever asked."""

from __future__ import annotations


class GadgetError(Exception):
    """The gadget cannot do what was asked of it; the message says what was seen and what to do."""


class UnknownKey(GadgetError):
    """A key name or character that the layout does not have."""


class HostGone(GadgetError):
    """The SUT does not poll the device: off, not enumerated yet, suspended, or unplugged."""
