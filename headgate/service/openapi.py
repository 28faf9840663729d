"""The OpenAPI 3.1 description of the API, made from the operations and the types they take and give.

Operations go in, one JSON value comes out. Nothing is described here that does not exist as a route.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import msgspec

from headgate import __version__
from headgate.errors import (
    AuthError,
    ExpiredKeyError,
    ForbiddenError,
    HeadgateError,
    LimitError,
    MalformedError,
    RateError,
    ScopeError,
    UnknownFieldError,
)
from headgate.service.operations import Operation
from headgate.service.problem_examples import example_of
from headgate.service.problems import MEDIA_TYPE, Problem, title_of
from headgate.service.roles import MATRIX

_REF = "#/components/schemas/{name}"
_ABOUT = (
    "Payments go in before they settle; decisions with reasons and evidence come out. Sending the same payment again "
    "with the same content returns the first answer; with other content it is a conflict. Errors are Problem Details "
    "(RFC 9457) with a stable `type`, and say where the mistake is and how to repair it. Accounts appear under "
    "pseudonyms. Nothing here scores or ranks people or accounts."
)


def description(operations: Iterable[Operation]) -> dict[str, Any]:
    """Return the description as plain values."""
    rows = tuple(operations)
    types = [kind for row in rows for kind in (row.takes, *row.gives.values()) if kind is not None]
    schemas, components = msgspec.json.schema_components([*types, Problem], ref_template=_REF)
    by_type = dict(zip(map(repr, types), schemas, strict=False))
    paths: dict[str, Any] = {}
    for row in rows:
        paths.setdefault(row.path.replace(":path", ""), {})[row.method.lower()] = _operation(row, by_type)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "headgate",
            "version": __version__,
            "description": _ABOUT,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {
            "schemas": components,
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer", "description": _KEY}},
        },
    }


_KEY = "A key made by `headgate users key NAME --role ROLE`."


def _operation(row: Operation, by_type: dict[str, Any]) -> dict[str, Any]:
    rule = MATRIX[(row.method, row.path)]
    found: dict[str, Any] = {
        "operationId": row.name,
        "summary": row.summary,
        "description": row.text + _who(rule.roles),
        "security": [{"key": []}] if rule.door == "key" else [],
        "parameters": [*_path_parameters(row.path), *_query_parameters(row)],
        "responses": _responses(row, by_type),
    }
    if row.takes is not None:
        content = {"schema": by_type[repr(row.takes)], "example": row.example}
        found["requestBody"] = {"required": True, "content": {"application/json": content}}
    return found


def _who(roles: frozenset[str]) -> str:
    return f" Roles: {', '.join(sorted(roles))}." if roles else ""


def _path_parameters(path: str) -> list[dict[str, Any]]:
    return [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in re.findall(r"{(\w+)", path)
    ]


def _query_parameters(row: Operation) -> list[dict[str, Any]]:
    return [
        {
            "name": query.name,
            "in": "query",
            "description": query.sentence,
            "required": query.required,
            "schema": query.schema,
        }
        for query in row.query
    ]


def _responses(row: Operation, by_type: dict[str, Any]) -> dict[str, Any]:
    first = min(row.gives)
    answers: dict[str, Any] = {}
    for status, kind in row.gives.items():
        content: dict[str, Any] = {"schema": by_type[repr(kind)]}
        if status == first:
            content["example"] = row.answer
        answers[str(status)] = {"description": row.summary, "content": {row.media_type: content}}
    by_status: dict[int, list[type[HeadgateError]]] = {}
    for error in errors_of(row):
        by_status.setdefault(error.http_status, []).append(error)
    return answers | {str(status): _problem(kinds) for status, kinds in by_status.items()}


def _problem(kinds: list[type[HeadgateError]]) -> dict[str, Any]:
    examples = {kind.code: {"value": msgspec.to_builtins(example_of(kind))} for kind in kinds}
    content = {"schema": {"$ref": _REF.format(name="Problem")}, "examples": examples}
    found = {"description": " ".join(title_of(kind) + "." for kind in kinds), "content": {MEDIA_TYPE: content}}
    return found | ({"headers": _RETRY} if kinds[0].http_status in (429, 503) else {})


_RETRY = {
    "Retry-After": {"description": "Seconds to wait before the next attempt.", "schema": {"type": "integer"}},
}


def errors_of(row: Operation) -> tuple[type[HeadgateError], ...]:
    """Return the problems of an operation: those of its door, of a body, and its own."""
    guarded = (AuthError, ExpiredKeyError, ForbiddenError, ScopeError, RateError)
    door = guarded if MATRIX[(row.method, row.path)].door == "key" else ()
    body = (MalformedError, LimitError) if row.takes is not None else ()
    return tuple(dict.fromkeys((*door, *body, UnknownFieldError, *row.errors)))
