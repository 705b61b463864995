# SPDX-License-Identifier: GPL-3.0-or-later
"""A SUT without the rest of its bench: QEMU's own stick, keyboard and tablet, serial line and QMP at hand."""

from __future__ import annotations

import asyncio
import http.server
import re
import subprocess
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from hwlab_emulator.os import firmware
from hwlab_emulator.paths import BenchPaths
from hwlab_emulator.qmp import Qmp
from hwlab_emulator.sut import machine

#: QEMU's names of keys (QKeyCode) for characters that are not their own name.
CODES = {" ": "spc", ".": "dot", "=": "equal", "/": "slash", "-": "minus", ":": "shift-semicolon"}
#: The slow link that a gadget's disk is, in bytes a second.
USB_SPEED = 3_000_000
WIDTH, HEIGHT = 1024, 768


class Sut:
    """A running SUT; `text` is all that its serial line said."""

    def __init__(self, qmp: Qmp) -> None:
        self.qmp = qmp
        self.text = ""
        self._writer: asyncio.StreamWriter | None = None
        self._more = asyncio.Event()

    async def serve_serial(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writer = writer
        # Ends with the machine, or is cancelled at the end of the test: neither is anything to report.
        with suppress(asyncio.CancelledError, ConnectionResetError):
            await self._listen(reader)

    async def _listen(self, reader: asyncio.StreamReader) -> None:
        while data := await reader.read(4096):
            self.text += data.decode(errors="replace")
            self._more.set()

    async def said(self, pattern: str, seconds: float, start: int = 0) -> int:
        """Wait until the serial line said `pattern` after position `start`; return where that ends."""

        async def wait() -> int:
            while True:
                self._more.clear()
                if found := re.compile(pattern).search(self.text, start):
                    return found.end()
                if start == 0 and (wrong := re.search("installer: error: .*", self.text)):
                    raise AssertionError(wrong.group())
                await self._more.wait()

        try:
            return await asyncio.wait_for(wait(), seconds)
        except TimeoutError:
            message = f"{pattern!r} was not said in {seconds} s, but: {self.text[-1500:]}"
            raise AssertionError(message) from None

    async def write_serial(self, text: str) -> None:
        assert self._writer is not None
        self._writer.write(text.encode())
        await self._writer.drain()

    async def keys(self, *names: str) -> None:
        for name in names:
            keys = [{"type": "qcode", "data": part} for part in name.split("-") if part]
            await self.qmp.execute("send-key", keys=keys, hold_time=30)
            await asyncio.sleep(0.08)

    async def type(self, text: str) -> None:
        await self.keys(*(CODES.get(letter, letter) for letter in text))

    async def click(self, x: int, y: int) -> None:
        places = (("x", x * 32767 // (WIDTH - 1)), ("y", y * 32767 // (HEIGHT - 1)))
        events = [{"type": "abs", "data": {"axis": axis, "value": value}} for axis, value in places]
        await self.qmp.execute("input-send-event", events=events)
        for down in (True, False):
            await asyncio.sleep(0.2)
            event = {"type": "btn", "data": {"down": down, "button": "left"}}
            await self.qmp.execute("input-send-event", events=[event])

    async def picture(self, path: Path) -> Path:
        await self.qmp.execute("screendump", filename=str(path), format="png")
        return path


@asynccontextmanager
async def running_sut(paths: BenchPaths, image: Path, ssh_port: int) -> AsyncIterator[Sut]:
    """Power on a SUT with an empty disk, fresh firmware and `image` as a stick; power it off at the end."""
    paths.root.mkdir(parents=True)
    paths.sockets.mkdir(parents=True)
    firmware.working_copy(firmware.firmware_image(16), machine.firmware_file(paths))
    machine.create_disk(paths)
    qmp = Qmp()
    sut = Sut(qmp)
    server = await asyncio.start_unix_server(sut.serve_serial, str(paths.socket("serial")))
    network = "user,id=lan,net=10.77.0.0/24,host=10.77.0.2,dhcpstart=10.77.0.20,"
    network += f"hostfwd=tcp:127.0.0.1:{ssh_port}-10.77.0.20:22"
    command = machine.sut_command(
        paths,
        machine.Screen(WIDTH, HEIGHT),
        usb=machine.local_stick(image, USB_SPEED),
        network=["-netdev", network, "-device", "e1000e,netdev=lan,mac=52:54:00:77:00:20,romfile="],
    )
    process = subprocess.Popen(command)
    try:
        await qmp.connect(paths.socket("sut-qmp"))
        yield sut
    finally:
        process.kill()
        process.wait()
        server.close()


def serve_text(text: str, on_request: Callable[[str], None]) -> http.server.ThreadingHTTPServer:
    """Serve `text` to every GET on a port of its own of the loopback."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:  # noqa: N802
            on_request(self.path)
            self.send_response(200)
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, format: str, *args: object) -> None:
            return

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server
