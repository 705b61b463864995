# SPDX-License-Identifier: GPL-3.0-or-later
"""kickstart.serve and kickstart.stop: a file that the installer fetches from the KVM over HTTP."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible_collections.hwlab.sut.plugins.plugin_utils.bench.config_reader import Reader
from ansible_collections.hwlab.sut.plugins.plugin_utils.bench.session import Session

Progress = Callable[[str], None]


async def serve(session: Session, params: Reader, progress: Progress) -> dict[str, Any]:
    """Serve `content` to the addresses of `allow`, until stopped or given back."""
    content, port = params.text("content"), params.integer("port", 6789, 1, 65535)
    allow, name = params.one_or_more("allow", ()), params.text("name", "ks.cfg")
    params.done()
    kvm = session.kvm()
    what = {"content": content, "port": port, "allow": list(allow), "name": name}
    answer = await session.agent("kickstart.serve", what, 60)
    url = f"http://{kvm.address}:{answer.get('port', port)}{answer.get('url_path', '')}"
    return {**answer, "url": url}


async def stop(session: Session, params: Reader, progress: Progress) -> dict[str, Any]:
    """Serve it no longer."""
    params.done()
    return {"changed": False, **await session.agent("kickstart.stop", {}, 60)}
