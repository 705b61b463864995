# SPDX-License-Identifier: GPL-3.0-or-later
"""Frames over the pipes of a command: a server of our own, a real ustreamer, a real sshd."""

from __future__ import annotations

import getpass
import os
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ansible_collections.hwlab.sut.plugins.plugin_utils.video.source import FrameSource, SourceState
from ansible_collections.hwlab.sut.plugins.plugin_utils.video.ustreamer import UstreamerSource

from ...eventually import eventually
from ...free_port import free_port, listens
from .mjpeg_server import HEAD, MjpegServer, Script, jpeg, part

Serve = Callable[[Script], MjpegServer]


def through_socat(port: int) -> list[str]:
    return ["socat", "-", f"TCP:127.0.0.1:{port}"]


@contextmanager
def started(source: UstreamerSource) -> Iterator[UstreamerSource]:
    source.start()
    try:
        yield source
    finally:
        source.close()
        assert not [thread for thread in threading.enumerate() if thread.name == f"video {source.name}"]


def test_the_newest_frame_wins(serve_mjpeg: Serve) -> None:
    def script(_: int) -> Iterator[bytes | float]:
        yield HEAD + b"".join(part(jpeg(number)) for number in range(100, 150))
        yield 60

    with started(UstreamerSource(through_socat(serve_mjpeg(script).port), name="cam")) as source:
        eventually(lambda: source.wait(49, 1), "frame 50")
        frame = source.latest()
        assert frame is not None
        assert (frame.number, frame.source, frame.width, frame.height) == (50, "cam", 320, 240)
        assert abs(int(frame.bgr.mean()) - 149) <= 1
        assert frame.time <= time.monotonic()
        assert source.latest() is frame, "the same frame is decoded once"


def test_wait_gives_each_new_frame_and_times_out(serve_mjpeg: Serve) -> None:
    def script(_: int) -> Iterator[bytes | float]:
        yield HEAD
        for number in range(5):
            yield part(jpeg(number * 50))
            yield 0.15
        yield 60

    with started(UstreamerSource(through_socat(serve_mjpeg(script).port))) as source:
        seen = 0
        while seen < 5:
            frame = source.wait(seen, 60)
            assert frame is not None
            assert frame.number > seen
            seen = frame.number
        begun = time.monotonic()
        assert source.wait(seen, 0.3) is None
        assert time.monotonic() - begun >= 0.3


def test_no_signal_hides_the_frame_until_the_picture_is_back(serve_mjpeg: Serve) -> None:
    steps = [threading.Event() for _ in range(2)]

    def script(_: int) -> Iterator[bytes | float]:
        yield HEAD + part(jpeg(10))
        steps[0].wait(60)
        yield part(jpeg(99), online=False)
        steps[1].wait(60)
        yield part(jpeg(200))
        yield 60

    with started(UstreamerSource(through_socat(serve_mjpeg(script).port))) as source:
        assert source.wait(0, 60) is not None
        steps[0].set()
        eventually(lambda: source.state is SourceState.NO_SIGNAL, "no_signal")
        assert source.latest() is None
        last = source.last()
        assert last is not None
        assert last.number == 1, "the blank picture is none of the screen"
        steps[1].set()
        frame = source.wait(1, 60)
        assert frame is not None
        assert abs(int(frame.bgr.mean()) - 200) <= 1
        assert source.state is SourceState.LIVE


def test_a_lost_connection_is_told_and_made_again(serve_mjpeg: Serve) -> None:
    ends, begins = threading.Event(), threading.Event()

    def script(connection: int) -> Iterator[bytes | float]:
        if connection == 2:
            begins.wait(60)
        yield HEAD + part(jpeg(connection * 60))
        if connection == 1:
            ends.wait(60)
        else:
            yield 60

    server = serve_mjpeg(script)
    with started(UstreamerSource(through_socat(server.port), retry_s=0.1)) as source:
        assert source.wait(0, 60) is not None
        ends.set()
        eventually(lambda: source.state is SourceState.DEAD, "the end")
        assert source.latest() is None
        assert source.reason == "the server closed the connection"
        begins.set()
        frame = source.wait(1, 60)
        assert frame is not None
        assert (frame.number, source.reason, source.connections) == (2, "", 2)
    assert server.requests[0].startswith(b"GET /stream?extra_headers=1 HTTP/1.0\r\n")


def test_silence_is_a_dead_connection(serve_mjpeg: Serve) -> None:
    def script(_: int) -> Iterator[bytes | float]:
        yield HEAD + part(jpeg(1))
        yield 60

    with started(UstreamerSource(through_socat(serve_mjpeg(script).port), silence_s=0.5)) as source:
        eventually(lambda: source.state is SourceState.DEAD, "the end of patience")
        assert source.reason == "nothing arrived for 0.5 s"


