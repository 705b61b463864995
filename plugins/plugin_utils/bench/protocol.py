# SPDX-License-Identifier: GPL-3.0-or-later
"""JSON lines between a task and its session, over a Unix socket.

Request:  {"id": n, "method": text, "params": {}, "step": text}
Answers:  {"id": n, "progress": text}*, then {"id": n, "result": {}} or {"id": n, "error": {...}}, where error
is what errors.HwlabError.as_dict gives. A client that closes its end cancels the step it waits for.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from ansible_collections.hwlab.sut.plugins.plugin_utils.errors import ConfigurationError

#: Longest line in bytes: kickstarts travel in one.
LINE_LIMIT = 32 << 20


@dataclass(frozen=True)
class Request:
    id: int
    method: str
    params: dict[str, Any]
    step: str


def encode(message: dict[str, Any]) -> bytes:
    return json.dumps(message, ensure_ascii=False).encode() + b"\n"


def decode_request(line: bytes) -> Request:
    """Read one request; ConfigurationError when it is none."""
    try:
        value = json.loads(line)
        params = value.get("params") or {}
        request = Request(int(value["id"]), str(value["method"]), dict(params), str(value.get("step") or ""))
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise ConfigurationError(f"not a request of the session's protocol: {line[:200]!r}") from error
    return request
