# SPDX-License-Identifier: GPL-3.0-or-later
"""The RTE's lines around a flash, against a server that answers as RteCtrl and joins lines to a board."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from ansible_collections.hwlab.sut.plugins.plugin_utils.errors import InfrastructureError
from ansible_collections.hwlab.sut.plugins.plugin_utils.flash.sequence import SpiSequence
from ansible_collections.hwlab.sut.plugins.plugin_utils.flash.spi import spi_driven
from ansible_collections.hwlab.sut.plugins.plugin_utils.power.controller import PowerController
from ansible_collections.hwlab.sut.plugins.plugin_utils.power.rtectrl import Line, RteButton, RteCtrl, RteLed
from ansible_collections.hwlab.sut.plugins.plugin_utils.power.timings import Clock
from ansible_collections.hwlab.sut.plugins.plugin_utils.power.verdict import judge, probe

Serve = Callable[[Callable[[str, str, Any], tuple[int, str]]], str]


class Bench:
    """RteCtrl and a mains switch; `story` is what happened to the board, in order."""

    name = "switch"

    def __init__(self) -> None:
        self.states = dict.fromkeys(range(20), 0)
        self.states[13] = 1
        self.mains = True
        self.story: list[str] = []
        self.stuck: int | None = None
        self.time = 0.0

    def __call__(self, method: str, path: str, body: Any) -> tuple[int, str]:
        gpio = int(path.rpartition("/")[2])
        if method == "PATCH":
            if gpio != self.stuck or body["state"] == 0:
                self.states[gpio] = body["state"]
                self.story.append(f"{Line(gpio).name}={body['state']}")
            if gpio == Line.POWER and body.get("time", 0) >= 4:
                self.states[13] = 0
        return 200, json.dumps(
            {"id": gpio, "state": self.states[gpio], "description": "", "direction": "out"}
        )

    def is_on(self) -> bool:
        return self.mains

    def turn(self, on: bool) -> None:
        self.mains = on
        self.states[13] = 0
        self.story.append(f"mains {'on' if on else 'off'}")

    def sleep(self, seconds: float) -> None:
        self.time += seconds
        self.story.append(f"{seconds:g} s")

    def sequence(self, url: str, voltage: str = "3.3V", mains_state: str = "G3") -> SpiSequence:
        rte = RteCtrl(url)
        clock = Clock(lambda: self.time, self.sleep)
        power = PowerController(
            "lab1",
            lambda: judge([probe("led", "LED", RteLed(rte).lit)]),
            power=RteButton(rte, Line.POWER),
            mains=self,
            clock=clock,
        )
        return SpiSequence(rte, power, voltage, mains_state, clock, lambda text: None)


def test_a_g3_board(serve: Serve) -> None:
    bench = Bench()
    sequence = bench.sequence(serve(bench))
    with sequence.chip():
        assert spi_driven(sequence.rte)
        bench.story.append("flash")
    sequence.power_back()
    assert bench.story == [
        "POWER=1",
        "6 s",
        "mains off",
        "15 s",
        "SPI_VOLTAGE=1",
        "2 s",
        "SPI_VCC=1",
        "2 s",
        "SPI_LINES=1",
        "10 s",
        "flash",
        "SPI_LINES=0",
        "SPI_VCC=0",
        "SPI_VOLTAGE=0",
        "2 s",
        "mains on",
        "2 s",
    ]


def test_a_1_8_volt_board_that_keeps_standby(serve: Serve) -> None:
    bench = Bench()
    bench.mains, bench.states[13] = False, 0
    with bench.sequence(serve(bench), "1.8V", "S5").chip():
        pass
    assert bench.story[:3] == ["mains on", "2 s", "SPI_VOLTAGE=0"]
    assert "mains off" not in bench.story


def test_a_failure_inside_releases_the_lines_and_leaves_the_mains_cut(serve: Serve) -> None:
    bench = Bench()
    with pytest.raises(ZeroDivisionError), bench.sequence(serve(bench)).chip():
        _ = 1 / 0
    assert bench.story[-3:] == ["SPI_LINES=0", "SPI_VCC=0", "SPI_VOLTAGE=0"]
    assert bench.mains is False


def test_a_line_that_does_not_follow_releases_the_others(serve: Serve) -> None:
    bench = Bench()
    bench.stuck = int(Line.SPI_VCC)
    with pytest.raises(InfrastructureError, match="GPIO 3"), bench.sequence(serve(bench)).chip():
        bench.story.append("flash")
    assert "flash" not in bench.story
    assert bench.story[-3:] == ["SPI_LINES=0", "SPI_VCC=0", "SPI_VOLTAGE=0"]
