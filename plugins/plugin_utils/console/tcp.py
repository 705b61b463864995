# SPDX-License-Identifier: GPL-3.0-or-later
"""Serial lines behind a TCP port: transparent, or with telnet on top (ser2net's `tcp` and `telnet`
accepters)."""

from __future__ import annotations

import asyncio
import contextlib
import socket

from ansible_collections.hwlab.sut.plugins.plugin_utils.console.telnet_codec import TelnetCodec
from ansible_collections.hwlab.sut.plugins.plugin_utils.console.transport import check_refusal
from ansible_collections.hwlab.sut.plugins.plugin_utils.errors import InfrastructureError

_CONNECT_TIMEOUT = 10.0
_CHUNK = 1 << 16


class TcpTransport:
    """A console over TCP; with `telnet`, through the telnet protocol."""

    def __init__(self, host: str, port: int, telnet: bool) -> None:
        self.where = f"{host} port {port}"
        self._host, self._port = host, port
        self._codec = TelnetCodec() if telnet else None
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None
        self._greeted = False

    async def open(self) -> None:
        try:
            async with asyncio.timeout(_CONNECT_TIMEOUT):
                reader, writer = await asyncio.open_connection(self._host, self._port)
        except TimeoutError as error:
            raise InfrastructureError(
                f"{self.where} does not answer: is the port server powered and on the network?"
            ) from error
        except ConnectionRefusedError as error:
            raise InfrastructureError(
                f"nothing listens on {self.where}: is ser2net running there, is the port right?"
            ) from error
        except OSError as error:
            raise InfrastructureError(f"cannot connect to {self.where}: {error.strerror or error}") from error
        _watch(writer.get_extra_info("socket"))
        self._reader, self._writer = reader, writer
        if self._codec:
            await self.write_raw(self._codec.greeting())

    async def read(self) -> bytes:
        assert self._reader is not None
        while True:
            try:
                data = await self._reader.read(_CHUNK)
            except OSError:
                return b""
            if not data:
                return b""
            if self._codec:
                data, answer = self._codec.receive(data)
                if answer:
                    with contextlib.suppress(ConnectionError):
                        await self.write_raw(answer)
            if data:
                if not self._greeted:
                    self._greeted = True
                    check_refusal(data, self.where)
                return data

    async def write(self, data: bytes) -> None:
        await self.write_raw(self._codec.send(data) if self._codec else data)

    async def write_raw(self, data: bytes) -> None:
        """Send bytes to the network as they are."""
        if self._writer is None or self._writer.is_closing():
            raise ConnectionError(f"{self.where}: the connection has ended")
        self._writer.write(data)
        await self._writer.drain()

    async def close(self) -> None:
        if self._writer is not None:
            self._writer.close()
            with contextlib.suppress(OSError, TimeoutError):
                async with asyncio.timeout(1.0):
                    await self._writer.wait_closed()


def _watch(connection: socket.socket) -> None:
    """Let the kernel notice within half a minute that the far end is gone, though no one says a word."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    for name, value in (("TCP_KEEPIDLE", 10), ("TCP_KEEPINTVL", 5), ("TCP_KEEPCNT", 4)):
        if hasattr(socket, name):
            connection.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)
