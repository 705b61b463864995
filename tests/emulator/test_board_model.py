# SPDX-License-Identifier: GPL-3.0-or-later
"""The board as its wires see it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from hwlab_emulator.board.model import Board, Effect, Guest
from hwlab_emulator.board.traits import Traits


class Bench:
    """A board with a clock that the test moves."""

    def __init__(self, **traits: object) -> None:
        self.now = 100.0
        self.effects: list[Effect] = []
        self.chip_boots = True
        self.board = Board(Traits(**traits), self.effects.append, lambda: self.chip_boots)  # type: ignore[arg-type]

    def wait(self, seconds: float) -> None:
        self.now += seconds
        self.board.advance(self.now)

    def press(self, button: str, seconds: float, holder: str = "flasher") -> None:
        self.board.press(button, holder, self.now)
        self.wait(seconds)
        self.board.release(button, holder, self.now)

    def mains(self, on: bool) -> None:
        self.board.set_mains(on, self.now)


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_a_press_powers_on_and_lights_the_led(bench: Bench) -> None:
    assert not bench.board.led
    bench.press("power", 0.2)
    assert bench.effects == [Effect.START]
    assert bench.board.led


def test_a_bounce_is_no_press(bench: Bench) -> None:
    bench.press("power", 0.049)
    bench.wait(10)
    assert bench.effects == []


def test_a_short_press_when_on_is_for_the_operating_system(bench: Bench) -> None:
    bench.press("power", 0.2)
    bench.press("power", 1.0)
    assert bench.effects == [Effect.START, Effect.POWER_BUTTON]
    assert bench.board.powered


def test_held_for_four_seconds_it_forces_off(bench: Bench) -> None:
    bench.press("power", 0.2)
    bench.effects.clear()
    bench.press("power", 3.9)
    assert bench.board.powered
    bench.wait(1)
    bench.press("power", 4.1)
    assert not bench.board.powered
    assert bench.effects == [Effect.POWER_BUTTON, Effect.POWER_BUTTON, Effect.END]


def test_a_force_off_press_starts_a_board_that_was_off_for_four_seconds(bench: Bench) -> None:
    """Which is why nobody should press blindly."""
    bench.press("power", 6.0)
    assert bench.effects == [Effect.START, Effect.END]
    assert not bench.board.powered


def test_held_by_two_wires_it_is_one_press_until_both_let_go(bench: Bench) -> None:
    bench.board.press("power", "kvm", bench.now)
    bench.wait(2)
    bench.board.press("power", "flasher", bench.now)
    bench.board.release("power", "kvm", bench.now)
    bench.wait(2.1)
    assert bench.effects == [Effect.START, Effect.END]


def test_no_boot_without_mains(bench: Bench) -> None:
    bench.mains(False)
    bench.press("power", 1.0)
    assert bench.effects == []
    assert not bench.board.led


def test_mains_cut_the_power_at_once(bench: Bench) -> None:
    bench.press("power", 0.2)
    bench.mains(False)
    assert bench.effects == [Effect.START, Effect.END]
    assert not bench.board.led


@pytest.mark.parametrize(
    ("policy", "was_on", "starts"),
    [
        ("off", True, False),
        ("on", False, True),
        ("last", True, True),
        ("last", False, False),
    ],
)
def test_what_happens_when_the_mains_come_back(policy: str, was_on: bool, starts: bool) -> None:
    bench = Bench(after_mains=policy)
    if was_on:
        bench.press("power", 0.2)
    bench.mains(False)
    bench.wait(5)
    bench.effects.clear()
    bench.mains(True)
    assert bench.effects == ([Effect.START] if starts else [])


def test_reset_restarts_and_keeps_the_led(bench: Bench) -> None:
    bench.press("power", 0.2)
    bench.press("reset", 1.0)
    assert bench.effects == [Effect.START, Effect.RESET]
    assert bench.board.led


def test_reset_of_a_board_that_is_off_does_nothing(bench: Bench) -> None:
    bench.press("reset", 1.0)
    assert bench.effects == []


def _rubbish(bench: Bench) -> None:
    bench.chip_boots = False


def _driven(bench: Bench) -> None:
    bench.board.spi_lines = True


@pytest.mark.parametrize("spoil", [_rubbish, _driven])
def test_on_but_dead_without_firmware(bench: Bench, spoil: Callable[[Bench], None]) -> None:
    spoil(bench)
    bench.press("power", 0.2)
    assert bench.board.led
    assert bench.board.guest is Guest.DEAD
    assert bench.effects == []
    bench.press("power", 4.2)
    assert not bench.board.led


def test_reset_starts_a_dead_board_once_its_firmware_is_back(bench: Bench) -> None:
    _driven(bench)
    bench.press("power", 0.2)
    bench.board.spi_lines = False
    bench.press("reset", 0.2)
    assert bench.board.guest is Guest.RUNNING
    assert bench.effects == [Effect.START]


def test_a_guest_that_switches_itself_off_puts_out_the_led(bench: Bench) -> None:
    bench.press("power", 0.2)
    bench.board.guest_ended()
    assert not bench.board.led
    bench.press("power", 0.2)
    assert bench.effects == [Effect.START, Effect.START]


def _drive(board: Board, low_voltage: bool = True) -> None:
    board.spi_low_voltage, board.spi_vcc, board.spi_lines = low_voltage, True, True


def test_the_chip_answers_when_the_mains_are_cut_and_the_board_has_drained(bench: Bench) -> None:
    _drive(bench.board)
    assert not bench.board.chip_answers(bench.now)
    bench.mains(False)
    assert not bench.board.chip_answers(bench.now + 1.9)
    deadline = bench.board.next_deadline(bench.now)
    assert deadline == bench.now + 2.0
    assert bench.board.chip_answers(deadline)


@pytest.mark.parametrize("missing", ["spi_lines", "spi_vcc", "spi_low_voltage"])
def test_the_chip_needs_every_line(bench: Bench, missing: str) -> None:
    bench.mains(False)
    bench.wait(3)
    _drive(bench.board)
    assert bench.board.chip_answers(bench.now)
    setattr(bench.board, missing, False)
    assert not bench.board.chip_answers(bench.now)


def test_a_chip_of_the_lower_voltage_needs_that() -> None:
    bench = Bench(chip_voltage="1.8V")
    bench.mains(False)
    bench.wait(3)
    _drive(bench.board)
    assert not bench.board.chip_answers(bench.now)
    _drive(bench.board, low_voltage=False)
    assert bench.board.chip_answers(bench.now)


def test_a_board_that_flashes_on_standby_power_answers_when_off() -> None:
    bench = Bench(flashes_in_g3=False)
    _drive(bench.board)
    assert bench.board.chip_answers(bench.now)
    bench.press("power", 0.2)
    assert not bench.board.chip_answers(bench.now)


def test_an_unknown_button_is_refused(bench: Bench) -> None:
    with pytest.raises(ValueError, match="no button 'volume'"):
        bench.board.press("volume", "flasher", 0)
