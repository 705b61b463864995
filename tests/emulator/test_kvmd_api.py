# SPDX-License-Identifier: GPL-3.0-or-later
"""The emulated kvmd's HTTP answers, over a real Unix socket, against files in place of the kernel's."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import struct
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from hwlab_emulator.kvm.guest.kvmd import atx, auth
from hwlab_emulator.kvm.guest.kvmd.atx import Atx
from hwlab_emulator.kvm.guest.kvmd.auth import Auth
from hwlab_emulator.kvm.guest.kvmd.events import Events
from hwlab_emulator.kvm.guest.kvmd.hid import Hid
from hwlab_emulator.kvm.guest.kvmd.lun import Lun
from hwlab_emulator.kvm.guest.kvmd.msd import Msd
from hwlab_emulator.kvm.guest.kvmd.server import application
from hwlab_emulator.kvm.guest.kvmd.storage import Storage

from ..eventually import eventually_async

Scenario = Callable[["Kvmd"], Coroutine[Any, Any, None]]


class Kvmd:
    """A running server and the files behind it."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.pressed, self.writers = folder, [], []  # type: tuple[Path, list[Any], list[Any]]
        self.events = Events()
        self.lun, self.images = folder / "lun.0", folder / "msd"
        self.lun.mkdir()
        self.images.mkdir()
        for name, value in (("file", ""), ("cdrom", "0"), ("ro", "1")):
            (self.lun / name).write_text(value)
        (folder / "hidg0").touch()
        (folder / "hidg1").touch()
        salt = b"salt"
        digest = base64.b64encode(hashlib.sha512(b"admin" + salt).digest() + salt).decode()
        (folder / "htpasswd").write_text(f"admin:{{SSHA512}}{digest}\n")
        self.events.msd = Msd(lambda: None, Lun(self.lun), Storage(self.images))
        self.events.hid = Hid(folder / "hidg0", folder / "hidg1", folder / "udc")
        self.events.atx = Atx(lambda: None, folder / "wires.sock")
        self.session: aiohttp.ClientSession

    async def board(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """The far end of the wires."""
        self.writers.append(writer)
        self.led(power=False)
        while line := await reader.readline():
            self.pressed.append(json.loads(line))

    def led(self, power: bool) -> None:
        self.writers[-1].write(json.dumps({"led": {"power": power, "hdd": False}}).encode() + b"\n")

    async def call(self, method: str, path: str, **options: Any) -> tuple[int, str]:
        """Status, and the error's class name ("" for a good answer)."""
        async with self.session.request(method, "http://kvmd" + path, **options) as response:
            result = await response.json()
            assert result["ok"] is (response.status == 200)
            return response.status, result["result"].get("error", "")

    async def get(self, path: str) -> Any:
        async with self.session.get("http://kvmd" + path) as response:
            assert response.status == 200
            return (await response.json())["result"]


@asynccontextmanager
async def running(folder: Path) -> AsyncIterator[Kvmd]:
    kvmd = Kvmd(folder)
    wires = await asyncio.start_unix_server(kvmd.board, folder / "wires.sock")
    runner = web.AppRunner(application(kvmd.events, Auth(folder / "htpasswd")))
    await runner.setup()
    path = str(folder / "kvmd.sock")
    await web.UnixSite(runner, path).start()
    async with aiohttp.ClientSession(connector=aiohttp.UnixConnector(path)) as kvmd.session:
        await eventually_async(lambda: kvmd.writers, "kvmd on the wires")
        yield kvmd
    await runner.cleanup()
    wires.close()


@pytest.fixture
def play(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[Scenario], None]:
    """Run a scenario as a client that is root, as on the KVM itself."""
    monkeypatch.setattr(auth, "peer_uid", lambda request: 0)
    monkeypatch.setattr(atx, "SETTLE_SECONDS", 0.05)

    def run(scenario: Scenario) -> None:
        async def main() -> None:
            async with running(tmp_path) as kvmd:
                await scenario(kvmd)

        asyncio.run(main())

    return run


def basic(text: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(text.encode()).decode()}


def test_who_may_ask(play: Callable[[Scenario], None], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(auth, "peer_uid", lambda request: 970)

    async def scenario(kvmd: Kvmd) -> None:
        assert await kvmd.call("GET", "/atx") == (401, "UnauthorizedError")
        right = {"X-KVMD-User": "admin", "X-KVMD-Passwd": "admin"}
        assert await kvmd.call("GET", "/atx", headers=right) == (200, "")
        wrong = right | {"X-KVMD-Passwd": "wrong"}
        assert await kvmd.call("GET", "/atx", headers=wrong) == (403, "ForbiddenError")
        assert await kvmd.call("GET", "/auth/check", headers=basic("admin:admin")) == (200, "")
        assert await kvmd.call("GET", "/auth/check", headers=basic("admin:a:b")) == (401, "UnauthorizedError")
        form = {"user": "admin", "passwd": "admin"}
        async with kvmd.session.post("http://kvmd/auth/login", data=form) as response:
            cookie = {"Cookie": f"auth_token={response.cookies['auth_token'].value}"}
        kvmd.session.cookie_jar.clear()
        assert await kvmd.call("GET", "/atx", headers=cookie) == (200, "")
        assert await kvmd.call("POST", "/auth/logout", headers=cookie) == (200, "")
        assert await kvmd.call("GET", "/atx", headers=cookie) == (403, "ForbiddenError")

    play(scenario)


def test_root_needs_no_password_except_for_auth(play: Callable[[Scenario], None]) -> None:
    async def scenario(kvmd: Kvmd) -> None:
        assert await kvmd.call("GET", "/atx") == (200, "")
        assert await kvmd.call("GET", "/auth/check") == (401, "UnauthorizedError")

    play(scenario)


def test_buttons_are_pressed_over_the_wires(play: Callable[[Scenario], None]) -> None:
    async def scenario(kvmd: Kvmd) -> None:
        assert await kvmd.call("POST", "/atx/power?action=off") == (200, "")
        assert kvmd.pressed == []  # it is off already
        assert await kvmd.call("POST", "/atx/power?action=on&wait=1") == (200, "")
        await eventually_async(lambda: kvmd.pressed == [{"press": "power", "seconds": 0.1}], "the press")
        kvmd.led(power=True)
        while (await kvmd.get("/atx"))["leds"] != {"power": True, "hdd": False}:
            await asyncio.sleep(0.01)
        atx.SETTLE_SECONDS = 60  # busy for as long as this test looks
        assert await kvmd.call("POST", "/atx/power?action=reset_hard") == (200, "")
        assert (await kvmd.get("/atx"))["busy"] is True
        assert await kvmd.call("POST", "/atx/click?button=power") == (409, "AtxIsBusyError")
        assert await kvmd.call("POST", "/atx/power?action=explode") == (400, "ValidatorError")
        await eventually_async(lambda: kvmd.pressed[1:] == [{"press": "reset", "seconds": 0.1}], "the reset")

    play(scenario)


def test_text_becomes_boot_keyboard_reports(play: Callable[[Scenario], None]) -> None:
    async def scenario(kvmd: Kvmd) -> None:
        assert await kvmd.call("POST", "/hid/print", data="aé?") == (200, "")
        await kvmd.events.hid.keyboard.settle()
        reports = (kvmd.folder / "hidg0").read_bytes()
        expected = "00000400000000000000000000000000"
        expected += "0200000000000000020038000000000002000000000000000000000000000000"
        assert reports.hex() == expected

    play(scenario)


def test_long_text_is_cut_unless_told_not_to(play: Callable[[Scenario], None]) -> None:
    async def scenario(kvmd: Kvmd) -> None:
        for path, keys in (("/hid/print", 1024), ("/hid/print?limit=0", 1100)):
            await kvmd.call("POST", path, data="a" * 1100)
            await kvmd.events.hid.keyboard.settle()
            assert len((kvmd.folder / "hidg0").read_bytes()) == 16 * keys
            (kvmd.folder / "hidg0").write_bytes(b"")

    play(scenario)


def test_modifiers_stay_down_without_a_state(play: Callable[[Scenario], None]) -> None:
    async def scenario(kvmd: Kvmd) -> None:
        for name in ("ControlLeft", "KeyX"):
            assert await kvmd.call("POST", f"/hid/events/send_key?key={name}") == (200, "")
        await kvmd.events.hid.keyboard.settle()
        last = (kvmd.folder / "hidg0").read_bytes()[-16:]
        assert last.hex() == "01001b00000000000100000000000000"
        assert await kvmd.call("POST", "/hid/events/send_key?key=f10") == (400, "ValidatorError")

    play(scenario)


def test_the_pointer_is_clamped_and_scaled(play: Callable[[Scenario], None]) -> None:
    async def scenario(kvmd: Kvmd) -> None:
        for x, y, report in ((0, 0, (0, 16384, 16384, 0)), (-99999, 99999, (0, 0, 32767, 0))):
            await kvmd.call("POST", f"/hid/events/send_mouse_move?to_x={x}&to_y={y}")
            await kvmd.events.hid.mouse.settle()
            assert struct.unpack("<BHHb", (kvmd.folder / "hidg1").read_bytes()) == report

    play(scenario)


def test_an_image_is_uploaded_connected_and_removed(
    play: Callable[[Scenario], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scenario(kvmd: Kvmd) -> None:
        assert await kvmd.call("POST", "/msd/set_connected?connected=0") == (400, "MsdDisconnectedError")
        assert await kvmd.call("POST", "/msd/set_connected?connected=1") == (400, "MsdImageNotSelected")
        write = "/msd/write?image=stick.img"
        held: list[str] = []
        listing = kvmd.events.msd._list
        monkeypatch.setattr(kvmd.events.msd, "_list", held.append)
        assert await kvmd.call("POST", write, data=b"x" * 5000) == (200, "")
        assert (kvmd.images / "stick.img").read_bytes() == b"x" * 5000
        choose = "/msd/set_params?image=stick.img&cdrom=0&rw=1"
        assert await kvmd.call("POST", choose) == (400, "MsdUnknownImageError")  # not yet listed
        await eventually_async(lambda: held == ["stick.img"], "the listing")
        listing("stick.img")
        assert await kvmd.call("POST", choose) == (200, "")
        assert await kvmd.call("POST", write, data=b"y") == (400, "MsdImageExistsError")
        assert await kvmd.call("POST", "/msd/set_connected?connected=1") == (200, "")
        assert (kvmd.lun / "file").read_text() == str(kvmd.images / "stick.img")
        assert (kvmd.lun / "ro").read_text() == "0"
        drive = (await kvmd.get("/msd"))["drive"]
        assert (drive["connected"], drive["image"]["name"], drive["rw"]) == (True, "stick.img", True)
        assert await kvmd.call("POST", choose) == (400, "MsdConnectedError")
        assert await kvmd.call("POST", "/msd/remove?image=stick.img") == (400, "MsdConnectedError")
        assert await kvmd.call("POST", "/msd/set_connected?connected=0") == (200, "")
        assert await kvmd.call("POST", "/msd/remove?image=stick.img") == (200, "")
        assert list(kvmd.images.iterdir()) == []

    play(scenario)


def test_an_iso_is_never_writable_and_names_stay_in_the_folder(play: Callable[[Scenario], None]) -> None:
    async def scenario(kvmd: Kvmd) -> None:
        (kvmd.images / "a.iso").write_bytes(b"x")
        assert await kvmd.call("POST", "/msd/set_params?image=a.iso&rw=1") == (200, "")
        assert (await kvmd.get("/msd"))["drive"]["rw"] is False
        assert await kvmd.call("POST", "/msd/write?image=../x", data=b"y") == (400, "ValidatorError")
        remote = "/msd/set_params?image=http://x/y.iso"
        assert await kvmd.call("POST", remote) == (400, "MsdRemoteDisabledError")

    play(scenario)


def test_without_the_gadget_the_drive_is_offline(play: Callable[[Scenario], None]) -> None:
    async def scenario(kvmd: Kvmd) -> None:
        for path in kvmd.lun.iterdir():
            path.unlink()
        assert (await kvmd.get("/msd"))["online"] is False
        assert await kvmd.call("POST", "/msd/set_connected?connected=0") == (400, "MsdOfflineError")

    play(scenario)


def test_no_snapshot_while_nobody_watches(play: Callable[[Scenario], None]) -> None:
    async def scenario(kvmd: Kvmd) -> None:
        for query in ("", "?allow_offline=1"):
            assert await kvmd.call("GET", "/streamer/snapshot" + query) == (503, "UnavailableError")
        assert (await kvmd.get("/streamer"))["streamer"] is None
        assert await kvmd.call("POST", "/streamer/set_params?resolution=1x1") == (400, "ValidatorError")

    play(scenario)
