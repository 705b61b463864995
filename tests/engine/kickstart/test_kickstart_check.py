# SPDX-License-Identifier: GPL-3.0-or-later
"""Kickstarts that are understood, and what the others are told."""

from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.hwlab.sut.plugins.plugin_utils.errors import ConfigurationError
from ansible_collections.hwlab.sut.plugins.plugin_utils.kickstart.check import check

WHOLE = """\
# a comment with "one quote
keyboard us
timezone UTC
sshpw --username root --plaintext "secret word"
ignoredisk --only-use=vda
%include /tmp/partitions.ks
%packages
@^qubes-xfce
%include /tmp/more-packages
%end
%pre --interpreter=/bin/bash
bogus "here, nothing is a kickstart command
%end
%addon org_example_addon --enable
some setting
%end
%post --log=/root/post.log
echo done
%end
reboot
"""


def test_a_whole_kickstart_is_accepted() -> None:
    check(WHOLE)


def test_an_included_file_is_not_opened(tmp_path: Path) -> None:
    broken = tmp_path / "broken.ks"
    broken.write_text("bogus\n")
    check(f"keyboard us\n%include {broken}\n")
    check("keyboard us\n%include http://127.0.0.1:9/never.ks\n")


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("keyboard us\nbogus thing\n", 2, "Unknown command: bogus in: bogus thing"),
        ("\n# x\ntimezone UTC --nosuch\n", 3, "unrecognized arguments: --nosuch"),
        ("part / --size=big\n", 1, "invalid int value: 'big'"),
        ('keyboard us\nlang "en_US\nreboot\n', 2, "no closing quotation"),
        ("%post\necho\n", 2, "Section %post does not end with %end"),
        ("%nosuch\n%end\n", 1, "Unknown kickstart section: %nosuch"),
        ("%include\n", 1, "%include names no file"),
        (WHOLE.replace("%packages", "%packagse"), 7, "Unknown kickstart section: %packagse"),
    ],
)
def test_an_error_names_the_line(text: str, line: int, says: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        check(text, name="site.ks")
    assert str(caught.value).startswith(f"site.ks, line {line}: ")
    assert says in str(caught.value)
    assert caught.value.evidence["line"] == line


@pytest.mark.parametrize("version", ["F37", "RHEL9", "DEVEL"])
def test_the_syntax_of_a_version(version: str) -> None:
    check(WHOLE, version=version)


def test_a_command_may_be_of_its_time() -> None:
    check("install\n", version="F20")
    with pytest.raises(ConfigurationError, match="install has been removed"):
        check("install\n", version="F37")
    with pytest.raises(ConfigurationError, match="unknown kickstart version F999"):
        check("reboot\n", version="F999")


@pytest.mark.parametrize("text", ["", "\n \n"])
def test_an_empty_kickstart_is_refused(text: str) -> None:
    with pytest.raises(ConfigurationError, match="is empty"):
        check(text)


@pytest.mark.parametrize(
    "text",
    [
        "rootpw hunter2 hunter2\n",
        "rootpw --bad hunter2\n",
        "sshpw --username=root hunter2 --nosuch=hunter2\n",
        "user --name=x --password=hunter2 --uid=hunter2\n",
        "autopart --encrypted --passphrase=hunter2 --type=hunter2\n",
        'bootloader --password="hunter2\n',
    ],
)
def test_a_secret_is_not_repeated(text: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        check(text)
    assert "line 1" in str(caught.value)
    assert "hunter2" not in str(caught.value)
    assert "hunter2" not in str(caught.value.evidence)
