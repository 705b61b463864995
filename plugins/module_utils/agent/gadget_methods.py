# SPDX-License-Identifier: GPL-3.0-or-later
"""Methods for the USB gadget and its media."""

from __future__ import annotations

from ..gadget.composite import Identity
from ..gadget.hid import Resolution
from ..gadget.storage import Medium
from . import units
from .bench import Bench, Result
from .errors import AgentError
from .giveback import GADGET
from .params import Params

#: The unit that makes PiKVM's own gadget: it would find its gadget gone.
OTG_UNIT = "kvmd-otg.service"


def up(bench: Bench, params: Params) -> Result:
    media = [_medium(entry) for entry in params.objects("storage")]
    luns = params.integer("luns", 1, 0, 16)
    width, height = params.integers("resolution", [1024, 768], 2)
    identity = Identity(params.text("manufacturer", "hwlab"), params.text("product", "Test USB Gadget"))
    wait = params.number("wait", 0.0, most=300.0)
    params.done()
    if min(width, height) < 1:
        raise AgentError(f"params.resolution is {width}x{height}; both must be positive")
    otg = units.states(bench.host, [OTG_UNIT]).get(OTG_UNIT)
    if otg and otg.active == "active":
        raise AgentError(f"{OTG_UNIT} is active and owns the USB device port; claim it first (units.claim)")
    request = (media, luns, identity, width, height)
    changed = not (request == bench.gadget_request and _stands(bench, media))
    cleaned: list[str] = []
    if changed:
        bench.journal.put(GADGET, {})
        bench.controller.close()
        cleaned = bench.composite.up(media, luns, identity)
        bench.controller.open(Resolution(width, height))
        bench.gadget_request = request
    bench.composite.wait_configured(wait)
    facts = bench.composite.describe()
    return {
        "changed": changed,
        "cleaned": cleaned,
        **{name: facts[name] for name in ("udc", "state", "luns")},
    }


def down(bench: Bench, params: Params) -> Result:
    params.done()
    bench.controller.release()
    bench.controller.close()
    changed = bench.composite.down()
    bench.journal.drop(GADGET)
    return {"changed": changed}


def info(bench: Bench, params: Params) -> Result:
    params.done()
    return bench.composite.describe()


def insert(bench: Bench, params: Params) -> Result:
    lun = params.integer("lun", 0, 0, 15)
    medium = _medium(params)
    _check_up(bench)
    medium.check()
    found: list[tuple[bool, bool]] = []
    if bench.composite.storage.is_cdrom(lun) != medium.cdrom:
        bench.controller.replugged(lambda: found.append(bench.composite.insert(lun, medium)))
    else:
        found.append(bench.composite.insert(lun, medium))
    changed, replugged = found[0]
    return {"changed": changed, "reenumerated": replugged, "luns": bench.composite.storage.luns()}


def eject(bench: Bench, params: Params) -> Result:
    lun = params.integer("lun", 0, 0, 15)
    params.done()
    _check_up(bench)
    changed, forced = bench.composite.eject(lun)
    return {"changed": changed, "forced": forced, "luns": bench.composite.storage.luns()}


def _stands(bench: Bench, media: list[Medium]) -> bool:
    """Whether the gadget is still as it was asked for, its media too."""
    if not bench.composite.is_up():
        return False
    if any(entry["path"] for entry in bench.composite.storage.luns()[len(media) :]):
        return False
    return all(bench.composite.storage.holds(lun, medium) for lun, medium in enumerate(media))


def _medium(params: Params) -> Medium:
    medium = Medium(params.text("path"), params.flag("cdrom", False), params.flag("ro", True))
    params.done()
    return medium


def _check_up(bench: Bench) -> None:
    if not bench.composite.exists():
        raise AgentError("no USB gadget is up; bring it up first (gadget.up)")
