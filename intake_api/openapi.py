"""The description of the API for programs and for the people who write them."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.routing import iter_route_contexts

from intake_api.security.actors import right_needed

DESCRIPTION = """\
Calls to the city's hotline, the drafts that the machine makes of them, the tickets that operators confirm.

Send `Authorization: Bearer TOKEN` (`hotline token create --scope read|operate|admin`). Errors are problem details
(RFC 9457) with a sentence in English (`detail`) and Chinese (`detail_zh`). Times are UTC, ISO 8601.
"""

PROBLEM = {
    "type": "object",
    "description": "RFC 9457 problem details.",
    "required": ["type", "title", "status", "detail", "detail_zh"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "detail_zh": {"type": "string"},
        "state": {"type": "string", "description": "409: the current state."},
        "version": {"type": "integer", "description": "409: the current version."},
        "by": {"type": ["string", "null"], "description": "409: who was first."},
    },
    "examples": [
        {
            "type": "/api/v1/docs#conflict",
            "title": "Conflict",
            "status": 409,
            "detail": "The draft was confirmed by li.",
            "detail_zh": "草稿已由li确认。",
            "state": "confirmed",
            "version": 4,
            "by": "li",
        }
    ],
}
MEANINGS = {
    "401": "Neither a token nor a session that is valid.",
    "403": "Signed in, but without the right; or a request by cookie without its CSRF token.",
    "404": "There is nothing with that id.",
    "409": "Another state or version than expected, or somebody else's: `state`, `version` and `by` are current.",
    "413": "The body is too large.",
    "422": "Bad input: `errors` says where.",
    "503": "The database or the case store is away, or too much is asked at this moment: see `Retry-After`.",
}


def describe(app: FastAPI) -> None:
    """Let the description name every problem that an operation may answer."""
    plain = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            _add_problems(plain())
            _add_rights(plain(), app)
        return plain()

    app.openapi = openapi  # type: ignore[method-assign]


def _add_problems(description: dict[str, Any]) -> None:
    schemas = description.setdefault("components", {}).setdefault("schemas", {})
    schemas["Problem"] = PROBLEM
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    for path, operations in description["paths"].items():
        for method, operation in operations.items():
            statuses = _statuses(path, method, operation)
            operation["responses"] |= {status: _answer(status) for status in statuses}


def _add_rights(description: dict[str, Any], app: FastAPI) -> None:
    for route in iter_route_contexts(app.routes):
        dependant = getattr(route, "dependant", None)
        right = right_needed(dependant) if dependant else None
        for method in route.methods or ():
            operation = description["paths"].get(route.path, {}).get(method.lower())
            if operation and right:
                operation["x-right"] = right.name.lower()
                operation["description"] = (
                    f"{operation.get('description', '')}\n\nNeeds the right to {right.name.lower()}."
                )


def _say_right(operation: dict[str, Any], right: str) -> None:
    operation["x-right"] = right
    operation["description"] = f"{operation.get('description', '')}\n\nNeeds the right to {right}."


def _statuses(path: str, method: str, operation: dict[str, Any]) -> list[str]:
    statuses = ["401", "403", "503", "422"]
    if "{" in path:
        statuses.append("404")
    if method != "get" and path.startswith(("/api/v1/drafts", "/api/v1/tickets", "/api/v1/calls", "/api/v1/operators")):
        statuses.append("409")
    if "requestBody" in operation:
        statuses.append("413")
    return statuses


def _answer(status: str) -> dict[str, Any]:
    schema = {"$ref": "#/components/schemas/Problem"}
    return {"description": MEANINGS[status], "content": {"application/problem+json": {"schema": schema}}}
