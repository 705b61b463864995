# SPDX-License-Identifier: GPL-3.0-or-later
"""What the host gets to see: reports are decoded back into text the way a keyboard driver does."""

from __future__ import annotations

import random
import threading

import pytest

from ansible_collections.hwlab.sut.plugins.module_utils.gadget.errors import GadgetError, HostGone
from ansible_collections.hwlab.sut.plugins.module_utils.gadget.hid import Resolution
from ansible_collections.hwlab.sut.plugins.module_utils.gadget.keyboard import Keyboard, Pace
from ansible_collections.hwlab.sut.plugins.module_utils.gadget.layouts import LAYOUTS, Stroke
from ansible_collections.hwlab.sut.plugins.module_utils.gadget.tablet import Tablet

FAST = Pace(0, 0)


class Host:
    """Takes reports; `typed` is what a driver makes of them: a usage that was not down before is a press."""

    def __init__(self) -> None:
        self.reports: list[bytes] = []
        self.down: set[int] = set()
        self.typed = ""
        self._characters = {stroke: character for character, stroke in LAYOUTS["us"].items()}

    def send(self, report: bytes) -> None:
        self.reports.append(report)
        now = {usage for usage in report[2:] if usage}
        for usage in sorted(now - self.down):
            self.typed += self._characters.get(Stroke(report[0], usage), "?")
        self.down = now


class Time:
    def __init__(self) -> None:
        self.now = 0.0

    def clock(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("pace", [FAST, Pace.of_rate(25)])
def test_any_text_arrives_as_it_was_typed(seed: int, pace: Pace) -> None:
    text = "".join(random.Random(seed).choices("aAbB1!- \n;:", k=80))
    host, time = Host(), Time()
    Keyboard(host, time.clock, time.sleep).type_text(text, pace)
    assert host.typed == text
    assert host.reports[-1] == bytes(8)


def test_a_rate_is_kept_whatever_the_host_s_polls_take() -> None:
    host, time = Host(), Time()

    class SlowHost:
        def send(self, report: bytes) -> None:
            time.now += 0.008
            host.send(report)

    Keyboard(SlowHost(), time.clock, time.sleep).type_text("x" * 100, Pace.of_rate(25))
    assert time.now == pytest.approx(4.0, rel=0.02)


def test_the_fast_way_needs_one_report_per_key_where_keys_differ() -> None:
    host = Host()
    Keyboard(host).type_text("abcabc", FAST)
    assert host.typed == "abcabc"
    assert len(host.reports) == 7


def test_nothing_is_sent_of_a_text_that_cannot_be_typed_whole() -> None:
    host = Host()
    with pytest.raises(GadgetError):
        Keyboard(host).type_text("abü", FAST)
    assert host.reports == []


def test_held_keys_stay_down_while_others_are_tapped_and_go_up_once() -> None:
    host = Host()
    keyboard = Keyboard(host)
    keyboard.press(["shift", "x"])
    keyboard.tap_keys(["f2"], FAST)
    assert host.reports[-2][:4] == bytes([2, 0, 0x1B, 0x3B])
    assert host.reports[-1][:4] == bytes([2, 0, 0x1B, 0])
    keyboard.release()
    keyboard.release()
    assert host.reports[-1] == bytes(8)
    assert host.reports.count(bytes(8)) == 1


def test_a_press_whose_acknowledgement_never_came_is_released_all_the_same() -> None:
    host = Host()

    class Losing:
        fail = True

        def send(self, report: bytes) -> None:
            host.send(report)
            if self.fail:
                raise HostGone("no poll")

    losing = Losing()
    keyboard = Keyboard(losing)
    with pytest.raises(HostGone):
        keyboard.type_text("a")
    losing.fail = False
    keyboard.release()
    assert host.down == set()


def test_typing_stops_when_interrupted() -> None:
    host = Host()
    keyboard = Keyboard(host)
    error: list[Exception] = []

    def run() -> None:
        try:
            keyboard.type_text("x" * 10000, Pace.of_rate(200))
        except GadgetError as raised:
            error.append(raised)

    thread = threading.Thread(target=run)
    thread.start()
    while len(host.reports) < 3:
        pass
    keyboard.interrupt()
    thread.join(5)
    assert not thread.is_alive()
    assert "interrupted" in str(error[0])
    keyboard.release()
    assert host.down == set()


def test_tablet_reports_hold_what_was_not_changed() -> None:
    host = Host()
    tablet = Tablet(host, Resolution(1024, 768))
    tablet.move(0, 767)
    tablet.set_buttons(1)
    x, y = (int.from_bytes(host.reports[-1][start : start + 2], "little") for start in (1, 3))
    assert (x * 1024 // 32768, y * 768 // 32768) == (0, 767)
    assert host.reports[-1][0] == 1
    tablet.release()
    tablet.release()
    assert [report[0] for report in host.reports] == [0, 1, 0]
    with pytest.raises(GadgetError, match="both x and y"):
        tablet.update(x=1)
