# SPDX-License-Identifier: GPL-3.0-or-later
"""A kickstart file, served by the PiKVM's own nginx to the addresses that need it and no longer than needed.

The file and the server block lie in /run/hwlab/kickstart, readable by nginx's user only, since a kickstart
holds passwords.
"""

from __future__ import annotations

import hashlib
import http.client
import ipaddress
import os
import pwd
import re
import shutil
import socket
import time
from pathlib import Path

from .errors import AgentError
from .host import Host, write_private
from .journal import Journal
from .nginx import EXTRA, Hook, Nginx, find_hook, with_include, without_include
from .readonly import writable

KIND = "kickstart"
SERVE_PATIENCE = 10.0


def server_block(port: int, name: str, folder: Path, allow: list[str]) -> str:
    """nginx's server{} for one file; the KVM itself may ask too, to see that it is served."""
    allowed = "".join(f"    allow {address};\n" for address in dict.fromkeys([*allow, "127.0.0.1"]))
    return (
        "server {\n"
        f"    listen {port};\n"
        "    access_log off;\n"
        f"{allowed}"
        "    deny all;\n"
        f"    location = /{name} {{\n"
        f"        alias {folder / name};\n"
        "        default_type text/plain;\n"
        "    }\n"
        "    location / {\n"
        "        return 404;\n"
        "    }\n"
        "}\n"
    )


def check_allow(allow: list[str]) -> None:
    """AgentError when an entry is not an address or network."""
    if not allow:
        raise AgentError("params.allow is empty; name the addresses that may fetch the kickstart")
    for entry in allow:
        try:
            ipaddress.ip_network(entry, strict=False)
        except ValueError:
            raise AgentError(f"params.allow: '{entry}' is not an IP address or network") from None


def serve(
    host: Host, journal: Journal, content: str, port: int, name: str, allow: list[str]
) -> dict[str, object]:
    """Serve it; on any failure everything is as before."""
    check_allow(allow)
    if not re.fullmatch(r"[\w][\w.-]{0,99}", name):
        raise AgentError(f"params.name is '{name}'; a plain file name is needed, such as ks.cfg")
    if _taken(port) and (journal.get(KIND) or {}).get("port") != port:
        raise AgentError(f"params.port: something else listens on port {port} of the KVM; take another")
    hook = find_hook(host)
    digest = hashlib.sha256(repr((content, port, name, allow)).encode()).hexdigest()
    answer = {"url_path": f"/{name}", "port": port, "via": str(hook.path)}
    if (journal.get(KIND) or {}).get("digest") == digest:
        return {**answer, "changed": False, "warnings": []}
    nginx = Nginx(host)
    warnings: list[str] = []
    state = {"hook": str(hook.path), "extra": hook.extra, "port": port}
    journal.put(KIND, state)
    try:
        _write_served(host, nginx.user(), content, server_block(port, name, _folder(host), allow), name)
        _write_hook(host, hook, warnings)
        nginx.test()
        nginx.reload()
        _wait_served(port, name, content.encode())
    except (AgentError, OSError):
        stop(host, journal)
        raise
    journal.put(KIND, {**state, "digest": digest})
    return {**answer, "changed": True, "warnings": warnings}


def stop(host: Host, journal: Journal) -> list[str]:
    """Serve it no longer; returns warnings."""
    state = journal.get(KIND)
    if state is None:
        return []
    warnings = give_back(host, state)
    journal.drop(KIND)
    return [warning for warning in warnings if "stays writable" in warning]


def give_back(host: Host, state: dict[str, object]) -> list[str]:
    said: list[str] = []
    shutil.rmtree(_folder(host), ignore_errors=True)
    _remove_hook(host, Hook(Path(str(state["hook"])), bool(state["extra"])), said)
    nginx = Nginx(host)
    try:
        nginx.test()
        nginx.reload()
    except AgentError as error:
        # Somebody else's stopped or broken nginx; ours is out of it either way.
        said.append(f"kickstart taken away; {error}")
        return said
    return [*said, "kickstart taken away, nginx as before"]


def leftover(host: Host) -> dict[str, object] | None:
    """What a KVM that lost its power while serving still has on its disk, as give_back() wants it."""
    extra = host.path(EXTRA)
    if extra.is_dir():
        return {"hook": str(extra / "nginx.ctx-http.conf"), "extra": True}
    try:
        hook = find_hook(host)
    except (AgentError, OSError):
        return None
    if not hook.extra and without_include(hook.path.read_text()) != hook.path.read_text():
        return {"hook": str(hook.path), "extra": False}
    return None


def _folder(host: Host) -> Path:
    return host.run_folder / "kickstart"


def _write_served(host: Host, user: str, content: str, block: str, name: str) -> None:
    folder = _folder(host)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, mode=0o700)
    write_private(folder / name, content.encode(), 0o640)
    write_private(folder / "server.conf", block.encode())
    try:
        account = pwd.getpwnam(user) if user else pwd.getpwnam("nobody")
    except KeyError:
        raise AgentError(f"nginx's user '{user}' does not exist on the KVM") from None
    for path, mode in ((folder, 0o750), (folder / name, 0o640)):
        os.chown(path, 0, account.pw_gid)
        path.chmod(mode)


def _write_hook(host: Host, hook: Hook, warnings: list[str]) -> None:
    pattern = f"{_folder(host)}/server*.conf"
    text = hook.path.read_text() if hook.path.exists() else ""
    new = with_include(text, pattern, hook.path.name == "nginx.conf")
    if new == text:
        return
    with writable(host, hook.path, warnings):
        if hook.extra:
            hook.path.parent.mkdir(exist_ok=True)
            manifest = "name: hwlab\ndescription: Serves a kickstart to the SUT\nicon: ''\nplace: -1\n"
            (hook.path.parent / "manifest.yaml").write_text(manifest)
        mode = hook.path.stat().st_mode & 0o777 if hook.path.exists() else 0o644
        write_private(hook.path, new.encode(), mode)


def _remove_hook(host: Host, hook: Hook, warnings: list[str]) -> None:
    if hook.extra:
        if hook.path.parent.is_dir():
            with writable(host, hook.path.parent, warnings):
                shutil.rmtree(hook.path.parent)
        return
    text = hook.path.read_text() if hook.path.exists() else ""
    former = without_include(text)
    if former != text:
        with writable(host, hook.path, warnings):
            write_private(hook.path, former.encode(), hook.path.stat().st_mode & 0o777)


def _taken(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _wait_served(port: int, name: str, content: bytes) -> None:
    """Ask for the file as a SUT would, until it comes: nginx reloads at its leisure."""
    deadline = time.monotonic() + SERVE_PATIENCE
    seen = "no answer"
    while time.monotonic() < deadline:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=3)
        try:
            connection.request("GET", f"/{name}")
            reply = connection.getresponse()
            body = reply.read()
            if reply.status == 200 and body == content:
                return
            seen = f"status {reply.status}, {len(body)} bytes"
        except (OSError, http.client.HTTPException) as error:
            seen = str(error)
        finally:
            connection.close()
        time.sleep(0.1)
    raise AgentError(f"nginx on the KVM does not serve /{name} on port {port}: {seen}")
