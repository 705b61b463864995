# SPDX-License-Identifier: GPL-3.0-or-later
"""The telnet protocol between bytes of the network and bytes of the serial line, without any I/O.

RFC 854 (commands, IAC doubling, CR NUL), RFC 855 (options), RFC 856 (binary), RFC 857 (echo), RFC 858
(suppress go ahead). Answers follow RFC 1143's rule that only a change of state is acknowledged, so two ends
cannot argue for ever. Options other than those three are refused; RFC 2217's COM-PORT too, since the port
server's own configuration sets the line's speed.
"""

from __future__ import annotations

IAC, DONT, DO, WONT, WILL, SB, SE = 255, 254, 253, 252, 251, 250, 240
BINARY, ECHO, SUPPRESS_GO_AHEAD = 0, 1, 3
#: What the far end may do, and what we may do ourselves.
_WELCOME_FROM_PEER = frozenset({BINARY, ECHO, SUPPRESS_GO_AHEAD})
_OURS = frozenset({BINARY, SUPPRESS_GO_AHEAD})


class TelnetCodec:
    """State of one telnet connection."""

    def __init__(self) -> None:
        self._pending = b""
        self._peer: set[int] = set()
        self._ours: set[int] = set()
        self._after_cr = False

    def greeting(self) -> bytes:
        """What we ask for when the connection opens: an 8-bit path, both ways."""
        self._peer |= {BINARY, SUPPRESS_GO_AHEAD}
        self._ours |= {BINARY, SUPPRESS_GO_AHEAD}
        return b"".join(
            bytes((IAC, verb, option)) for option in (SUPPRESS_GO_AHEAD, BINARY) for verb in (WILL, DO)
        )

    def receive(self, data: bytes) -> tuple[bytes, bytes]:
        """Bytes from the network -> (bytes of the line, bytes to answer to the network)."""
        data = self._pending + data
        line, answer = bytearray(), bytearray()
        position, length = 0, len(data)
        while position < length:
            if data[position] != IAC:
                end = data.find(IAC, position)
                end = length if end < 0 else end
                line += self._text(data[position:end])
                position = end
                continue
            taken = self._command(data[position:], line, answer)
            if taken == 0:
                break
            position += taken
        self._pending = data[position:]
        return bytes(line), bytes(answer)

    def send(self, data: bytes) -> bytes:
        """Bytes for the line -> bytes for the network: 0xff doubled; a bare CR padded unless binary."""
        data = data.replace(b"\xff", b"\xff\xff")
        if BINARY not in self._ours:
            data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\r\0").replace(b"\n", b"\r\n")
        return data

    def _text(self, data: bytes) -> bytes:
        if BINARY in self._peer:
            return data
        if self._after_cr and data[:1] == b"\0":
            data = data[1:]
        self._after_cr = data.endswith(b"\r")
        return data.replace(b"\r\0", b"\r")

    def _command(self, data: bytes, line: bytearray, answer: bytearray) -> int:
        """Handle the command at the start of `data`; returns its length, or 0 when more bytes are needed."""
        if len(data) < 2:
            return 0
        verb = data[1]
        if verb == IAC:
            line.append(IAC)
            return 2
        if verb == SB:
            end = data.find(bytes((IAC, SE)), 2)
            return 0 if end < 0 else end + 2
        if verb not in (DO, DONT, WILL, WONT):
            return 2
        if len(data) < 3:
            return 0
        answer += self._negotiate(verb, data[2])
        return 3

    def _negotiate(self, verb: int, option: int) -> bytes:
        mine = verb in (DO, DONT)
        enabled, allowed = (self._ours, _OURS) if mine else (self._peer, _WELCOME_FROM_PEER)
        yes, no = (WILL, WONT) if mine else (DO, DONT)
        if verb in (DO, WILL):
            if option in enabled:
                return b""
            if option not in allowed:
                return bytes((IAC, no, option))
            enabled.add(option)
            return bytes((IAC, yes, option))
        if option not in enabled:
            return b""
        enabled.discard(option)
        return bytes((IAC, no, option))
