# SPDX-License-Identifier: GPL-3.0-or-later
"""The clients of RteCtrl and of the mains switches, against servers that answer as the makers document."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from ansible_collections.hwlab.sut.plugins.plugin_utils.errors import ConfigurationError, InfrastructureError
from ansible_collections.hwlab.sut.plugins.plugin_utils.power.mains import make_mains
from ansible_collections.hwlab.sut.plugins.plugin_utils.power.rtectrl import Line, RteButton, RteCtrl, RteLed

Serve = Callable[[Callable[[str, str, Any], tuple[int, str]]], str]


class Rte:
    """RteCtrl's GPIO answers, as restServer.go of RteCtrl 0.5.2 makes them."""

    def __init__(self) -> None:
        self.states = dict.fromkeys(range(20), 0)
        self.patches: list[tuple[int, Any]] = []
        self.stuck = False

    def __call__(self, method: str, path: str, body: Any) -> tuple[int, str]:
        gpio = int(path.rpartition("/")[2])
        if gpio not in self.states:
            return 404, '{"error":"id not found"}\n'
        if method == "PATCH":
            self.patches.append((gpio, body))
            if not self.stuck:
                self.states[gpio] = body["state"]
        answer = {"id": gpio, "state": self.states[gpio], "description": "x", "direction": "out"}
        return 200, json.dumps(answer) + "\n"


def test_rtectrl_sets_reads_and_pulses(serve: Serve) -> None:
    board = Rte()
    rte = RteCtrl(serve(board) + "/")
    rte.set(Line.SPI_VCC, True)
    assert rte.state(Line.SPI_VCC) is True
    RteButton(rte, Line.POWER).press(5.5)
    assert board.patches == [
        (3, {"state": 1, "direction": "out"}),
        (9, {"state": 1, "direction": "out", "time": 6}),
    ]


def test_rte_led_follows_its_polarity(serve: Serve) -> None:
    board = Rte()
    rte = RteCtrl(serve(board))
    board.states[13] = 1
    assert (RteLed(rte).lit(), RteLed(rte, active_low=True).lit()) == (True, False)


def test_rtectrl_says_so_when_a_line_does_not_follow(serve: Serve) -> None:
    board = Rte()
    board.stuck = True
    with pytest.raises(InfrastructureError, match=r"GPIO 1 \(SPI_LINES\) at 0 when asked for 1"):
        RteCtrl(serve(board)).set(Line.SPI_LINES, True)


def test_something_else_at_the_address_is_named(serve: Serve) -> None:
    with pytest.raises(InfrastructureError, match="not JSON: '<html>'"):
        RteCtrl(serve(lambda *request: (200, "<html>"))).state(Line.POWER)
    with pytest.raises(InfrastructureError, match=r"HTTP 403 \{\"error\":\"bad parameters\"\}"):
        RteCtrl(serve(lambda *request: (403, '{"error":"bad parameters"}'))).state(Line.POWER)


def test_a_device_that_is_gone_is_named() -> None:
    with pytest.raises(InfrastructureError, match=r"RteCtrl .*\(http://127.0.0.1:9\) does not answer"):
        RteCtrl("http://127.0.0.1:9").state(Line.POWER)


@pytest.mark.parametrize(
    ("url", "driver"), [("192.168.1.5", "tasmota"), ("", "esphome"), ("ftp://x", "ewelink_diy")]
)
def test_a_bad_url_is_refused_before_anything_is_sent(url: str, driver: str) -> None:
    with pytest.raises(ConfigurationError, match="mains_url is"):
        make_mains(driver, url)


def test_an_unknown_driver_names_the_known_ones() -> None:
    with pytest.raises(ConfigurationError, match="tasmota, esphome, ewelink_diy, none"):
        make_mains("shelly", "http://x")
    assert make_mains("none") is None


class Sonoff:
    """One switch behind the three firmwares; answers as quoted in the makers' documents."""

    def __init__(self, protocol: str = "2.0") -> None:
        self.on = False
        self.protocol = protocol
        self.dead = False

    def turn(self, on: bool) -> None:
        self.on = self.on if self.dead else on

    def __call__(self, method: str, path: str, body: Any) -> tuple[int, str]:
        if path.startswith("/cm?cmnd="):
            words = path.removeprefix("/cm?cmnd=").split("%20")
            if len(words) == 2:
                self.turn(words[1].lower() == "on")
            return 200, json.dumps({"POWER": "ON" if self.on else "OFF"})
        if path.startswith("/switch/sonoff_s20_relay"):
            if method == "POST":
                self.turn(path.endswith("/turn_on"))
                return 200, ""
            state = {"id": "switch-sonoff_s20_relay", "value": self.on, "state": "ON" if self.on else "OFF"}
            return 200, json.dumps(state)
        if path == "/zeroconf/switch":
            assert body["deviceid"] == ""
            self.turn(body["data"]["switch"] == "on")
            return 200, '{"seq":22,"error":0}'
        if path == "/zeroconf/info":
            data: Any = {"switch": "on" if self.on else "off", "startup": "stay", "pulse": "off"}
            if self.protocol == "1.4":
                data = json.dumps(data)
            return 200, json.dumps({"seq": 21, "error": 0, "data": data})
        return 404, "not found"


@pytest.mark.parametrize("driver", ["tasmota", "esphome", "ewelink_diy"])
@pytest.mark.parametrize("protocol", ["1.4", "2.0"])
def test_every_mains_switch_turns_and_tells(serve: Serve, driver: str, protocol: str) -> None:
    device = Sonoff(protocol)
    mains = make_mains(driver, serve(device))
    assert mains is not None
    assert mains.is_on() is False
    mains.turn(True)
    assert device.on is True
    assert mains.is_on() is True
    device.dead = True
    with pytest.raises(InfrastructureError, match=f"{driver} at .* stayed on"):
        mains.turn(False)


def test_esphome_may_act_a_moment_after_it_answered(serve: Serve) -> None:
    states = iter(["OFF", "OFF", "ON"])

    def answer(method: str, path: str, body: Any) -> tuple[int, str]:
        return 200, "" if method == "POST" else json.dumps({"state": next(states)})

    mains = make_mains("esphome", serve(answer))
    assert mains is not None
    mains.turn(True)
    assert next(states, "all were asked for") == "all were asked for"


def test_ewelink_refusal_is_shown(serve: Serve) -> None:
    mains = make_mains("ewelink_diy", serve(lambda *request: (200, '{"seq":2,"error":401}')))
    assert mains is not None
    with pytest.raises(InfrastructureError, match="401 means that DIY mode is off"):
        mains.turn(True)


def test_tasmota_with_several_relays(serve: Serve) -> None:
    asked: list[str] = []

    def answer(method: str, path: str, body: Any) -> tuple[int, str]:
        asked.append(path)
        return 200, '{"POWER2":"OFF"}'

    mains = make_mains("tasmota", serve(answer), 2)
    assert mains is not None
    assert mains.is_on() is False
    assert asked == ["/cm?cmnd=Power2"]
