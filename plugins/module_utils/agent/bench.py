# SPDX-License-Identifier: GPL-3.0-or-later
"""What a running agent has in its hands."""

from __future__ import annotations

from typing import Any

from ..gadget.composite import Composite
from ..gadget.configfs import GadgetTree
from ..gadget.controller import Controller
from .host import Host
from .journal import Journal
from .ustreamer import Ustreamer

Result = dict[str, Any]


def composite_of(host: Host) -> Composite:
    """The gadget in this host's configfs."""
    tree = GadgetTree(host.path("/sys/kernel/config/usb_gadget"), host.path("/sys/class/udc"))
    return Composite(tree, host.path("/sys/dev/char"), host.path("/dev"))


class Bench:
    """Shared by the methods; those of one lane run one after another."""

    def __init__(self, host: Host, journal: Journal) -> None:
        self.host = host
        self.journal = journal
        self.composite = composite_of(host)
        self.controller = Controller(self.composite)
        self.video: Ustreamer | None = None
        #: What gadget.up was last asked for, to tell whether asking again changes anything.
        self.gadget_request: object = None