def test_a_broken_frame_does_not_replace_a_good_one(serve_mjpeg: Serve) -> None:
    more = threading.Event()

    def script(_: int) -> Iterator[bytes | float]:
        yield HEAD + part(jpeg(50))
        more.wait(60)
        yield part(jpeg(90)[:-20])
        yield 60

    with started(UstreamerSource(through_socat(serve_mjpeg(script).port))) as source:
        assert source.wait(0, 60) is not None
        more.set()
        eventually(lambda: source.wait(1, 0.1) is None and source.broken == 1, "the broken frame")
        frame = source.latest()
        assert frame is not None
        assert frame.number == 1


@pytest.mark.parametrize(
    ("argv", "says"),
    [
        (["/nonexistent/ssh"], "cannot run /nonexistent/ssh: No such file or directory"),
        (["sh", "-c", "echo host key changed >&2; exit 255"], "sh ended with status 255: host key changed"),
        (["sh", "-c", "sleep 30 >/dev/null & echo refused >&2; exit 1"], "sh ended with status 1: refused"),
        (["sh", "-c", "read x; echo SSH-2.0; sleep 30"], "no HTTP response"),
        (["sh", "-c", r"read x; printf 'HTTP/1.0 503 Busy\r\n\r\n'; exec sleep 30"], "HTTP status 503 Busy"),
    ],
)
def test_a_command_that_leads_nowhere_is_explained(argv: list[str], says: str) -> None:
    with started(UstreamerSource(argv)) as source:
        eventually(lambda: source.state is SourceState.DEAD, "the failure", 20)
        assert says in source.reason
        assert source.latest() is None


def test_closing_ends_the_command(serve_mjpeg: Serve, tmp_path: Path) -> None:
    pid_file = tmp_path / "pid"
    source = UstreamerSource(["sh", "-c", f"echo $$ > {pid_file}; exec sleep 60"])
    source.start()
    eventually(lambda: pid_file.exists() and pid_file.read_text() != "", "the command")
    source.close()
    source.close()
    with pytest.raises(ProcessLookupError):
        os.kill(int(pid_file.read_text()), 0)
    assert (source.state, source.reason) == (SourceState.DEAD, "closed")


@contextmanager
def process(argv: list[str], port: int) -> Iterator[None]:
    """A server that listens on `port`, until the end of the block."""
    running = subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:

        def ready() -> bool:
            assert running.poll() is None, f"{argv[0]} ended with {running.returncode}"
            return listens(port)

        eventually(ready, f"{argv[0]}'s port")
        yield
    finally:
        running.terminate()
        running.wait(10)


def test_a_real_ustreamer_without_a_device_has_no_signal(tmp_path: Path) -> None:
    port, blank = free_port(), tmp_path / "blank.jpg"
    blank.write_bytes(jpeg(40))
    argv = ["ustreamer", "--device=/dev/none", "--host=127.0.0.1", f"--port={port}", f"--blank={blank}"]
    with process(argv, port), started(UstreamerSource(through_socat(port))) as source:
        eventually(lambda: source.state is not SourceState.STARTING, "an answer")
        assert (source.state, source.reason) == (SourceState.NO_SIGNAL, "")
        assert source.latest() is None


def test_through_ssh(serve_mjpeg: Serve, tmp_path: Path) -> None:
    def script(_: int) -> Iterator[bytes | float]:
        yield HEAD + part(jpeg(123))
        yield 60

    for name in ("host", "user"):
        subprocess.run(
            ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(tmp_path / name)], check=True
        )
    (tmp_path / "authorized").write_text((tmp_path / "user.pub").read_text())
    port = free_port()
    host_key = " ".join((tmp_path / "host.pub").read_text().split()[:2])
    (tmp_path / "known").write_text(f"[127.0.0.1]:{port} {host_key}\n")
    (tmp_path / "config").write_text(
        f"ListenAddress 127.0.0.1:{port}\nHostKey {tmp_path}/host\nAuthorizedKeysFile {tmp_path}/authorized\n"
        f"PidFile none\nStrictModes no\nUsePAM no\nPermitRootLogin prohibit-password\n"
    )
    Path("/run/sshd").mkdir(exist_ok=True)
    server = serve_mjpeg(script)
    sshd = ["/usr/sbin/sshd", "-D", "-f", str(tmp_path / "config")]
    ssh = ["ssh", "-F", "none", "-i", str(tmp_path / "user"), "-o", f"UserKnownHostsFile={tmp_path}/known"]
    ssh += ["-o", "BatchMode=yes", "-p", str(port), "-W", f"127.0.0.1:{server.port}"]
    with process(sshd, port):
        source = UstreamerSource([*ssh, f"{getpass.getuser()}@127.0.0.1"])
        with started(source):
            frame = source.wait(0, 60)
            assert frame is not None, source.reason
            assert abs(int(frame.bgr.mean()) - 123) <= 1


def test_it_is_a_frame_source() -> None:
    source: FrameSource = UstreamerSource(["true"])
    assert (source.state, source.latest(), source.last()) == (SourceState.STARTING, None, None)
    assert source.age == float("inf")
