# SPDX-License-Identifier: GPL-3.0-or-later
"""The power controller of a bench, put together from what its inventory describes."""

from __future__ import annotations

from dataclasses import dataclass

from ansible_collections.hwlab.sut.plugins.plugin_utils.bench.config import BenchConfig
from ansible_collections.hwlab.sut.plugins.plugin_utils.bench.config_reader import Reader
from ansible_collections.hwlab.sut.plugins.plugin_utils.bench.context import StepContext
from ansible_collections.hwlab.sut.plugins.plugin_utils.errors import ConfigurationError
from ansible_collections.hwlab.sut.plugins.plugin_utils.power.controller import PowerController
from ansible_collections.hwlab.sut.plugins.plugin_utils.power.guard import PowerGuard
from ansible_collections.hwlab.sut.plugins.plugin_utils.power.kvmd_atx import AtxButton, AtxLed
from ansible_collections.hwlab.sut.plugins.plugin_utils.power.mains import make_mains
from ansible_collections.hwlab.sut.plugins.plugin_utils.power.rtectrl import Line, RteButton, RteCtrl, RteLed
from ansible_collections.hwlab.sut.plugins.plugin_utils.power.switches import Button, Led, Mains
from ansible_collections.hwlab.sut.plugins.plugin_utils.power.timings import (
    Clock,
    PowerTimings,
    read_timings,
)
from ansible_collections.hwlab.sut.plugins.plugin_utils.power.verdict import Verdict, judge, probe

_WIRED_TO = ("flasher", "kvm", "none")


@dataclass(frozen=True)
class PowerOptions:
    """`power` of the session's configuration.

    `button` and each of `leds`: flasher or kvm, where that wire of the front panel goes.
    """

    button: str
    leds: tuple[str, ...]
    led_active_low: bool
    no_signal_means_off: bool
    timings: PowerTimings


def read_options(config: BenchConfig) -> PowerOptions:
    """Check `power` of the configuration. Raises ConfigurationError naming the option."""
    reader = Reader(config.power, "power")
    has_rte = config.flasher is not None and config.flasher.api is not None
    default = "flasher" if has_rte else "kvm" if config.kvm else "none"
    leds = reader.texts("leds", (default,) if default != "none" else ())
    options = PowerOptions(
        button=reader.choice("button", _WIRED_TO, default),
        leds=leds,
        led_active_low=reader.flag("led_active_low", False),
        no_signal_means_off=reader.flag("no_signal_means_off", False),
        timings=read_timings(reader.mapping("timings"), PowerTimings()),
    )
    reader.done()
    for where in (options.button, *leds):
        if where not in _WIRED_TO:
            raise ConfigurationError(f"power.leds: {where!r} is none of {', '.join(_WIRED_TO)}")
        if where == "flasher" and not has_rte:
            raise ConfigurationError("power: button or LED at the flasher, yet it has no flasher_api")
        if where == "kvm" and config.kvm is None:
            raise ConfigurationError("power: button or LED at the KVM, yet the bench has none (sut_kvm)")
    return options


def controller_for(context: StepContext) -> PowerController:
    """The controller for the bench of `context`; reads the configuration, talks to nothing."""
    config = context.config
    options = read_options(config)
    rte = RteCtrl(config.flasher.api) if config.flasher and config.flasher.api else None
    mains = mains_of(config)
    leds = [_led(context, where, rte, options.led_active_low) for where in options.leds]

    def look() -> Verdict:
        probes = []
        if mains is not None:
            probes.append(probe("mains", f"mains ({mains.name})", mains.is_on))
        probes += [probe("led", name, led.lit) for name, led in leds]
        if config.kvm is not None:
            probes.append(probe("video", f"HDMI at {config.kvm.name}", lambda: _signal(context)))
        return judge(probes, options.no_signal_means_off)

    return PowerController(
        config.bench,
        look,
        power=_button(context, options.button, rte, "power"),
        reset=_button(context, options.button, rte, "reset"),
        mains=mains,
        timings=options.timings,
        clock=Clock(sleep=context.sleep),
        progress=context.progress,
        before_on=PowerGuard(context, rte).check,
    )


def mains_of(config: BenchConfig) -> Mains | None:
    """The bench's mains switch, or None."""
    if config.mains is None:
        return None
    return make_mains(config.mains.driver, config.mains.url or "", config.mains.options.get("outlet"))


def _signal(context: StepContext) -> bool | None:
    kvm = context.config.kvm
    device = {} if kvm is None else {"device": kvm.video_device}
    signal = context.agent("video.info", device, timeout=10).get("signal")
    return signal if isinstance(signal, bool) else None


def _button(context: StepContext, where: str, rte: RteCtrl | None, name: str) -> Button | None:
    if where == "kvm":
        return AtxButton(context, name)
    if where == "flasher" and rte is not None:
        return RteButton(rte, Line.POWER if name == "power" else Line.RESET)
    return None


def _led(context: StepContext, where: str, rte: RteCtrl | None, active_low: bool) -> tuple[str, Led]:
    if where == "flasher" and rte is not None:
        return "power LED at the flasher", RteLed(rte, active_low)
    return "power LED at the KVM", AtxLed(context)
