# SPDX-License-Identifier: GPL-3.0-or-later
"""What every source of frames offers to the session, whatever it is fed from."""

from __future__ import annotations

from enum import StrEnum
from typing import Protocol

from ansible_collections.hwlab.sut.plugins.plugin_utils.video.frame import Frame


class SourceState(StrEnum):
    """How a source is doing."""

    #: Nothing has arrived yet.
    STARTING = "starting"
    #: The SUT's picture arrives.
    LIVE = "live"
    #: The source works and its video input has no signal: the SUT is off, or between two modes.
    NO_SIGNAL = "no_signal"
    #: The source has failed, `reason` says how; it is tried again until `close`.
    DEAD = "dead"


class FrameSource(Protocol):
    """A stream of pictures of one screen, of which only the newest counts.

    Frames arrive on their own from `start` to `close`; a frame is decoded when somebody asks for it. All
    methods may be called from any thread.
    """

    @property
    def name(self) -> str:
        """What frames of this source name as theirs."""

    @property
    def state(self) -> SourceState:
        """How the source is doing now."""

    @property
    def reason(self) -> str:
        """Why it is dead, in a sentence; empty in the other states."""

    @property
    def age(self) -> float:
        """Seconds since the newest frame of the SUT's picture arrived; infinite before the first."""

    def start(self) -> None:
        """Begin; returns at once, also when the other side does not answer yet."""

    def latest(self) -> Frame | None:
        """The newest frame while the source is live, else None: a picture that is known to be over never
        matches a needle."""

    def last(self) -> Frame | None:
        """The newest frame ever, whatever the state, for evidence."""

    def wait(self, after: int, timeout: float) -> Frame | None:
        """The newest frame as soon as its number is above `after`; None after `timeout` seconds."""

    def close(self) -> None:
        """End all that `start` began; harmless when repeated."""
