# SPDX-License-Identifier: GPL-3.0-or-later
"""The mains switch that the inventory describes."""

from __future__ import annotations

from ansible_collections.hwlab.sut.plugins.plugin_utils.errors import ConfigurationError
from ansible_collections.hwlab.sut.plugins.plugin_utils.power.esphome import DEFAULT_SWITCH, EsphomeMains
from ansible_collections.hwlab.sut.plugins.plugin_utils.power.ewelink import EwelinkMains
from ansible_collections.hwlab.sut.plugins.plugin_utils.power.switches import Mains
from ansible_collections.hwlab.sut.plugins.plugin_utils.power.tasmota import TasmotaMains

#: Values of ``mains_driver``.
DRIVERS = ("tasmota", "esphome", "ewelink_diy", "none")


def make_mains(driver: str, url: str = "", outlet: str | int | None = None) -> Mains | None:
    """The switch for ``mains_driver``, ``mains_url`` and ``mains_outlet``; None for driver ``none``.

    `outlet` is the relay's number for tasmota and the switch id for esphome. Raises ConfigurationError.
    """
    if driver == "none":
        return None
    if driver not in DRIVERS:
        raise ConfigurationError(f"mains_driver is {driver!r}: expected one of {', '.join(DRIVERS)}")
    if driver == "esphome":
        return EsphomeMains(url, str(outlet or DEFAULT_SWITCH))
    if driver == "ewelink_diy":
        return EwelinkMains(url)
    if outlet is not None and not str(outlet).isdigit():
        raise ConfigurationError(f"mains_outlet is {outlet!r}: tasmota numbers its relays 1 to 8")
    return TasmotaMains(url, int(outlet) if outlet else None)
