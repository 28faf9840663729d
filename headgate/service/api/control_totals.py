"""Control totals of a day, for reconciliation with the books of the payment system."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from headgate.drivers.control_totals import ControlTotals, PaymentTotal, totals_of
from headgate.errors import FieldError
from headgate.service.operations import Operation, Query, json_answer
from headgate.service.parts import parts_of


def control_totals(request: Request) -> Response:
    """Answer with what entered on a day, what was decided and what became of it."""
    return json_answer(totals_of(parts_of(request).store, request.query_params.get("day", "")))


OPERATIONS = (
    Operation(
        method="GET",
        path="/v1/control-totals",
        name="readControlTotals",
        summary="What entered on a day, and what was decided",
        text="Exact counts and sums of one UTC day by the clock of the journal, to compare with your own books. While "
        "`open` is true the day may still grow.",
        endpoint=control_totals,
        query=(Query(name="day", sentence="A UTC day.", schema={"type": "string", "format": "date"}, required=True),),
        gives={200: ControlTotals},
        answer=ControlTotals(
            day="2025-03-04",
            first_seq=119_800,
            last_seq=120_034,
            entries={"outcome": 3, "payment": 231, "payment_status": 1},
            payments=(PaymentTotal(currency="EUR", count=231, sum_minor=48_120_077),),
            decisions={"allow": 229, "review": 2},
            statuses={"returned": 1},
            outcomes={"fine": 2, "fraud": 1},
            open=False,
        ),
        errors=(FieldError,),
    ),
)
