# SPDX-License-Identifier: GPL-3.0-or-later
"""Methods that press keys and move the pointer. See the package's docstring for what they take and give."""

from __future__ import annotations

import time

from ..gadget.errors import GadgetError
from ..gadget.keyboard import Pace
from ..gadget.keymap import parse_chord
from ..gadget.lines import parse_line
from .bench import Bench, Result
from .errors import AgentError
from .params import Params


def lines(bench: Bench, params: Params) -> Result:
    texts = params.texts("lines")
    params.done()
    actions = []
    for number, text in enumerate(texts, 1):
        try:
            actions.append(parse_line(text))
        except GadgetError as error:
            raise AgentError(f"line {number}: {error}") from None
    for number, action in enumerate(actions, 1):
        try:
            bench.controller.perform(action)
        except GadgetError as error:
            raise AgentError(f"line {number}: {error}") from None
    return {"lines": len(actions)}


def type_text(bench: Bench, params: Params) -> Result:
    text = params.text("text")
    pace = Pace.of_rate(params.number("cps", 25.0, most=1000.0))
    layout = params.text("layout", "us")
    params.done()
    started = time.monotonic()
    with bench.controller.lock:
        count = bench.controller.keyboard().type_text(text, pace, layout)
    return {"characters": count, "seconds": round(time.monotonic() - started, 3)}


def keys(bench: Bench, params: Params) -> Result:
    names = params.texts("keys")
    pace = Pace(params.number("hold_s", 0.02, most=60.0), params.number("gap_s", 0.02, most=60.0))
    layout = params.text("layout", "us")
    params.done()
    for name in names:
        parse_chord(name, layout)
    with bench.controller.lock:
        bench.controller.keyboard().tap_keys(names, pace, layout)
    return {"keys": len(names)}


def press(bench: Bench, params: Params) -> Result:
    names = params.texts("keys")
    params.done()
    with bench.controller.lock:
        bench.controller.keyboard().press(names)
    return {"held": names}


def release(bench: Bench, params: Params) -> Result:
    params.done()
    bench.controller.release()
    return {}


def mouse(bench: Bench, params: Params) -> Result:
    x = params.optional_integer("x")
    y = params.optional_integer("y")
    buttons = params.optional_integer("buttons", most=255)
    wheel = params.integer("wheel", 0, -127, 127)
    params.done()
    with bench.controller.lock:
        bench.controller.tablet().update(x, y, buttons, wheel)
    return {}


def leds(bench: Bench, params: Params) -> Result:
    params.done()
    return bench.controller.leds()._asdict()
