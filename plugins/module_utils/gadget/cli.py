# SPDX-License-Identifier: GPL-3.0-or-later
"""`agent.pyz gadget`: the gadget by itself, with the options that gadget-control's users know."""

from __future__ import annotations

import argparse
import os
import re
import signal
import sys
import threading
from typing import NoReturn

from .composite import Composite
from .configfs import GadgetTree
from .controller import Controller
from .errors import GadgetError
from .hid import Resolution
from .keyboard import SAFE_PACE, Pace
from .server import listen, serve_socket, serve_stream
from .storage import Medium


def parse_resolution(text: str) -> Resolution:
    """`WxH` in pixels."""
    match = re.fullmatch(r"([1-9]\d{0,4})x([1-9]\d{0,4})", text)
    if not match:
        raise argparse.ArgumentTypeError(f"'{text}' is not of the form WxH, such as 1024x768")
    return Resolution(int(match[1]), int(match[2]))


def parser() -> argparse.ArgumentParser:
    options = argparse.ArgumentParser(
        prog="agent.pyz gadget",
        description="A USB keyboard, tablet and disks for the machine on this KVM's USB device port. "
        "Reads one action per line from stdin and answers 'ok' or 'error: ...'.",
    )
    options.add_argument(
        "--storage", action="append", default=[], metavar="PATH", help="image to show; repeatable"
    )
    options.add_argument("--is-cdrom", action="store_true", help="show the images as CDs")
    options.add_argument("--rw", action="store_true", help="let the machine write to the images")
    options.add_argument(
        "--storage-only", action="store_true", help="no keyboard and tablet; stay until stopped"
    )
    options.add_argument(
        "--socket", metavar="PATH", help="serve lines on this Unix socket too, until stopped"
    )
    options.add_argument(
        "--socket-group", metavar="GROUP", help="who may use the socket besides root (mode 0660)"
    )
    options.add_argument("--resolution", type=parse_resolution, default=Resolution(1024, 768), metavar="WxH",
                         help="picture that mouse positions refer to (default 1024x768)")  # fmt: skip
    options.add_argument("--cps", type=float, metavar="N", help="characters per second; 0: as fast as polled")
    return options


def main(arguments: list[str] | None = None) -> int:
    given = parser().parse_args(arguments)
    media = [Medium(path, given.is_cdrom, not given.rw) for path in given.storage]
    composite = Composite(GadgetTree())
    controller = Controller(composite)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, _stop)
    try:
        pace = SAFE_PACE if given.cps is None else Pace.of_rate(given.cps)
        composite.up(media, luns=0, hid=not given.storage_only)
        if given.storage_only:
            signal.pause()
        controller.open(given.resolution)
        _serve(controller, given.socket, given.socket_group, pace)
    except GadgetError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    finally:
        controller.close()
        composite.down()
    return 0


def _serve(controller: Controller, path: str | None, group: str | None, pace: Pace) -> None:
    # Unbuffered: a thread that waits inside a buffered stdin makes Python abort when the program ends.
    lines = open(0, "rb", buffering=0, closefd=False)  # noqa: SIM115
    if path is None:
        serve_stream(controller, lines, sys.stdout.buffer, pace)
        return
    listener = listen(path, 0o660 if group else 0o600, group)
    try:
        threading.Thread(
            target=serve_stream,
            args=(controller, lines, sys.stdout.buffer, pace),
            daemon=True,
        ).start()
        serve_socket(controller, listener, pace)
    finally:
        listener.close()
        os.unlink(path)


def _stop(number: int, _frame: object) -> NoReturn:
    raise SystemExit(128 + number)
