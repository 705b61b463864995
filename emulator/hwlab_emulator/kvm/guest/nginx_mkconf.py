# SPDX-License-Identifier: GPL-3.0-or-later
"""kvmd-nginx-mkconf TEMPLATE OUTPUT: renders nginx's configuration from the KVM's own."""

from __future__ import annotations

import glob
import os
import sys
from typing import Any

import yaml
from mako.template import Template

FILES = (
    "/usr/lib/kvmd/main.yaml",
    *sorted(glob.glob("/etc/kvmd/override.d/*.yaml")),
    "/etc/kvmd/override.yaml",
)


def merge(into: dict[str, Any], other: dict[str, Any]) -> None:
    """Lay `other` over `into`, mapping by mapping."""
    for key, value in other.items():
        if isinstance(value, dict) and isinstance(into.get(key), dict):
            merge(into[key], value)
        else:
            into[key] = value


def configuration() -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name in FILES:
        if os.path.exists(name):
            with open(name, encoding="utf-8") as file:
                merge(found, yaml.safe_load(file) or {})
    return found


def main() -> None:
    template, output = sys.argv[1:3]
    nginx = configuration()["nginx"]
    text = Template(filename=template).render(
        http_port=nginx["http"]["port"],
        https_port=nginx["https"]["port"],
        ipv6_enabled=os.path.exists("/proc/net/if_inet6"),
    )
    with open(output, "w", encoding="utf-8") as file:
        file.write(text)


if __name__ == "__main__":
    main()
