# SPDX-License-Identifier: GPL-3.0-or-later
"""Methods for what else the PiKVM does: units, kickstart, buttons, image store."""

from __future__ import annotations

from . import kickstart, kvmd_api, store, units
from .bench import Bench, Result
from .params import Params

KVMD_SOCKET = "/run/kvmd/kvmd.sock"


def units_claim(bench: Bench, params: Params) -> Result:
    names = params.texts("stop")
    params.done()
    return {"units": units.claim(bench.host, bench.journal, names)}


def kickstart_serve(bench: Bench, params: Params) -> Result:
    content = params.text("content")
    port = params.integer("port", 6789, 1, 65535)
    allow = params.texts("allow")
    name = params.text("name", "ks.cfg")
    params.done()
    return kickstart.serve(bench.host, bench.journal, content, port, name, allow)


def kickstart_stop(bench: Bench, params: Params) -> Result:
    params.done()
    served = bench.journal.get(kickstart.KIND) is not None
    return {"changed": served, "warnings": kickstart.stop(bench.host, bench.journal)}


def atx_press(bench: Bench, params: Params) -> Result:
    button = params.text("button")
    seconds = params.number("seconds", 0.1, most=10.0)
    params.done()
    kvmd_api.click(bench.host.path(KVMD_SOCKET), button, seconds)
    return {}


def atx_leds(bench: Bench, params: Params) -> Result:
    params.done()
    return dict(kvmd_api.leds(bench.host.path(KVMD_SOCKET)))


def store_list(bench: Bench, params: Params) -> Result:
    params.done()
    return {
        "folder": str(store.folder_of(bench.host)),
        "free": store.free_bytes(bench.host),
        "images": store.listing(bench.host),
    }


def store_put_begin(bench: Bench, params: Params) -> Result:
    name = params.text("name")
    size = params.integer("size", least=1)
    params.done()
    path = store.begin(bench.host, bench.journal, name, size)
    return {"path": str(path), "final": str(path)}


def store_put_end(bench: Bench, params: Params) -> Result:
    name = params.text("name")
    sha256 = params.optional_text("sha256")
    keep = params.flag("keep", True)
    params.done()
    return store.end(bench.host, bench.journal, name, sha256, keep)


def store_remove(bench: Bench, params: Params) -> Result:
    name = params.text("name")
    params.done()
    changed, warnings = store.remove(bench.host, name)
    return {"changed": changed, "warnings": warnings}
