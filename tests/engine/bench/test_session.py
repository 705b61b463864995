# SPDX-License-Identifier: GPL-3.0-or-later
"""A real session's process from start to give-back, however its run ends."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.hwlab.sut.plugins.plugin_utils.bench.client import SessionClient, find_session
from ansible_collections.hwlab.sut.plugins.plugin_utils.errors import ConfigurationError, InfrastructureError

from ...eventually import eventually
from .stand_in_kvm import Kvm

Start = Callable[..., SessionClient]


def test_a_run_from_start_to_finish_leaves_its_evidence(session: Start, kvm: Kvm, run_folder: Path) -> None:
    client = session()
    assert find_session("bench1") is not None
    client.call("keyboard", {"text": "hunter2", "secret": True}, step="Type the password")
    client.call("keyboard", {"keys": ["up", "ctrl-alt-f2"]}, step="Press keys")
    info = client.call("session.info")
    assert info["kvm"]["connected"]
    assert info["steps"] == 2
    done = client.call("finish")
    assert done["given_back"] is True
    assert done["outcome"] == "passed"
    assert kvm.given_back == "release"
    assert kvm.calls("input.type")[0]["text"] == "hunter2"
    assert kvm.calls("input.keys")[0]["keys"] == ["up", "ctrl-alt-f2"]
    eventually(lambda: not Path(client.socket_path).exists())
    run = json.loads((run_folder / "run.json").read_text())
    assert run["outcome"] == "passed"
    assert run["give_back"]["given_back"] is True
    steps = [json.loads(line) for line in (run_folder / "steps.jsonl").read_text().splitlines()]
    assert [step["step"] for step in steps] == ["Type the password", "Press keys", "finish"]
    timings = json.loads((run_folder / "timings.json").read_text())
    assert [step["n"] for step in timings["steps"]] == [1, 2, 3]
    assert timings["ended"] is not None
    assert "hunter2" not in "".join(
        path.read_text(errors="replace") for path in run_folder.rglob("*") if path.is_file()
    )


def test_killing_the_owner_gives_the_bench_back(session: Start, kvm: Kvm, run_folder: Path) -> None:
    with subprocess.Popen(["sleep", "60"]) as owner:
        client = session(owner_pid=owner.pid)
        owner.kill()
    eventually(lambda: kvm.given_back == "release")
    eventually(lambda: json.loads((run_folder / "run.json").read_text())["outcome"] == "aborted")
    eventually(lambda: find_session("bench1") is None)
    with pytest.raises(InfrastructureError, match="given back"):
        client.call("session.info")


def test_killing_the_owner_ends_a_wait_in_progress(session: Start, kvm: Kvm, config: dict[str, Any]) -> None:
    listener = subprocess.Popen(["socat", "TCP-LISTEN:0,bind=127.0.0.1,fork", "EXEC:sleep 60"])
    port = eventually(lambda: _port_of(listener.pid))
    owner = subprocess.Popen(["sleep", "60"])
    client = session(owner_pid=owner.pid, consoles={"uart0": {"command": f"tcp://127.0.0.1:{port}"}})
    try:
        said: list[str] = []

        def wait() -> None:
            try:
                client.call("console.wait", {"pattern": "never", "timeout": 60})
            except InfrastructureError as error:
                said.append(error.message)

        thread = threading.Thread(target=wait)
        thread.start()
        eventually(lambda: client.call("session.info")["steps"] == 1)
        owner.kill()
        owner.wait()
        eventually(lambda: kvm.given_back == "release")
        thread.join(60)
        assert said
        assert "given back while this step was at work" in said[0]
    finally:
        for process in (listener, owner):
            process.kill()
            process.wait()


def _port_of(pid: int) -> int:
    found = subprocess.run(["ss", "-Hltnp"], capture_output=True, text=True, check=True).stdout
    for line in found.splitlines():
        if f"pid={pid}," in line:
            return int(line.split()[3].rpartition(":")[2])
    return 0


def test_sigterm_gives_the_bench_back(session: Start, kvm: Kvm) -> None:
    client = session()
    os.kill(client.call("session.info")["pid"], signal.SIGTERM)
    eventually(lambda: kvm.given_back == "release")


def test_a_killed_session_is_covered_by_the_lease(
    session: Start, kvm: Kvm, config: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    config["kvm"]["lease"] = 5  # renewed every second
    monkeypatch.setenv("FAKE_LEASE", "4")
    client = session()
    os.kill(client.call("session.info")["pid"], signal.SIGKILL)
    eventually(lambda: kvm.given_back == "lease")
    assert session().call("session.info")["kvm"]["connected"]


def test_the_lease_is_renewed_while_nothing_happens(session: Start, kvm: Kvm, config: dict[str, Any]) -> None:
    config["kvm"]["lease"] = 5
    session()
    eventually(lambda: len(kvm.calls("renew")) >= 2)
    assert kvm.given_back == ""


def test_a_second_session_is_told_who_has_the_bench(session: Start, tmp_path: Path) -> None:
    first = session()
    with pytest.raises(InfrastructureError, match=r"running already \(pid \d+.*runs") as caught:
        session()
    assert caught.value.evidence["pid"] == first.call("session.info")["pid"]


def test_a_kvm_held_elsewhere_names_its_holder(session: Start, kvm: Kvm, run_folder: Path) -> None:
    (kvm.root / "agent.json").write_text(json.dumps({"token": "x", "holder": "ann@lab2, run 7"}))
    with pytest.raises(InfrastructureError, match="pikvm1 is held by ann@lab2, run 7 since noon"):
        session()
    assert find_session("bench1") is None
    assert json.loads((run_folder / "run.json").read_text())["outcome"] == "failed"


def test_an_unreachable_kvm_is_named(session: Start, kvm: Kvm) -> None:
    (kvm.root / "down").touch()
    with pytest.raises(InfrastructureError, match=r"cannot reach pikvm1 .*does not answer"):
        session()


def test_a_rebooted_kvm_is_taken_again(session: Start, kvm: Kvm, run_folder: Path) -> None:
    client = session()
    client.call("agent", {"method": "edid.set", "params": {"hex": "00ff"}})
    client.call("agent", {"method": "gadget.up", "params": {"storage": []}})
    kvm.power_cut()
    eventually(lambda: len(kvm.calls("gadget.up")) == 2)
    assert len(kvm.calls("edid.set")) == 2
    client.call("keyboard", {"keys": ["a"]})
    events = (run_folder / "events.jsonl").read_text()
    assert "KVM rebooted" in events
    assert "second-boot" in events


def test_a_lost_link_is_mended_and_calls_wait_for_it(session: Start, kvm: Kvm) -> None:
    client = session()
    (kvm.root / "down").touch()
    kvm.cut_link()
    threading.Timer(1.0, (kvm.root / "down").unlink).start()
    assert client.call("keyboard", {"keys": ["a"]})["keys"] == 1
    assert len(kvm.calls("input.keys")) == 1


def test_what_the_agent_says_reaches_the_task(session: Start, kvm: Kvm, run_folder: Path) -> None:
    client = session()
    kvm.answers({"input.keys": {"error": "there is no key named foo"}})
    with pytest.raises(InfrastructureError, match="pikvm1: there is no key named foo"):
        client.call("keyboard", {"keys": ["foo"]}, step="Press foo")
    failure = json.loads((run_folder / "run.json").read_text())["failure"]
    assert failure["step"] == "Press foo"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"runs": "relative"}, "runs is 'relative', expected an absolute path"),
        ({"bench": "a/b"}, "bench is 'a/b', expected a name"),
        ({"colour": "red"}, "unknown option colour"),
        ({"mains": {"name": "m", "driver": "x10"}}, "driver is 'x10', expected one of tasmota"),
        ({"consoles": {"uart0": {"command": "telnet rte1 ser"}}}, "'ser' is no TCP port"),
        ({"needles": "/nowhere"}, "needle folder /nowhere does not exist"),
    ],
)
def test_a_wrong_config_is_refused_before_anything_moves(
    session: Start, kvm: Kvm, change: dict[str, Any], words: str
) -> None:
    with pytest.raises(ConfigurationError, match=words):
        session(**change)
    assert not (kvm.root / "run" / "agent.pyz").exists()


def test_unknown_parameters_are_refused(session: Start) -> None:
    client = session()
    with pytest.raises(ConfigurationError, match="keyboard: unknown option kees"):
        client.call("keyboard", {"kees": ["a"]})
    with pytest.raises(ConfigurationError, match="no method jump"):
        client.call("jump")


def test_passwords_stay_out_of_argv_and_evidence(
    session: Start, config: dict[str, Any], run_folder: Path
) -> None:
    secret = "correct horse battery"
    config["kvm"]["ssh"]["password"] = secret
    client = session()
    lines = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout
    assert secret not in lines
    client.call("finish")
    assert secret not in "".join(p.read_text(errors="replace") for p in run_folder.rglob("*") if p.is_file())
