# SPDX-License-Identifier: GPL-3.0-or-later
"""A serial line with a real ser2net in front of it; its other end is a pseudo terminal in the test's
hands."""

from __future__ import annotations

import os
import select
import subprocess
import tty
from collections.abc import Iterator
from pathlib import Path
from time import monotonic

import pytest

from ...eventually import PATIENCE, eventually
from ...free_port import free_port


class SerialPort:
    """ser2net with two accepters, telnet and plain TCP, on one pseudo terminal; `sut` is the SUT's end."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.telnet, self.tcp = free_port(), free_port()
        self.sut, terminal = os.openpty()
        tty.setraw(terminal)
        device = os.ttyname(terminal)
        (folder / "ser2net.yaml").write_text(
            f"connection: &a\n  accepter: telnet,tcp,localhost,{self.telnet}\n"
            f"  connector: serialdev,{device},115200n81,local\n"
            f"connection: &b\n  accepter: tcp,localhost,{self.tcp}\n"
            f"  connector: serialdev,{device},115200n81,local\n"
        )
        self._terminal = terminal
        self._process: subprocess.Popen[bytes] | None = None
        self.start()

    def start(self) -> None:
        argv = ["ser2net", "-n", "-c", str(self.folder / "ser2net.yaml"), "-P", str(self.folder / "pid")]
        self._process = subprocess.Popen(argv, stderr=subprocess.DEVNULL)
        eventually(self._listens, "ser2net's port")

    def _listens(self) -> bool:
        # Not by connecting: the port would be in use for a moment.
        done = subprocess.run(["ss", "-Hltn"], capture_output=True, text=True, check=True)
        return f":{self.tcp} " in done.stdout

    def stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def say(self, data: bytes) -> None:
        """The SUT sends bytes."""
        os.write(self.sut, data)

    def heard(self, length: int, seconds: float = PATIENCE) -> bytes:
        """What the SUT received."""
        data, until = b"", monotonic() + seconds
        while len(data) < length and monotonic() < until:
            if select.select([self.sut], [], [], 0.1)[0]:
                data += os.read(self.sut, 4096)
        return data

    def close(self) -> None:
        self.stop()
        os.close(self.sut)
        os.close(self._terminal)


@pytest.fixture
def serial_port(tmp_path: Path) -> Iterator[SerialPort]:
    port = SerialPort(tmp_path)
    yield port
    port.close()
