"""The description of the API against the running service: what it says is what happens, for requests good and bad.

Requests are made by schemathesis from the description itself, the same ones in each run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.config import SchemathesisConfig
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_schema_conformance,
    status_code_conformance,
)

from headgate.service.openapi import description
from headgate.service.operations import Operation, operations
from headgate.service.people import make_key
from headgate.service.roles import MATRIX

if TYPE_CHECKING:
    from conftest import Bank

DESCRIBED: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(description(operations())))
CONFIG = SchemathesisConfig.from_dict({"checks": {"negative_data_rejection": {"expected-statuses": ["4xx"]}}})
SCHEMA = schemathesis.openapi.from_dict(DESCRIBED, config=CONFIG)
BY_NAME = {found.ok().definition.raw["operationId"]: found.ok() for found in SCHEMA.get_all_operations()}
CASES = [
    pytest.param(row, mode, id=f"{row.name}-{mode.value}")
    for row in operations()
    for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
    if mode is GenerationMode.POSITIVE or row.takes is not None or row.query
]
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
BOUNDED = settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory, open_told: Callable[[Path], Bank]) -> Iterator[tuple[str, Bank]]:
    """A service on the story, over a real socket."""
    bank = open_told(tmp_path_factory.mktemp("described"))
    with bank.serving() as url:
        yield url, bank
    bank.close()


@pytest.fixture(scope="module")
def keys(address: tuple[str, Bank]) -> dict[str, str]:
    roles = sorted({role for rule in MATRIX.values() for role in rule.roles})
    return {role: make_key(address[1].store, f"{role}-key", role, 0) for role in roles}


def headers_for(row: Operation, keys: dict[str, str]) -> dict[str, str]:
    roles = sorted(MATRIX[(row.method, row.path)].roles)
    return {"Authorization": f"Bearer {keys[roles[0]]}"} if roles else {}


@pytest.mark.parametrize(("row", "mode"), CASES)
def test_what_the_description_says_happens(
    address: tuple[str, Bank], keys: dict[str, str], row: Operation, mode: GenerationMode
) -> None:
    checks = CHECKS if mode is GenerationMode.POSITIVE else [*CHECKS, negative_data_rejection]

    @BOUNDED
    @given(case=BY_NAME[row.name].as_strategy(generation_mode=mode))
    def asked(case: Any) -> None:
        case.call_and_validate(base_url=address[0], headers=headers_for(row, keys), checks=checks, timeout=60)

    asked()
