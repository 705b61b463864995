# SPDX-License-Identifier: GPL-3.0-or-later
"""Frames of a ustreamer, through the pipes of a command that leads to its port.

The command, `ssh -W 127.0.0.1:PORT kvm` for one, gives the video a connection of its own, so that keys never
wait behind frames, and leaves no port open on either side. Paths and headers: ustreamer, src/ustreamer/http/
server.c (`/stream?extra_headers=1`; X-UStreamer-Online says whether the picture is the device's or the blank
one that stands in for it).
"""

from __future__ import annotations

import contextlib
import os
import selectors
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence

from ansible_collections.hwlab.sut.plugins.plugin_utils.video.frame import Frame, Picture
from ansible_collections.hwlab.sut.plugins.plugin_utils.video.http_head import HttpHead
from ansible_collections.hwlab.sut.plugins.plugin_utils.video.levels import full_range
from ansible_collections.hwlab.sut.plugins.plugin_utils.video.mjpeg import (
    MjpegError,
    MultipartParser,
    Part,
    boundary_of,
    decode_jpeg,
)
from ansible_collections.hwlab.sut.plugins.plugin_utils.video.newest import NewestFrame
from ansible_collections.hwlab.sut.plugins.plugin_utils.video.source import SourceState

STREAM_PATH = "/stream?extra_headers=1"
#: ustreamer sends its blank picture once per second when it has no other; longer silence is a dead link.
SILENCE_S = 10.0
#: Pause between the end of a connection and the next try.
RETRY_S = 1.0
_READ = 1 << 20
#: How much of the command's standard error is kept to explain its end.
_EXPLAIN = 4096


def _decode_limited(body: bytes) -> Picture | None:
    picture = decode_jpeg(body)
    return None if picture is None else full_range(picture)


class UstreamerSource:
    """A `FrameSource` that runs `argv` in a thread of its own and speaks HTTP over its pipes.

    Reconnects until it is closed. `silence_s` and `retry_s` are seconds; `env` is the
    command's environment (None: ours); `limited`: the
    pictures have limited-range levels, which are made full. The command gets no shell; its
    standard error explains `reason` when it fails.
    """

    def __init__(
        self,
        argv: Sequence[str],
        *,
        name: str = "ustreamer",
        path: str = STREAM_PATH,
        silence_s: float = SILENCE_S,
        retry_s: float = RETRY_S,
        env: Mapping[str, str] | None = None,
        limited: bool = False,
    ) -> None:
        self._argv = list(argv)
        self._env = None if env is None else dict(env)
        self._path = path
        self._silence_s = silence_s
        self._retry_s = retry_s
        self._newest = NewestFrame(name, _decode_limited if limited else decode_jpeg)
        self._closing = threading.Event()
        self._thread: threading.Thread | None = None
        self._process: subprocess.Popen[bytes] | None = None
        #: Connections made so far.
        self.connections = 0

    @property
    def name(self) -> str:
        """What frames of this source name as theirs."""
        return self._newest.source

    @property
    def state(self) -> SourceState:
        """How the source is doing now."""
        return self._newest.state

    @property
    def reason(self) -> str:
        """Why it is dead, in a sentence; empty in the other states."""
        return self._newest.reason

    @property
    def age(self) -> float:
        """Seconds since the newest frame of the SUT's picture arrived; infinite before the first."""
        return self._newest.age

    @property
    def broken(self) -> int:
        """How many of the frames asked for could not be decoded."""
        return self._newest.broken

    def start(self) -> None:
        """Begin to connect, in a thread."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name=f"video {self.name}", daemon=True)
            self._thread.start()

    def latest(self) -> Frame | None:
        """The newest frame while the source is live, else None."""
        return self._newest.latest()

    def last(self) -> Frame | None:
        """The newest frame ever, whatever the state."""
        return self._newest.last()

    def wait(self, after: int, timeout: float) -> Frame | None:
        """The newest frame as soon as its number is above `after`; None after `timeout` seconds."""
        return self._newest.wait(after, timeout)

    def close(self) -> None:
        """End the thread and its command."""
        self._closing.set()
        if (process := self._process) is not None:
            with contextlib.suppress(ProcessLookupError):
                process.terminate()
        if self._thread is not None:
            self._thread.join(5)
        self._newest.set_state(SourceState.DEAD, "closed")

    def _run(self) -> None:
        while not self._closing.is_set():
            try:
                reason = self._connection()
            except OSError as error:
                reason = f"cannot run {self._argv[0]}: {error.strerror}"
            if not self._closing.is_set():
                self._newest.set_state(SourceState.DEAD, reason)
            self._closing.wait(self._retry_s)

    def _connection(self) -> str:
        """One run of the command; returns why it ended."""
        pipe = subprocess.PIPE
        with subprocess.Popen(
            self._argv, stdin=pipe, stdout=pipe, stderr=pipe, bufsize=0, env=self._env
        ) as process:
            self._process = process
            self.connections += 1
            try:
                return self._stream(process)
            finally:
                if process.poll() is None:
                    process.terminate()
                    try:
                        process.wait(2)
                    except subprocess.TimeoutExpired:
                        process.kill()
                self._process = None

    def _stream(self, process: subprocess.Popen[bytes]) -> str:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        with contextlib.suppress(BrokenPipeError):
            # HTTP/1.0, so that no server answers in chunks.
            process.stdin.write(f"GET {self._path} HTTP/1.0\r\nHost: localhost\r\n\r\n".encode())
        head, parser, said = HttpHead(), None, b""
        heard = time.monotonic()
        with selectors.DefaultSelector() as selector:
            selector.register(process.stdout, selectors.EVENT_READ)
            selector.register(process.stderr, selectors.EVENT_READ)
            while not self._closing.is_set():
                ready = {key.fd for key, _ in selector.select(0.5)}
                if process.stderr.fileno() in ready:
                    text = os.read(process.stderr.fileno(), _EXPLAIN)
                    said = (said + text)[-_EXPLAIN:]
                    if not text:
                        selector.unregister(process.stderr)
                if process.stdout.fileno() in ready:
                    data = os.read(process.stdout.fileno(), _READ)
                    heard = time.monotonic()
                    if not data:
                        return _ended(process, self._argv[0], said)
                    try:
                        if parser is None:
                            rest = head.feed(data)
                            if rest is None:
                                continue
                            parser, data = MultipartParser(boundary_of(head.content_type)), rest
                        self._take(parser.feed(data), heard)
                    except MjpegError as error:
                        return f"what answers is no ustreamer: {error}"
                elif time.monotonic() - heard > self._silence_s:
                    return f"nothing arrived for {self._silence_s:g} s"
        return "closed"

    def _take(self, parts: list[Part], arrived: float) -> None:
        for part in parts:
            if part.headers.get("x-ustreamer-online", "true").lower() == "false":
                self._newest.set_state(SourceState.NO_SIGNAL)
            else:
                self._newest.put(part.body, arrived)


def _ended(process: subprocess.Popen[bytes], command: str, said: bytes) -> str:
    """Why the stream ended, from the command's status and what it said last."""
    assert process.stderr is not None
    try:
        code = process.wait(2)
    except subprocess.TimeoutExpired:
        return "the server closed the connection"
    # A child of the command, as ssh's shared connection is, may keep the pipe open: never wait for its end.
    os.set_blocking(process.stderr.fileno(), False)
    said += process.stderr.read(_EXPLAIN) or b""
    lines = said.decode(errors="replace").strip().splitlines()
    if code == 0 and not lines:
        return "the server closed the connection"
    return f"{command} ended with status {code}" + (f": {lines[-1].strip()}" if lines else "")
