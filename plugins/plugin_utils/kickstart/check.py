# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a kickstart will be understood, before it is served to an installer that would stop at a dialog.

Syntax: pykickstart, the library that Anaconda itself reads kickstarts with
(https://pykickstart.readthedocs.io/en/latest/kickstart-docs.html).
"""

from __future__ import annotations

import re
import warnings
from functools import cache
from typing import Any

from pykickstart.errors import KickstartError
from pykickstart.parser import KickstartParser
from pykickstart.version import returnClassForVersion, versionMap

from ansible_collections.hwlab.sut.plugins.plugin_utils.errors import ConfigurationError

#: The newest syntax that pykickstart knows.
NEWEST = "DEVEL"


def check(text: str, *, name: str = "the kickstart", version: str = NEWEST) -> None:
    """Raise ConfigurationError, naming the line and what is wrong with it, unless `text` is a kickstart.

    `name` is how the message calls the file; `version` is pykickstart's name of a syntax, "F37" for one.
    Included files are not looked at: they exist on the target, often only once %pre has made them.
    """
    if version not in versionMap:
        raise ConfigurationError(f"unknown kickstart version {version}; F37, RHEL9 and {NEWEST} are some")
    if not text.strip():
        raise ConfigurationError(f"{name} is empty", evidence={"kickstart": name})
    found = _problem(text, version)
    if found is not None:
        line, problem = found
        problem, shown = _without_secrets(problem, _line(text, line))
        raise ConfigurationError(
            f"{name}, line {line}: {problem}" + (f" in: {shown}" if shown else ""),
            evidence={"kickstart": name, "line": line, "problem": problem},
        )


def _problem(text: str, version: str) -> tuple[int, str] | None:
    try:
        _parse(text, version)
    except KickstartError as error:
        problem = str(getattr(error, "message", "") or error).strip().rstrip(".")
        line = int(getattr(error, "lineno", 0) or 0)
        if _line(text, line) == "%include":
            problem = "%include names no file"
        return line, " ".join(problem.split())
    except ValueError as error:
        return _line_of_value_error(text, version), str(error).lower()
    return None


def _parse(text: str, version: str) -> None:
    parser = KickstartParser(_handler(version)(), followIncludes=False)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        parser.readKickstartFromString(text)


@cache
def _handler(version: str) -> Any:
    """The class that knows a version's commands; kept, since each look-up lengthens sys.path."""
    return returnClassForVersion(versionMap[version])


def _line_of_value_error(text: str, version: str) -> int:
    """pykickstart's errors about quotes name no line: the last one of the shortest text that has them."""
    lines = text.splitlines(keepends=True)
    for count in range(1, len(lines)):
        try:
            _parse("".join(lines[:count]), version)
        except KickstartError:
            continue
        except ValueError:
            return count
    return len(lines)


def _line(text: str, number: int) -> str:
    """The line as the user wrote it; empty when there is none."""
    lines = text.splitlines()
    return lines[number - 1].strip()[:120] if 0 < number <= len(lines) else ""


def _without_secrets(problem: str, line: str) -> tuple[str, str]:
    """The message and the line without the values of a line that may hold a password: both end up in logs."""
    words = line.split()
    if not (words[:1] in (["rootpw"], ["user"], ["sshpw"]) or re.search("pass(word|phrase)", line)):
        return problem, line
    for value in sorted({re.sub(r"^--[\w-]+=?", "", word) for word in words[1:]}, key=len, reverse=True):
        if value:
            problem = problem.replace(value, "...")
    return problem, f"{words[0]} ..."
