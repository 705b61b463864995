# SPDX-License-Identifier: GPL-3.0-or-later
"""systemctl and systemd-run where no systemd runs: units are files below $FAKE_SYSTEMD that hold their state.

systemd-run keeps its promises that the agent relies on: one unit of a name at a time, back when the service
is ready, ExecStopPost whatever ended the service.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

UNITS = Path(os.environ["FAKE_SYSTEMD"])


def systemctl(words: list[str]) -> int:
    verb, options = words[0], [word for word in words[1:] if word.startswith("--")]
    names = [word for word in words[1:] if not word.startswith("--")]
    for name in names:
        files = sorted(UNITS.glob(name)) if "*" in name else [UNITS / name]
        for file in files:
            state = file.read_text() if file.exists() else "absent"
            if verb == "show" and "--value" in options:
                print("inactive" if state == "absent" else state)
            elif verb == "show":
                loaded = "not-found" if state == "absent" else "loaded"
                active = "inactive" if state == "absent" else state
                print(f"Id={file.name}\nLoadState={loaded}\nActiveState={active}\nUnitFileState=enabled\n")
            elif verb in ("start", "restart", "stop"):
                if state == "absent":
                    print(f"Unit {name} not found.", file=sys.stderr)
                    return 5
                file.write_text("inactive" if verb == "stop" else "active")
    return 0


def systemd_run(words: list[str]) -> int:
    options = [word for word in words if word.startswith("--")]
    command = words[len(options) :]
    unit = UNITS / next(word[7:] for word in options if word.startswith("--unit="))
    stop_post = next(word.partition("ExecStopPost=")[2] for word in options if "ExecStopPost=" in word)
    environment = dict(word[9:].split("=", 1) for word in options if word.startswith("--setenv="))
    try:
        with unit.open("x") as file:
            file.write("activating")
    except FileExistsError:
        print(f"Unit {unit.name} was already loaded", file=sys.stderr)
        return 1
    notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    address = UNITS / f".notify-{os.getpid()}"
    notify.bind(str(address))
    notify.settimeout(60)
    if os.fork() == 0:
        os.setsid()
        null = os.open(os.devnull, os.O_RDWR)
        log = os.open(UNITS / ".log", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        for number, descriptor in enumerate((null, log, log)):
            os.dup2(descriptor, number)
        subprocess.run(command, env={**os.environ, **environment, "NOTIFY_SOCKET": str(address)}, check=False)
        unit.write_text("deactivating")
        subprocess.run(stop_post.split(" "), env={**os.environ, **environment}, check=False)
        unit.unlink()
        os._exit(0)
    assert notify.recv(100) == b"READY=1"
    unit.write_text("active")
    return 0


if __name__ == "__main__":
    name = Path(sys.argv[0]).name
    sys.exit(systemctl(sys.argv[1:]) if name == "systemctl" else systemd_run(sys.argv[1:]))
