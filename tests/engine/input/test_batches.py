# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest

from ansible_collections.hwlab.sut.plugins.plugin_utils.errors import ConfigurationError
from ansible_collections.hwlab.sut.plugins.plugin_utils.input.batches import check_keys, text_batches


@pytest.mark.parametrize("cps", [0, 1, 25, 1000])
def test_batches_joined_are_the_text(cps: float) -> None:
    text = "inst.sshd inst.ks=http://10.77.0.10:6789/ks.cfg \n" * 30
    batches = text_batches(text, cps)
    assert "".join(batches) == text
    assert max(map(len, batches)) <= (cps * 4 or 500)


def test_line_ends_are_one_key() -> None:
    assert text_batches("a\r\nb\rc\n") == ["a\nb\nc\n"]
    assert text_batches("") == []


def test_what_cannot_be_typed_is_refused_with_its_place() -> None:
    with pytest.raises(ConfigurationError, match=r"text: layout 'us' cannot type 'ß' .*character 4"):
        text_batches("groß")
    with pytest.raises(ConfigurationError, match="cps is -1"):
        text_batches("a", -1)


def test_a_wrong_key_is_named_with_its_place() -> None:
    check_keys(["ret", "ctrl-alt-f2"])
    with pytest.raises(ConfigurationError, match=r"keys, item 2: unknown key 'entr'.*enter"):
        check_keys(["esc", "entr"])
