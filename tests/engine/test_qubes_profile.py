# SPDX-License-Identifier: GPL-3.0-or-later
"""The profile of Qubes OS beside the Qubes distribution of openQA, when HWLAB_QUBES_DISTRIBUTION names a
clone of it."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

PROFILE = Path(__file__).resolve().parents[2] / "playbooks" / "profiles" / "qubes_4_2" / "profile.yml"


def tags_in(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, item in value.items():
            if key in {"tags", "edited_tags"}:
                yield from item
            else:
                yield from tags_in(item)
    elif isinstance(value, list):
        for item in value:
            yield from tags_in(item)


def test_profile_names_the_screens_of_a_whole_installation() -> None:
    tags = list(tags_in(yaml.safe_load(PROFILE.read_text())))
    assert tags[0] == "bootloader"
    assert tags[-1] == "login-prompt-user-selected"
    assert "installer-install-done-reboot" in tags


@pytest.mark.skipif(
    "HWLAB_QUBES_DISTRIBUTION" not in os.environ, reason="no clone of the Qubes distribution given"
)
def test_every_tag_exists_in_the_distribution() -> None:
    needles = Path(os.environ["HWLAB_QUBES_DISTRIBUTION"]) / "needles"
    known = {tag for file in needles.rglob("*.json") for tag in json.loads(file.read_text())["tags"]}
    missing = set(tags_in(yaml.safe_load(PROFILE.read_text()))) - known
    assert not missing, f"no needle in {needles} has {sorted(missing)}"
