# SPDX-License-Identifier: GPL-3.0-or-later
"""Hosts of a bench over the OpenSSH client: argument vectors, commands, files.

The user's own ssh settings (`~/.ssh/config`, agents, jump hosts) stay in force. Host keys are always
checked; a password reaches ssh through its SSH_ASKPASS program (ssh(1), ENVIRONMENT), never through an
argument. The far side needs a POSIX shell and `cat`, no Python.
"""

from __future__ import annotations

import asyncio
import contextlib
import shlex
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from ansible_collections.hwlab.sut.plugins.plugin_utils.errors import InfrastructureError
from ansible_collections.hwlab.sut.plugins.plugin_utils.ssh_askpass import askpass_environment
from ansible_collections.hwlab.sut.plugins.plugin_utils.ssh_failure import explain

#: ssh(1) ends with 255 when the connection failed, and with the command's own status otherwise.
CONNECTION_FAILED = 255
_CHUNK = 1 << 18


@dataclass(frozen=True)
class Completed:
    """What a command on a host left: its exit status and its two outputs, undecoded."""

    returncode: int
    stdout: bytes
    stderr: bytes

    @property
    def text(self) -> str:
        return self.stdout.decode(errors="replace")


@dataclass(frozen=True)
class SshTarget:
    """One ssh host and how to reach it.

    `name` is the inventory's name, used in messages. `options` are extra arguments of ssh as one would type
    them (`-o ProxyJump=x`); they come first, so they win over ours. `control_folder` (0700, short path) turns
    on connection sharing; video and long streams ask for a connection of their own with `own=True`.
    """

    name: str
    host: str
    port: int = 22
    user: str = "root"
    key_file: str | None = None
    known_hosts: str | None = None
    password: str | None = field(default=None, repr=False)
    options: tuple[str, ...] = ()
    connect_timeout: int = 10
    control_folder: str | None = None
    executable: str = "ssh"

    def argv(
        self, command: str | Sequence[str] | None = None, *, own: bool = False, extra: Sequence[str] = ()
    ) -> list[str]:
        """Argument vector of ssh; `command` as one shell line, or as words that are quoted for the far shell.

        `own` keeps the connection apart from the shared one. `extra` goes before the host (`-W`, `-L` ...).
        """
        argv = [
            self.executable,
            *self.options,
            "-T",
            "-o",
            f"ConnectTimeout={self.connect_timeout}",
            "-o",
            "ServerAliveInterval=5",
            "-o",
            "ServerAliveCountMax=4",
            "-o",
            "StrictHostKeyChecking=yes",
            "-o",
            "LogLevel=ERROR",
            "-p",
            str(self.port),
            "-l",
            self.user,
        ]
        if self.known_hosts:
            argv += ["-o", f"UserKnownHostsFile={self.known_hosts}"]
        if self.key_file:
            argv += ["-i", self.key_file, "-o", "IdentitiesOnly=yes"]
        if self.password is None:
            argv += ["-o", "BatchMode=yes"]
        else:
            argv += ["-o", "NumberOfPasswordPrompts=1"]
        if self.control_folder and not own:
            argv += [
                "-o",
                "ControlMaster=auto",
                "-o",
                f"ControlPath={self.control_folder}/%C",
                "-o",
                "ControlPersist=60",
            ]
        else:
            argv += ["-o", "ControlMaster=no", "-o", "ControlPath=none"]
        argv += [*extra, self.host]
        if command is not None:
            argv.append(command if isinstance(command, str) else shlex.join(command))
        return argv

    def environment(self) -> dict[str, str]:
        """Environment for the ssh process; holds the password if there is one, so never log it."""
        return askpass_environment(self.password)

    def run(
        self,
        command: str | Sequence[str],
        *,
        input: bytes = b"",
        timeout: float = 60.0,
        check: bool = True,
        own: bool = False,
    ) -> Completed:
        """Run a command on the host and wait for it.

        Raises InfrastructureError when the host cannot be reached, when `timeout` seconds pass, and, with
        `check`, when the command ends with another status than 0.
        """
        try:
            done = subprocess.run(
                self.argv(command, own=own),
                input=input,
                capture_output=True,
                timeout=timeout,
                env=self.environment(),
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise self._too_slow(command, timeout) from error
        except FileNotFoundError as error:
            raise self._no_client() from error
        return self._judge(command, Completed(done.returncode, done.stdout, done.stderr), check)

    async def run_async(
        self,
        command: str | Sequence[str],
        *,
        input: bytes = b"",
        timeout: float = 60.0,
        check: bool = True,
        own: bool = False,
    ) -> Completed:
        """The same as `run` for asyncio."""
        try:
            process = await asyncio.create_subprocess_exec(
                *self.argv(command, own=own),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
                env=self.environment(),
            )
        except FileNotFoundError as error:
            raise self._no_client() from error
        try:
            async with asyncio.timeout(timeout):
                stdout, stderr = await process.communicate(input)
        except TimeoutError as error:
            raise self._too_slow(command, timeout) from error
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        return self._judge(command, Completed(process.returncode or 0, stdout, stderr), check)

    def copy_to(
        self,
        local: Path | str,
        remote: str,
        *,
        timeout: float = 3600.0,
        on_bytes: Callable[[int], None] | None = None,
    ) -> None:
        """Stream a file to `remote`, which appears whole or not at all (written beside, then renamed).

        `on_bytes` is called with the number of bytes sent so far. Errors as in `run`.
        """
        part, size = shlex.quote(f"{remote}.part"), Path(local).stat().st_size
        # The far `cat` also ends when the connection is lost: the size tells a whole file from a torn one.
        command = (
            f'cat > {part} && [ "$(wc -c < {part})" -eq {size} ] && mv {part} {shlex.quote(remote)} '
            f"|| {{ rm -f {part}; exit 1; }}"
        )
        try:
            process = subprocess.Popen(
                self.argv(command, own=True),
                env=self.environment(),
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
            )
        except FileNotFoundError as error:
            raise self._no_client() from error
        with process, open(local, "rb") as source:
            assert process.stdin is not None
            with contextlib.suppress(BrokenPipeError):  # If the far side ends first, its words tell why.
                _pump(source, process.stdin, on_bytes)
            process.stdin = None
            try:
                _, stderr = process.communicate(timeout=timeout)
            except subprocess.TimeoutExpired as error:
                process.kill()
                raise self._too_slow(f"cat > {remote}", timeout) from error
        self._judge(f"cat > {remote}", Completed(process.returncode, b"", stderr), True)

    def close(self) -> None:
        """End the shared connection, if there is one."""
        if self.control_folder:
            subprocess.run(
                self.argv(extra=["-O", "exit"]),
                capture_output=True,
                timeout=10,
                env=self.environment(),
                check=False,
            )

    def failure(self, stderr: bytes) -> InfrastructureError:
        """The error for an ssh process that ended with CONNECTION_FAILED and said `stderr`."""
        words = stderr.decode(errors="replace")
        return InfrastructureError(explain(self, words), evidence={"host": self.name})

    def _judge(self, command: str | Sequence[str], done: Completed, check: bool) -> Completed:
        if done.returncode == CONNECTION_FAILED:
            raise self.failure(done.stderr)
        if check and done.returncode != 0:
            words = done.stderr.decode(errors="replace").strip() or done.text.strip() or "it said nothing"
            shown = command if isinstance(command, str) else shlex.join(command)
            raise InfrastructureError(
                f"{self.name}: `{shown[:200]}` ended with status {done.returncode}: {words[-1000:]}",
                evidence={"host": self.name, "status": done.returncode},
            )
        return done

    def _too_slow(self, command: str | Sequence[str], timeout: float) -> InfrastructureError:
        shown = command if isinstance(command, str) else shlex.join(command)
        return InfrastructureError(
            f"{self.name}: `{shown[:200]}` had not ended after {timeout:g} s; the host or the link to "
            f"{self.host} hangs: try `ssh -p {self.port} {self.user}@{self.host}` by hand",
            evidence={"host": self.name},
        )

    def _no_client(self) -> InfrastructureError:
        return InfrastructureError(
            f"{self.executable}: no such program on the controller; install the OpenSSH client "
            "(Debian: openssh-client)"
        )


def _pump(source: IO[bytes], sink: IO[bytes], on_bytes: Callable[[int], None] | None) -> None:
    sent = 0
    while chunk := source.read(_CHUNK):
        sink.write(chunk)
        sent += len(chunk)
        if on_bytes:
            on_bytes(sent)
    sink.close()
