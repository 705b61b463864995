# SPDX-License-Identifier: GPL-3.0-or-later
"""Method names, and the lane that each runs in."""

from __future__ import annotations

import difflib
from collections.abc import Callable
from typing import NamedTuple

from . import gadget_methods, input_methods, service_methods, video_methods
from .bench import Bench, Result
from .errors import AgentError
from .params import Params

#: Lanes: one thread each, so that keys wait for keys only, and slow commands for each other.
INPUT, BENCH = "input", "bench"

Handler = Callable[[Bench, Params], Result]


class Method(NamedTuple):
    lane: str
    handler: Handler


METHODS: dict[str, Method] = {
    "units.claim": Method(BENCH, service_methods.units_claim),
    "edid.set": Method(BENCH, video_methods.edid_set),
    "edid.get": Method(BENCH, video_methods.edid_get),
    "timings.set": Method(BENCH, video_methods.timings_set),
    "video.info": Method(BENCH, video_methods.info),
    "video.start": Method(BENCH, video_methods.start),
    "video.stop": Method(BENCH, video_methods.stop),
    "gadget.up": Method(BENCH, gadget_methods.up),
    "gadget.down": Method(BENCH, gadget_methods.down),
    "gadget.info": Method(BENCH, gadget_methods.info),
    "media.insert": Method(BENCH, gadget_methods.insert),
    "media.eject": Method(BENCH, gadget_methods.eject),
    "input.lines": Method(INPUT, input_methods.lines),
    "input.type": Method(INPUT, input_methods.type_text),
    "input.keys": Method(INPUT, input_methods.keys),
    "input.press": Method(INPUT, input_methods.press),
    "input.release": Method(INPUT, input_methods.release),
    "input.mouse": Method(INPUT, input_methods.mouse),
    "leds": Method(INPUT, input_methods.leds),
    "kickstart.serve": Method(BENCH, service_methods.kickstart_serve),
    "kickstart.stop": Method(BENCH, service_methods.kickstart_stop),
    "atx.press": Method(BENCH, service_methods.atx_press),
    "atx.leds": Method(BENCH, service_methods.atx_leds),
    "store.list": Method(BENCH, service_methods.store_list),
    "store.put_begin": Method(BENCH, service_methods.store_put_begin),
    "store.put_end": Method(BENCH, service_methods.store_put_end),
    "store.remove": Method(BENCH, service_methods.store_remove),
}
#: Answered by the server itself.
SERVER_METHODS = ("renew", "status", "release")


def find(name: object) -> Method:
    """AgentError with the nearest name when there is no such method."""
    if isinstance(name, str) and name in METHODS:
        return METHODS[name]
    near = difflib.get_close_matches(str(name), [*METHODS, *SERVER_METHODS], n=2)
    hint = f"; the nearest are {', '.join(near)}" if near else ""
    raise AgentError(f"the agent has no method '{name}'{hint}")
