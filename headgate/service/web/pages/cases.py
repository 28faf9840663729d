"""The queue: cases sorted by risk or age, filtered by state and typology, found by the id of a payment."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlencode

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from headgate.cases.case import Case, CaseOrder, CaseStateName
from headgate.limits import PAGE_ROWS
from headgate.service.parts import parts_of
from headgate.stores.store import Store

_STATES: Final = (
    ("open", "Open"),
    ("confirmed", "Confirmed"),
    ("dismissed", "Dismissed"),
    ("merged", "Merged"),
    ("all", "All"),
)
_ORDERS: Final = (
    ("risk", "Risk"),
    ("urgency", "What can still be saved"),
    ("age", "Age"),
    ("value", "Value at stake"),
    ("updated", "Last change"),
)


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What the query string asks for, with unknown values replaced by the defaults."""

    state: str
    typology: str
    order: str
    payment: str
    page: int

    @classmethod
    def of(cls, request: Request) -> Asked:
        """Read a query string; a page number that is none is page 1."""
        query = request.query_params
        page = query.get("page", "1")
        return cls(
            state=_one_of(query.get("state", ""), _STATES),
            typology=query.get("typology", ""),
            order=_one_of(query.get("order", ""), _ORDERS),
            payment=query.get("payment", "").strip(),
            page=max(1, int(page)) if page.isascii() and page.isdigit() and len(page) < 6 else 1,
        )


def queue(request: Request) -> Response:
    """Show one page of the queue."""
    parts, asked = parts_of(request), Asked.of(request)
    found = found_cases(parts.store, asked)
    pages = max(1, -(-len(found) // PAGE_ROWS))
    page = min(asked.page, pages)
    decided = parts.store.decision(asked.payment) if asked.payment else None
    return parts.pages.show(
        request,
        "cases.html",
        cases=found[(page - 1) * PAGE_ROWS : page * PAGE_ROWS],
        page=page,
        pages=pages,
        asked=asked,
        query=urlencode({"state": asked.state, "typology": asked.typology, "order": asked.order}),
        decided=decided,
        similar=parts.store.similar_ids(asked.payment, 3) if asked.payment and not decided else (),
        states=_STATES,
        orders=_ORDERS,
        typologies=sorted({scenario.title for scenario in parts.rules().scenarios}),
        open_count=parts.store.count_cases("open"),
        all_count=parts.store.count_cases(),
        clock_us=parts.store.last_clock_us(),
        reference_currency=parts.reference_currency,
    )


def found_cases(store: Store, asked: Asked) -> tuple[Case, ...]:
    """Return the cases that are asked for, in the order that is asked for."""
    if asked.payment:
        case = store.case_of(asked.payment)
        return (case,) if case else ()
    cases = store.cases(_state(asked.state), _order(asked.order))
    return tuple(case for case in cases if not asked.typology or asked.typology in case.typologies)


def _one_of(value: str, choices: tuple[tuple[str, str], ...]) -> str:
    return value if value in dict(choices) else choices[0][0]


def _state(value: str) -> CaseStateName | None:
    return None if value == "all" else msgspec.convert(value, CaseStateName)


def _order(value: str) -> CaseOrder:
    found: CaseOrder = msgspec.convert(value, CaseOrder)
    return found


PAGES = (("GET", "/cases", queue),)
