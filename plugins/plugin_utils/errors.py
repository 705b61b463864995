# SPDX-License-Identifier: GPL-3.0-or-later
"""The three kinds of errors that the engine raises, as a lab owner sorts them.

- infrastructure: the bench is broken (a host does not answer, a device is busy, a cable is out);
- test: the bench works and the SUT did not do what the test expects;
- configuration: the user asked for something impossible; nothing on the bench has moved.

A message says what was seen and what to do about it. `evidence` holds plain JSON values (paths, numbers,
lists, dicts) that go with the message into results and into the run's folder; never a secret.
"""

from __future__ import annotations

from typing import Any, ClassVar


class HwlabError(Exception):
    """Base of all errors of the engine; raise one of its three subclasses."""

    kind: ClassVar[str] = "infrastructure"

    def __init__(self, message: str, *, evidence: dict[str, Any] | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.evidence: dict[str, Any] = dict(evidence or {})

    def as_dict(self) -> dict[str, Any]:
        """The error as it travels over the session's socket: kind, message, evidence."""
        return {"kind": self.kind, "message": self.message, "evidence": self.evidence}


class InfrastructureError(HwlabError):
    """The bench is broken."""

    kind: ClassVar[str] = "infrastructure"


class TestError(HwlabError):
    """The SUT did not do what the test expects."""

    kind: ClassVar[str] = "test"
    #: Keeps pytest from collecting the class as a test case.
    __test__: ClassVar[bool] = False


class ConfigurationError(HwlabError):
    """What was asked for is impossible."""

    kind: ClassVar[str] = "configuration"


_KINDS: dict[str, type[HwlabError]] = {
    error.kind: error for error in (InfrastructureError, TestError, ConfigurationError)
}


def error_from_dict(value: dict[str, Any]) -> HwlabError:
    """Rebuild an error from what `as_dict` gave; an unknown kind becomes an InfrastructureError."""
    error = _KINDS.get(str(value.get("kind")), InfrastructureError)
    return error(str(value.get("message", "no message given")), evidence=value.get("evidence") or {})
