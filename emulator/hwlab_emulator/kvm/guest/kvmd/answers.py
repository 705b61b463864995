# SPDX-License-Identifier: GPL-3.0-or-later
"""How the API answers: {"ok": true, "result": {...}} or an error's class name, message and status."""

from __future__ import annotations

from typing import Any

from aiohttp import web


class ApiError(Exception):
    """An error the client is told of: its class name is the API's `error`."""

    status = 400
    message = ""

    def __init__(self, message: str = "") -> None:
        super().__init__(message or self.message)


class ValidatorError(ApiError):
    pass


class UnauthorizedError(ApiError):
    status, message = 401, "Unauthorized"


class ForbiddenError(ApiError):
    status, message = 403, "Forbidden"


class UnavailableError(ApiError):
    status, message = 503, "Service Unavailable"


def answer(result: dict[str, Any] | None = None) -> web.Response:
    """A good answer."""
    return web.json_response({"ok": True, "result": result or {}})


def refusal(error: ApiError) -> web.Response:
    """The answer for an error."""
    result = {"error": type(error).__name__, "error_msg": str(error)}
    return web.json_response({"ok": False, "result": result}, status=error.status)


@web.middleware
async def errors(request: web.Request, handler: Any) -> web.StreamResponse:
    """Turns ApiError into its answer."""
    try:
        response: web.StreamResponse = await handler(request)
    except ApiError as error:
        return refusal(error)
    return response


def flag(request: web.Request, name: str, default: bool | None = None) -> bool:
    """A boolean of the query. Raises ValidatorError if it is neither 0 nor 1 in any of their spellings."""
    text = request.query.get(name)
    if text is None:
        if default is None:
            raise ValidatorError(f"The argument {name!r} is required")
        return default
    value = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}.get(text.lower())
    if value is None:
        raise ValidatorError(f"The argument {text!r} is not a valid boolean")
    return value


def number(request: web.Request, name: str, low: int, high: int, default: int | None = None) -> int:
    """An integer of the query. Raises ValidatorError if it is none or out of low..high."""
    text = request.query.get(name)
    if text is None and default is not None:
        return default
    try:
        value = int(text or "")
    except ValueError:
        raise ValidatorError(f"The argument {text!r} is not a valid number for {name!r}") from None
    if not low <= value <= high:
        raise ValidatorError(f"The argument {value} is not in {low}..{high} for {name!r}")
    return value


def choice(request: web.Request, name: str, among: tuple[str, ...]) -> str:
    """One word of a list. Raises ValidatorError."""
    text = request.query.get(name, "").strip()
    if text not in among:
        raise ValidatorError(f"The argument {text!r} is not a valid {name}: not in {list(among)}")
    return text
