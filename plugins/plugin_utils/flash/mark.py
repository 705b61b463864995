# SPDX-License-Identifier: GPL-3.0-or-later
"""A file on the flasher says that the chip's content is in doubt, from before a write until it is verified.

It is kept there, since the next run may start from another controller, and it survives restarts of everybody.
"""

from __future__ import annotations

import shlex

from ansible_collections.hwlab.sut.plugins.plugin_utils.errors import InfrastructureError
from ansible_collections.hwlab.sut.plugins.plugin_utils.flash.host import Host


class UnverifiedMark:
    """The mark of one bench; `folder` must outlive a restart of the flasher."""

    def __init__(self, host: Host, bench: str, folder: str = "/var/lib/hwlab") -> None:
        self._host = host
        self._bench = bench
        self._folder = folder
        self._file = shlex.quote(f"{folder}/{bench}.unverified")

    def put(self, about: str) -> None:
        """Set the mark; `about` says what is being written."""
        self._do(
            f"mkdir -p {shlex.quote(self._folder)} && echo {shlex.quote(about)} > {self._file} && sync", "set"
        )

    def remove(self) -> None:
        """The chip is verified."""
        self._do(f"rm -f {self._file} && sync", "remove")

    def read(self) -> str | None:
        """What was being written when the mark was set, or None without a mark."""
        return self._do(f"[ ! -f {self._file} ] || cat {self._file}", "read").strip() or None

    def refuse_power(self) -> None:
        """Raise InfrastructureError if the chip's content is in doubt."""
        about = self.read()
        if about is not None:
            raise InfrastructureError(
                f"{self._bench}: the SUT gets no power, since its flash chip was never verified: {about}. "
                f"Run the "
                f"flash step again, or remove {self._file} on {self._host.name} if you know better"
            )

    def _do(self, command: str, purpose: str) -> str:
        status, said = self._host.run(f"{{ {command}; }} 2>&1")
        if status != 0:
            raise InfrastructureError(
                f"{self._host.name}: cannot {purpose} the mark {self._file}: {said.strip()}; "
                "set flash_mark_folder to a folder that can be written and outlives a restart"
            )
        return said
