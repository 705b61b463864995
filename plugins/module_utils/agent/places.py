# SPDX-License-Identifier: GPL-3.0-or-later
"""Files by which the agent's processes find each other."""

from __future__ import annotations

from .host import Host
from .journal import Journal


def journal_of(host: Host) -> Journal:
    """What is to be given back."""
    return Journal(host.run_folder / "journal.json")


def socket_path(host: Host) -> str:
    """Where the running agent serves."""
    return str(host.run_folder / "agent.sock")
