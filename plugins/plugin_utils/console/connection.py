# SPDX-License-Identifier: GPL-3.0-or-later
"""From a connection command, in LAVA's words, to the transport that carries it.

`telnet HOST PORT` is served by our own client: no program to install, and nothing of a client's chatter in
the log. `tcp://HOST:PORT` and `telnet://HOST:PORT` are URLs of the same two. Everything else is a command,
split as a shell would (shlex), without a shell.
"""

from __future__ import annotations

import shlex
from urllib.parse import urlsplit

from ansible_collections.hwlab.sut.plugins.plugin_utils.console.pty_command import PtyCommand
from ansible_collections.hwlab.sut.plugins.plugin_utils.console.tcp import TcpTransport
from ansible_collections.hwlab.sut.plugins.plugin_utils.console.transport import Transport
from ansible_collections.hwlab.sut.plugins.plugin_utils.errors import ConfigurationError


def transport_for(command: str, console: str) -> Transport:
    """A new transport for `command`; ConfigurationError names `console` when the command cannot be read."""
    try:
        words = shlex.split(command)
    except ValueError as error:
        raise ConfigurationError(f"connection_commands[{console}] is {command!r}: {error}") from error
    if not words:
        raise ConfigurationError(
            f"connection_commands[{console}] is empty: expected `telnet HOST PORT` or so"
        )
    if len(words) == 1 and words[0].startswith(("tcp://", "telnet://")):
        return _from_url(words[0], console)
    if len(words) == 3 and words[0] == "telnet" and not words[1].startswith("-"):
        return TcpTransport(words[1], _port(words[2], command, console), telnet=True)
    return PtyCommand(words)


def _from_url(url: str, console: str) -> Transport:
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port = None, None
    if not host or not port:
        raise ConfigurationError(f"connection_commands[{console}] is {url!r}: expected SCHEME://HOST:PORT")
    return TcpTransport(host, port, telnet=parts.scheme == "telnet")


def _port(word: str, command: str, console: str) -> int:
    if not word.isdecimal() or not 0 < int(word) < 65536:
        raise ConfigurationError(
            f"connection_commands[{console}] is {command!r}: {word!r} is no TCP port (1 to 65535)"
        )
    return int(word)
