# SPDX-License-Identifier: GPL-3.0-or-later
"""JSON over HTTP to the small devices of a bench (RteCtrl, Tasmota, ESPHome, eWeLink DIY)."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from typing import Any
from urllib.parse import urlsplit

from ansible_collections.hwlab.sut.plugins.plugin_utils.errors import ConfigurationError, InfrastructureError

#: Devices of a bench are in the lab's own network: a proxy of the environment must not be asked for them.
_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def check_url(url: str, variable: str) -> str:
    """`url` without a trailing slash; ConfigurationError naming `variable` when it is no http(s) URL."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise ConfigurationError(f"{variable} is {url!r}: expected a URL such as http://192.168.10.5:8000")
    return url.rstrip("/")


def request_json(
    method: str, url: str, *, device: str, body: Any = None, timeout_s: float = 5.0, tries: int = 1
) -> Any:
    """Send `body` as JSON and return the decoded answer.

    `tries` above 1 is for requests that may be repeated safely (reads, absolute states), never for pulses.
    Raises InfrastructureError naming `device` and the URL, with what was answered.
    """
    # Some devices refuse a POST without Content-Length: one without a body says that it is empty.
    data = json.dumps(body).encode() if body is not None else b"" if method == "POST" else None
    headers = {"Accept": "application/json"}
    if body is not None:
        headers["Content-Type"] = "application/json"
    request = urllib.request.Request(url, data=data, method=method, headers=headers)
    for attempt in range(1, tries + 1):
        try:
            with _OPENER.open(request, timeout=timeout_s) as response:
                text = response.read().decode("utf-8", "replace")
            break
        except urllib.error.HTTPError as error:
            said = error.read(300).decode("utf-8", "replace").strip()
            raise InfrastructureError(
                f"{device} refused {method} {url}: HTTP {error.code} {said or error.reason}"
            ) from error
        except (OSError, ValueError) as error:
            if attempt == tries:
                reason = getattr(error, "reason", error)
                raise InfrastructureError(
                    f"{device} does not answer at {url}: {reason}. "
                    "Check that it is powered, its address and the network."
                ) from error
    if not text.strip():
        return None
    try:
        return json.loads(text)
    except ValueError as error:
        raise InfrastructureError(
            f"{device} answered {method} {url} with something that is not JSON: {text[:80]!r}. "
            "Check that the URL is that of the device's API."
        ) from error
