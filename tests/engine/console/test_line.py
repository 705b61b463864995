# SPDX-License-Identifier: GPL-3.0-or-later
"""Console lines through a real ser2net: both protocols, commands, loss and return, logs."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from ansible_collections.hwlab.sut.plugins.plugin_utils.console.connection import transport_for
from ansible_collections.hwlab.sut.plugins.plugin_utils.console.line import ConsoleLine
from ansible_collections.hwlab.sut.plugins.plugin_utils.console.waiting import compile_pattern, wait_for
from ansible_collections.hwlab.sut.plugins.plugin_utils.errors import (
    ConfigurationError,
    InfrastructureError,
    TestError,
)

from ...eventually import PATIENCE, eventually_async
from .conftest import SerialPort

EVERY_BYTE = bytes(range(256))


@contextlib.asynccontextmanager
async def open_line(command: str, folder: Path) -> AsyncIterator[ConsoleLine]:
    line = ConsoleLine("uart0", lambda: transport_for(command, "uart0"), folder / "serial")
    line.start()
    try:
        await line.opened(PATIENCE)
        yield line
    finally:
        await line.close()


async def joined(line: ConsoleLine, port: SerialPort) -> None:
    """Wait until the port server passes bytes on: it drops what the SUT says while nobody is connected."""
    await line.send(b"?")
    assert await asyncio.to_thread(port.heard, 1) == b"?"


COMMANDS = {
    "own telnet": lambda port: f"telnet 127.0.0.1 {port.telnet}",
    "plain tcp": lambda port: f"tcp://127.0.0.1:{port.tcp}",
    "a command": lambda port: f"socat - TCP:127.0.0.1:{port.tcp}",
}


@pytest.mark.parametrize("way", COMMANDS)
def test_every_byte_goes_both_ways(way: str, serial_port: SerialPort, tmp_path: Path) -> None:
    async def main() -> None:
        async with open_line(COMMANDS[way](serial_port), tmp_path) as line:
            await joined(line, serial_port)
            serial_port.say(EVERY_BYTE)
            await eventually_async(lambda: line.bytes_received >= 256)
            await line.send(EVERY_BYTE)
            assert await asyncio.to_thread(serial_port.heard, 256) == EVERY_BYTE
        assert (tmp_path / "serial" / "uart0.raw").read_bytes() == EVERY_BYTE

    asyncio.run(main())


def test_the_log_has_the_time_of_each_line(serial_port: SerialPort, tmp_path: Path) -> None:
    async def main() -> None:
        async with open_line(COMMANDS["own telnet"](serial_port), tmp_path) as line:
            await joined(line, serial_port)
            serial_port.say(b"\x1b[1;32mfirst\x1b[0m\r\nsec")
            await eventually_async(lambda: "sec" in line.received.text())
            now = line.log.path.read_text()
            assert now.endswith(" sec"), "an unfinished line is in the log at once"
            serial_port.say(b"ond\r\n")
            await eventually_async(lambda: "second\n" in line.received.text())

    asyncio.run(main())
    lines = (tmp_path / "serial" / "uart0.log").read_text().splitlines()
    assert all(re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z ", line) for line in lines)
    texts = [line.split(" ", 1)[1] for line in lines]
    assert texts[0].startswith("-- connected to 127.0.0.1 port")
    assert texts[1:] == ["first", "second", "-- closed"]


def test_a_wait_sees_what_came_before_it(serial_port: SerialPort, tmp_path: Path) -> None:
    async def main() -> None:
        async with open_line(COMMANDS["own telnet"](serial_port), tmp_path) as line:
            await joined(line, serial_port)
            serial_port.say(b"boot: loader 2.1\r\nlogin: ")
            await eventually_async(lambda: "login" in line.received.text())
            found = await wait_for(line, compile_pattern(r"loader (?P<version>[\d.]+)"), 0, PATIENCE)
            assert found.named == {"version": "2.1"}
            assert found.waited < PATIENCE / 2
            assert (
                await wait_for(line, compile_pattern("^login: $"), line.last_match, PATIENCE)
            ).mark > found.mark
            with pytest.raises(
                TestError, match=r"did not show 'loader' in 0.3 s; its last line was 'login: '"
            ):
                await wait_for(line, compile_pattern("loader"), line.last_match, 0.3)

    asyncio.run(main())


def test_a_pattern_that_must_not_come_ends_the_wait(serial_port: SerialPort, tmp_path: Path) -> None:
    async def main() -> None:
        async with open_line(COMMANDS["plain tcp"](serial_port), tmp_path) as line:
            await joined(line, serial_port)
            serial_port.say(b"Kernel panic - not syncing: VFS\r\nlogin:")
            with pytest.raises(TestError, match="Kernel panic"):
                await wait_for(
                    line, compile_pattern("login:"), 0, PATIENCE, [compile_pattern("Kernel panic")]
                )

    asyncio.run(main())


def test_a_match_may_begin_in_text_that_was_searched_before(serial_port: SerialPort, tmp_path: Path) -> None:
    async def main() -> None:
        async with open_line(COMMANDS["plain tcp"](serial_port), tmp_path) as line:
            await joined(line, serial_port)
            waiting = asyncio.create_task(wait_for(line, compile_pattern("half and half"), 0, PATIENCE))
            serial_port.say(b"x\nhalf and")
            await eventually_async(lambda: "and" in line.received.text())
            serial_port.say(b" half")
            assert (await waiting).text == "half and half"

    asyncio.run(main())


def test_a_lost_port_server_is_found_again(serial_port: SerialPort, tmp_path: Path) -> None:
    async def main() -> None:
        async with open_line(COMMANDS["own telnet"](serial_port), tmp_path) as line:
            serial_port.stop()
            await eventually_async(lambda: not line.connected)
            with pytest.raises(InfrastructureError, match="not connected"):
                await wait_for(line, compile_pattern("login:"), 0, 0.2)
            serial_port.start()
            await line.opened(PATIENCE)
            await joined(line, serial_port)
            serial_port.say(b"here again\r\n")
            await wait_for(line, compile_pattern("here again"), 0, PATIENCE)

    asyncio.run(main())
    log = (tmp_path / "serial" / "uart0.log").read_text()
    assert log.count("-- connected") == 2
    assert "ended the connection" in log


@pytest.mark.parametrize("way", COMMANDS)
def test_a_port_in_use_is_named(way: str, serial_port: SerialPort, tmp_path: Path) -> None:
    async def main() -> None:
        async with open_line(COMMANDS[way](serial_port), tmp_path / "first") as first:
            await joined(first, serial_port)
            line = ConsoleLine("uart0", lambda: transport_for(COMMANDS[way](serial_port), "uart0"), tmp_path)
            line.start()
            try:
                await eventually_async(lambda: "in use" in line.problem, "the refusal")
                with pytest.raises(InfrastructureError, match="Port already in use; another client holds"):
                    await line.opened(0.1)
            finally:
                await line.close()

    asyncio.run(main())


def test_nothing_listening_is_named(tmp_path: Path) -> None:
    async def main() -> None:
        line = ConsoleLine("uart0", lambda: transport_for("telnet 127.0.0.1 9", "uart0"), tmp_path)
        line.start()
        await eventually_async(lambda: "nothing listens" in line.problem, "the refusal")
        with pytest.raises(InfrastructureError, match="nothing listens on 127.0.0.1 port 9"):
            await line.opened(0.1)
        await line.close()

    asyncio.run(main())


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("", "is empty"),
        ("telnet rte1 13541x", "'13541x' is no TCP port"),
        ("telnet 'rte1 13541", "No closing quotation"),
        ("tcp://rte1", "expected SCHEME://HOST:PORT"),
    ],
)
def test_a_wrong_command_names_the_option(command: str, words: str) -> None:
    with pytest.raises(ConfigurationError, match=rf"connection_commands\[uart0\].*{words}"):
        transport_for(command, "uart0")
