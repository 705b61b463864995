# SPDX-License-Identifier: GPL-3.0-or-later
"""The flasher's and the mains switch's HTTP, over real connections."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from hwlab_emulator.board.lines import NAMES, POWER, POWER_LED, Lines
from hwlab_emulator.board.mains import MainsSwitch
from hwlab_emulator.board.rtectrl import RteCtrl


@asynccontextmanager
async def served(application: web.Application) -> AsyncIterator[Callable[..., Awaitable[tuple[int, str]]]]:
    """Yield ask(method, path, body) -> (status, text)."""
    runner = web.AppRunner(application)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    address = "http://{}:{}".format(*runner.addresses[0])
    async with aiohttp.ClientSession() as session:

        async def ask(method: str, path: str, body: str | None = None) -> tuple[int, str]:
            async with session.request(method, address + path, data=body) as answer:
                return answer.status, await answer.text()

        yield ask
    await runner.cleanup()


class Wires:
    """What the lines do."""

    def __init__(self) -> None:
        self.changes: list[tuple[int, bool]] = []
        self.led = False
        self.lines = Lines(lambda number, state: self.changes.append((number, state)), lambda: self.led)


def rte(*requests: tuple[Any, ...], wires: Wires | None = None) -> list[tuple[int, Any]]:
    """Send requests, or wait where one is (seconds,); return the answers."""

    async def talk() -> list[tuple[int, Any]]:
        answers = []
        async with served(RteCtrl((wires or Wires()).lines).application()) as ask:
            for request in requests:
                if len(request) == 1:
                    await asyncio.sleep(request[0])
                    continue
                status, text = await ask(*request)
                answers.append((status, json.loads(text)))
        return answers

    return asyncio.run(talk())


def test_the_list_has_every_line() -> None:
    [(status, lines)] = rte(("GET", "/api/v1/gpio"))
    assert status == 200
    assert [line["id"] for line in lines] == list(range(len(NAMES)))
    assert lines[9] == {"id": 9, "state": 0, "description": "apu_pwr", "direction": "out"}


def test_a_line_is_set_and_shown() -> None:
    wires = Wires()
    answers = rte(("PATCH", "/api/v1/gpio/3", '{"state": 1}'), ("GET", "/api/v1/gpio/3"), wires=wires)
    expected = {"id": 3, "state": 1, "description": "oc1", "direction": "out"}
    assert answers == [(200, expected), (200, expected)]
    assert wires.changes == [(3, True)]


def test_a_timed_state_is_inverted_later_and_the_call_returns_at_once() -> None:
    wires = Wires()
    press = ("PATCH", "/api/v1/gpio/9", '{"state":1,"time":1}')
    answers = rte(press, (1.2,), ("GET", "/api/v1/gpio/9"), wires=wires)
    assert [answer["state"] for _, answer in answers] == [1, 0]
    assert wires.changes == [(POWER, True), (POWER, False)]


def test_a_timer_is_never_cancelled() -> None:
    """Its end inverts what was asked then, also when the line was set to something else meanwhile."""
    wires = Wires()
    rte(
        ("PATCH", "/api/v1/gpio/9", '{"state":0,"time":1}'),
        ("PATCH", "/api/v1/gpio/9", '{"state":0}'),
        (1.2,),
        wires=wires,
    )
    assert wires.changes == [(POWER, True)]


def test_the_led_is_an_input_that_cannot_be_driven() -> None:
    wires = Wires()
    wires.led = True
    answers = rte(("PATCH", f"/api/v1/gpio/{POWER_LED}", '{"state":0}'), wires=wires)
    assert answers == [(200, {"id": 13, "state": 1, "description": "ext0", "direction": "in"})]
    assert wires.changes == []


def test_an_input_does_not_follow_and_says_nothing() -> None:
    wires = Wires()
    answers = rte(("PATCH", "/api/v1/gpio/8", '{"direction":"in","state":1}'), wires=wires)
    assert answers == [(200, {"id": 8, "state": 0, "description": "apu_rst", "direction": "in"})]
    assert wires.changes == []


@pytest.mark.parametrize(
    ("path", "body", "status", "error"),
    [
        ("nine", "{}", 404, "id not found"),
        ("99", "{}", 404, "can't read GPIO states"),
        ("9", "no JSON", 403, "bad parameters"),
        ("9", '{"state": -1}', 403, "bad parameters"),
        ("9", '{"state": "1"}', 403, "bad parameters"),
        ("9", '{"state": 1, "time": 0.5}', 403, "bad parameters"),
    ],
)
def test_errors(path: str, body: str, status: int, error: str) -> None:
    assert rte(("PATCH", f"/api/v1/gpio/{path}", body)) == [(status, {"error": error})]


class Relay:
    def __init__(self) -> None:
        self.on = True

    def set(self, on: bool) -> None:
        self.on = on

    def switch(self, protocol: str = "2.0") -> MainsSwitch:
        return MainsSwitch(lambda: self.on, self.set, protocol)


def ask_switch(application: web.Application, *requests: tuple[str, ...]) -> list[tuple[int, str]]:
    async def talk() -> list[tuple[int, str]]:
        async with served(application) as ask:
            return [await ask(*request) for request in requests]

    return asyncio.run(talk())


def test_tasmota() -> None:
    relay = Relay()
    answers = ask_switch(
        relay.switch().open_firmware(),
        *(("GET", f"/cm?cmnd={words}") for words in ("Power", "Power%20off", "power1%20TOGGLE", "Status")),
    )
    assert [json.loads(text) for _, text in answers] == [
        {"POWER": "ON"},
        {"POWER": "OFF"},
        {"POWER": "ON"},
        {"Command": "Unknown"},
    ]


def test_esphome() -> None:
    relay = Relay()
    base = "/switch/sonoff_s20_relay"
    answers = ask_switch(
        relay.switch().open_firmware(),
        ("POST", f"{base}/turn_off"),
        ("GET", base),
        ("POST", f"{base}/toggle"),
        ("GET", "/switch/other"),
    )
    assert [status for status, _ in answers] == [200, 200, 200, 404]
    assert answers[0][1] == ""
    assert json.loads(answers[1][1])["state"] == "OFF"
    assert relay.on


@pytest.mark.parametrize("protocol", ["1.4", "2.0"])
def test_ewelink_diy(protocol: str) -> None:
    relay = Relay()
    switch, info = '{"deviceid":"","data":{"switch":"off"}}', '{"deviceid":"","data":{}}'
    answers = ask_switch(
        relay.switch(protocol).maker_firmware(),
        ("POST", "/zeroconf/switch", switch),
        ("POST", "/zeroconf/info", info),
        ("POST", "/zeroconf/switch", '{"deviceid":"","data":{"switch":"maybe"}}'),
    )
    set_answer, info_answer, refused = (json.loads(text) for _, text in answers)
    assert set_answer == {"seq": 1, "error": 0}
    assert isinstance(info_answer["data"], str if protocol == "1.4" else dict)
    data: Any = info_answer["data"]
    data = json.loads(data) if protocol == "1.4" else data
    assert data["switch"] == "off"
    assert refused["error"] == 422
    assert not relay.on
