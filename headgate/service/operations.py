"""What an operation of the API is: its route, its words, the values it takes and gives.

Each file of `api/` declares a tuple OPERATIONS; a new file there is a new resource, with routes and documentation.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import msgspec
from starlette.responses import Response

from headgate.errors import HeadgateError
from headgate.service.guard import Endpoint


class Repeatable(Protocol):
    """An answer to something that may have come before."""

    @property
    def repeated(self) -> bool:
        """Whether it had come before."""


class Query(msgspec.Struct, frozen=True, kw_only=True):
    """A parameter of the query string: its words, and the JSON Schema of its values."""

    name: str
    sentence: str
    schema: dict[str, Any]
    required: bool = False


class Operation(msgspec.Struct, frozen=True, kw_only=True):
    """One operation. takes: type of the JSON body. gives: status -> type of the answer. errors: what may go wrong.

    `example` is a body that works, `answer` what comes back for it, both as plain values.
    """

    method: str
    path: str
    name: str
    summary: str
    text: str
    endpoint: Endpoint
    gives: Mapping[int, Any]
    answer: Any
    takes: Any = None
    example: Any = None
    query: tuple[Query, ...] = ()
    errors: tuple[type[HeadgateError], ...] = ()
    media_type: str = "application/json"


def operations() -> tuple[Operation, ...]:
    """Return the operations of every file of `api/`, by file name."""
    package = importlib.import_module("headgate.service.api")
    names = sorted(module.name for module in pkgutil.iter_modules(package.__path__))
    files = [importlib.import_module(f"{package.__name__}.{name}") for name in names]
    return tuple(operation for file in files for operation in getattr(file, "OPERATIONS", ()))


def one_or_list(single: bool, answers: Sequence[Repeatable]) -> Response:
    """Return the answers to a list as a list (200), the answer to one as it is (201, or 200 when it came before)."""
    if not single:
        return json_answer(answers)
    return json_answer(answers[0], 200 if answers[0].repeated else 201)


def json_answer(value: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """Return a value as a JSON answer."""
    return Response(msgspec.json.encode(value), status, headers=headers, media_type="application/json")
