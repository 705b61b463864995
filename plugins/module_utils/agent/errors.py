# SPDX-License-Identifier: GPL-3.0-or-later
"""What the agent answers with when it cannot do as asked."""

from __future__ import annotations


class AgentError(Exception):
    """A sentence for the controller: what was seen on the KVM and what to do about it."""
