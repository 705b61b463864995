# SPDX-License-Identifier: GPL-3.0-or-later
"""The controller against a model of a board, in virtual time."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from ansible_collections.hwlab.sut.plugins.plugin_utils.errors import ConfigurationError, InfrastructureError
from ansible_collections.hwlab.sut.plugins.plugin_utils.power.controller import PowerController
from ansible_collections.hwlab.sut.plugins.plugin_utils.power.timings import Clock
from ansible_collections.hwlab.sut.plugins.plugin_utils.power.verdict import Probe, Verdict, judge


@dataclass
class Board:
    """A PC: the button toggles, 4 s force off, an operating system takes its time to shut down."""

    on: bool = False
    has_mains: bool = True
    shutdown_s: float = 10.0
    #: Presses that the board does not notice, as one that just got its mains.
    deaf: int = 0
    led_wired: bool = True
    starts_with_mains: bool = False
    picture_lingers_s: float = 3.0
    time: float = 0.0
    off_at: float | None = None
    went_off: float = -100.0
    presses: list[float] = field(default_factory=list)
    name: str = "model of a switch"

    def now(self) -> float:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.time += seconds

    def press(self, seconds: float) -> None:
        self.presses.append(seconds)
        if self.deaf:
            self.deaf -= 1
        elif not self.on:
            self.on = self.has_mains
        elif seconds >= 4:
            self.off_at = self.time + 4
        else:
            self.off_at = self.time + self.shutdown_s

    def is_on(self) -> bool:
        return self.has_mains

    def turn(self, on: bool) -> None:
        self.has_mains = on
        if not on and self.on:
            self.on, self.went_off = False, self.time
        if on and self.starts_with_mains:
            self.on = True

    def look(self) -> Verdict:
        if self.off_at is not None and self.time >= self.off_at:
            self.on, self.went_off, self.off_at = False, self.off_at, None
        return judge(
            [
                Probe("mains", "mains", self.has_mains),
                Probe("led", "LED", self.on if self.led_wired else None),
                Probe("video", "HDMI", self.on or self.time < self.went_off + self.picture_lingers_s),
            ]
        )

    def controller(self, **more: object) -> PowerController:
        wires: dict[str, object] = {
            "power": self,
            "reset": self,
            "mains": self,
            "clock": Clock(self.now, self.sleep),
        } | more
        return PowerController("lab1", self.look, **wires)  # type: ignore[arg-type]


def test_on_when_on_does_nothing() -> None:
    board = Board(on=True)
    change = board.controller().ensure("on")
    assert (change.changed, board.presses) == (False, [])


def test_on_gives_mains_first_and_presses_once() -> None:
    board = Board(has_mains=False)
    change = board.controller().ensure("on")
    assert change.actions == ["mains on", "power button pressed for 1 s"]
    assert (change.before.state, change.after.state) == ("off", "on")


def test_a_board_that_starts_with_its_mains_is_not_pressed() -> None:
    board = Board(has_mains=False, starts_with_mains=True)
    assert board.controller().ensure("on").actions == ["mains on"]


def test_an_unnoticed_press_is_repeated() -> None:
    board = Board(deaf=2)
    board.controller().ensure("on")
    assert board.presses == [1.0, 1.0, 1.0]


def test_a_dead_board_is_an_error_that_names_the_bench() -> None:
    with pytest.raises(InfrastructureError, match="lab1: the SUT does not come on after 3 presses.*LED dark"):
        Board(deaf=99).controller().ensure("on")


def test_nobody_presses_blindly() -> None:
    board = Board(led_wired=False)
    with pytest.raises(InfrastructureError, match="its button toggles and its state is unknown"):
        board.controller().ensure("on")
    assert board.presses == []


def test_off_lets_the_operating_system_shut_down() -> None:
    board = Board(on=True)
    change = board.controller().ensure("off")
    assert board.presses == [1.0]
    assert change.after.state == "off"
    assert board.has_mains is True


def test_off_forces_when_the_operating_system_hangs() -> None:
    board = Board(on=True, shutdown_s=1e9)
    assert board.controller().ensure("off", shutdown_timeout_s=20).after.state == "off"
    assert board.presses == [1.0, 6.0]


def test_forced_off_holds_the_button() -> None:
    board = Board(on=True)
    board.controller().ensure("forced_off")
    assert board.presses == [6.0]
    # The board went off after 4 s: the button is let go before anybody presses it again.
    assert board.time >= 6.0


def test_forced_off_cuts_the_mains_of_a_board_that_ignores_the_button() -> None:
    board = Board(on=True, deaf=99)
    assert board.controller().ensure("forced_off").after.state == "off"
    assert board.has_mains is False
    with pytest.raises(InfrastructureError, match="stays on after 6 s"):
        Board(on=True, deaf=99).controller(mains=None).ensure("forced_off")


def test_off_of_a_board_that_nobody_sees_cuts_the_mains() -> None:
    board = Board(on=False, led_wired=False)
    assert board.controller().ensure("off").actions == ["mains off"]


def test_a_lingering_picture_is_waited_for() -> None:
    board = Board(went_off=-1.0)
    assert board.look().state == "unknown"
    assert board.controller().ensure("on").changed is True


def test_cycled_and_reset() -> None:
    board = Board(on=True)
    assert board.controller().ensure("cycled").after.state == "on"
    assert board.presses == [6.0, 1.0]
    with pytest.raises(ConfigurationError, match="reset needs a SUT that is on"):
        Board().controller().ensure("reset")
    with pytest.raises(ConfigurationError, match="nothing presses the SUT's reset button"):
        Board(on=True).controller(reset=None).ensure("reset")


def test_what_forbids_power_is_asked_before_the_mains() -> None:
    def half_written() -> None:
        raise InfrastructureError("the chip is half written")

    board = Board(has_mains=False)
    with pytest.raises(InfrastructureError, match="half written"):
        board.controller(before_on=half_written).ensure("on")
    assert board.has_mains is False


def test_an_unknown_state_names_the_choices() -> None:
    with pytest.raises(ConfigurationError, match="expected one of on, off, forced_off, cycled, reset"):
        Board().controller().ensure("up")
