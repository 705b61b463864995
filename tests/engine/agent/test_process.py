# SPDX-License-Identifier: GPL-3.0-or-later
"""The agent as the processes that it is on a KVM, from its package, below a root of their own."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.hwlab.sut.plugins.plugin_utils.bench import agent_package

from ...eventually import eventually

TOKEN, OTHER = "token-of-this-test", "token-of-another-one"


class Kvm:
    """A root folder with the package in it, and commands run as over ssh."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.units = root / "units"
        self.run = root / "run/hwlab"
        commands = root / "bin"
        for folder in (self.units, self.run, commands, root / "sys/kernel/config/usb_gadget"):
            folder.mkdir(parents=True)
        (self.run / "agent.pyz").write_bytes(agent_package.build())
        for name in ("systemctl", "systemd-run"):
            script = commands / name
            shutil.copy(Path(__file__).with_name("fake_systemd.py"), script)
            script.write_text(f"#!{sys.executable}\n{script.read_text()}")
            script.chmod(0o755)
        for name in ("kvmd-otg.service", "kvmd-janus.service", "kvmd.service"):
            (self.units / name).write_text("inactive" if name == "kvmd-janus.service" else "active")
        self.environment = {
            **os.environ,
            "HWLAB_KVM_ROOT": str(root),
            "FAKE_SYSTEMD": str(self.units),
            "PATH": f"{commands}:{os.environ['PATH']}",
        }

    def command(self, *words: str) -> list[str]:
        return [sys.executable, str(self.run / "agent.pyz"), *words]

    def agent(self, *words: str, token: str = TOKEN) -> tuple[int, dict[str, Any]]:
        done = subprocess.run(
            self.command(*words),
            input=json.dumps({"token": token}) + "\n",
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.stdout, done.stderr
        return done.returncode, json.loads(done.stdout)

    def start(
        self, lease: float = 30, token: str = TOKEN, holder: str = "a test"
    ) -> tuple[int, dict[str, Any]]:
        return self.agent("start", "--holder", holder, "--lease", str(lease), token=token)

    def unit(self, name: str) -> str:
        file = self.units / f"{name}.service"
        return file.read_text() if file.exists() else "absent"

    def wait_free(self) -> None:
        eventually(lambda: self.unit("hwlab-bench") == "absent", (self.units / ".log").read_text)

    def pid(self) -> int:
        return int(json.loads((self.run / "lock.json").read_text())["pid"])


class Attached:
    """An attachment, as the controller has it over ssh."""

    def __init__(self, kvm: Kvm, token: str = TOKEN) -> None:
        self.process = subprocess.Popen(
            kvm.command("attach"),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=kvm.environment,
            text=True,
        )
        self.send({"token": token})
        self.greeting = self.receive()

    def send(self, message: Any) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(message if isinstance(message, str) else json.dumps(message) + "\n")
        self.process.stdin.flush()

    def receive(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        return dict(json.loads(line)) if line else {}

    def call(self, method: str, **params: Any) -> dict[str, Any]:
        self.send({"id": 1, "method": method, "params": params})
        while "event" in (answer := self.receive()):
            pass
        return answer

    def close(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait(60)


@pytest.fixture
def kvm(tmp_path: Path) -> Iterator[Kvm]:
    kvm = Kvm(tmp_path)
    yield kvm
    if (kvm.run / "lock.json").exists():
        os.kill(kvm.pid(), signal.SIGTERM)
    kvm.wait_free()


def test_one_holder_at_a_time_and_who_it_is(kvm: Kvm) -> None:
    assert kvm.agent("status")[1]["held"] is False
    code, answer = kvm.start(holder="run 1 of lab7")
    assert (code, answer["started"]) == (0, True)
    assert kvm.start() == (0, {"started": False, "yours": True, "socket": answer["socket"]})
    code, refused = kvm.start(token=OTHER)
    assert code == 3
    assert refused["holder"] == "run 1 of lab7"
    assert refused["boot_id"] == Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    assert 0 < refused["lease_left"] <= 30
    assert kvm.agent("status")[1]["holder"] == "run 1 of lab7"


def test_a_token_is_nowhere_to_be_read(kvm: Kvm) -> None:
    kvm.start()
    attached = Attached(kvm)
    for process in (kvm.pid(), attached.process.pid):
        for name in ("cmdline", "environ"):
            assert TOKEN.encode() not in Path(f"/proc/{process}/{name}").read_bytes()
    files = [path for path in kvm.root.rglob("*") if path.is_file()]
    assert kvm.run / "lock.json" in files
    assert not [path for path in files if TOKEN.encode() in path.read_bytes()]
    attached.close()


def test_a_wrong_token_is_turned_away(kvm: Kvm) -> None:
    kvm.start()
    attached = Attached(kvm, OTHER)
    assert "does not hold the bench; a test does" in attached.greeting["error"]
    assert attached.process.wait(60) == 5


def test_attach_without_an_agent_says_so(kvm: Kvm) -> None:
    code, answer = kvm.agent("attach")
    assert code == 4
    assert "no agent runs" in answer["error"]


def test_requests_are_answered_in_sentences(kvm: Kvm) -> None:
    kvm.start()
    attached = Attached(kvm)
    assert attached.greeting["event"] == "attached"
    assert attached.call("renew")["result"]["lease_left"] > 25
    assert "did you mean 'stop'" in attached.call("units.claim", stopp=[], stop=[])["error"]
    assert "nearest are video.info" in attached.call("video.inf")["error"]
    attached.send("no json\n")
    assert attached.receive() == {
        "id": None,
        "error": 'a request is a line {"id": n, "method": name, "params": {}}',
    }
    assert "no USB gadget with a keyboard is up" in attached.call("input.keys", keys=["ret"])["error"]
    assert "nearest are: return" in attached.call("input.keys", keys=["retrun"])["error"]
    assert "line 2: unknown key" in attached.call("input.lines", lines=["ret", "quux"])["error"]
    attached.close()


def claim(kvm: Kvm) -> Attached:
    attached = Attached(kvm)
    answer = attached.call("units.claim", stop=["kvmd-otg", "kvmd-janus"])
    assert answer["result"]["units"] == {
        "kvmd-otg": {"former": "active", "enabled": "enabled", "stopped": True},
        "kvmd-janus": {"former": "inactive", "enabled": "enabled", "stopped": False},
    }
    assert kvm.unit("kvmd-otg") == "inactive"
    again = attached.call("units.claim", stop=["kvmd-otg"])["result"]["units"]["kvmd-otg"]
    assert again == {"former": "active", "enabled": "enabled", "stopped": False}
    return attached


def release(kvm: Kvm, attached: Attached) -> None:
    answer = attached.call("release")["result"]
    assert answer == {"given_back": ["kvmd-otg.service started again"], "failed": []}


def let_the_lease_run_out(kvm: Kvm, attached: Attached) -> None:
    attached.close()


def stop_the_unit(kvm: Kvm, attached: Attached) -> None:
    os.kill(kvm.pid(), signal.SIGTERM)


def kill_the_agent(kvm: Kvm, attached: Attached) -> None:
    os.kill(kvm.pid(), signal.SIGKILL)


@pytest.mark.parametrize("end", [release, let_the_lease_run_out, stop_the_unit, kill_the_agent])
def test_units_are_as_before_however_it_ends(kvm: Kvm, end: Callable[[Kvm, Attached], None]) -> None:
    kvm.start(lease=5 if end is let_the_lease_run_out else 60)
    attached = claim(kvm)
    end(kvm, attached)
    kvm.wait_free()
    attached.process.wait(60)
    assert (kvm.unit("kvmd-otg"), kvm.unit("kvmd-janus"), kvm.unit("kvmd")) == (
        "active",
        "inactive",
        "active",
    )
    assert not (kvm.run / "journal.json").exists()
    assert kvm.start(token=OTHER)[1]["started"] is True


def test_a_lease_lasts_as_long_as_it_is_renewed(kvm: Kvm) -> None:
    kvm.start(lease=4)
    attached = Attached(kvm)
    for _ in range(9):
        assert "result" in attached.call("renew")
        time.sleep(0.5)
    attached.close()
    kvm.wait_free()


def test_what_nobody_gave_back_is_given_back_by_the_next_start(kvm: Kvm) -> None:
    """As after a kill of everything, ExecStopPost too."""
    (kvm.units / "kvmd-otg.service").write_text("inactive")
    journal = {"units": {"kvmd-otg.service": {"former": "active", "enabled": "enabled"}}}
    (kvm.run / "journal.json").write_text(json.dumps(journal))
    assert kvm.agent("status")[1]["leftovers"] == ["units"]
    assert kvm.start()[1]["given_back"] == ["kvmd-otg.service started again"]
    assert kvm.unit("kvmd-otg") == "active"


def test_the_package_is_the_same_for_the_same_sources() -> None:
    first = agent_package.build()
    agent_package.build.cache_clear()
    assert agent_package.build() == first
    assert agent_package.digest() in agent_package.install_command()
