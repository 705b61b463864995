# SPDX-License-Identifier: GPL-3.0-or-later
"""Serves gadget-control's lines from stdin and from a Unix socket."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import threading
from collections.abc import Iterable
from typing import BinaryIO

from .controller import Controller
from .errors import GadgetError
from .keyboard import SAFE_PACE, Pace
from .lines import OK_REPLY, error_reply, parse_line


def serve_stream(
    controller: Controller, lines: Iterable[bytes], replies: BinaryIO | None, pace: Pace = SAFE_PACE
) -> None:
    """Act on each line until the stream ends, then let go of all keys."""
    try:
        for raw in lines:
            reply = _reply_to(controller, raw, pace)
            # A client of the older protocol reads no replies and may have closed its reading side.
            with contextlib.suppress(OSError, ValueError):
                if replies is not None:
                    replies.write(reply.encode())
                    replies.flush()
    except OSError:
        pass  # the client went away in the middle of a line
    finally:
        controller.release()


def _reply_to(controller: Controller, raw: bytes, pace: Pace) -> str:
    try:
        controller.perform(parse_line(raw.decode(errors="replace")), pace)
    except GadgetError as error:
        return error_reply(error)
    return OK_REPLY


def listen(path: str, mode: int = 0o600, group: str | None = None) -> socket.socket:
    """A Unix socket at `path` with that mode and group; replaces a dead one, refuses when one is served."""
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.connect(path)
        except OSError:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(path)
        else:
            raise GadgetError(f"another gadget controller serves {path} already")
    listener = socket.socket(socket.AF_UNIX)
    mask = os.umask(0o177)
    try:
        listener.bind(path)
    finally:
        os.umask(mask)
    if group is not None:
        try:
            shutil.chown(path, group=group)
        except LookupError:
            raise GadgetError(f"no group is called '{group}' on the KVM") from None
    os.chmod(path, mode)
    listener.listen()
    return listener


def serve_socket(controller: Controller, listener: socket.socket, pace: Pace = SAFE_PACE) -> None:
    """Accept clients until the listener is closed; each is served by a thread of its own."""
    while True:
        try:
            client, _ = listener.accept()
        except OSError:
            return
        threading.Thread(target=_serve_client, args=(controller, client, pace), daemon=True).start()


def _serve_client(controller: Controller, client: socket.socket, pace: Pace) -> None:
    with client, client.makefile("rb") as lines, client.makefile("wb") as replies:
        serve_stream(controller, lines, replies, pace)
