"""What the two sides mean otherwise, in words; `tiny` asks the wheel at hand about each.

Standard library only. docs/performance.md holds the same rows.
"""

from __future__ import annotations

from typing import Final, NamedTuple


class Difference(NamedTuple):
    """subject: what it is about. theirs, ours: what each side does."""

    subject: str
    theirs: str
    ours: str


DIFFERENCES: Final = (
    Difference(
        "the payment itself",
        "is counted in fans, degrees and statistics",
        "is not in `payer_*` and `payee_*` facts; patterns count it as their last edge",
    ),
    Difference(
        "size 1",
        "a fan or degree of 1 is in no bin",
        "is the count 1",
    ),
    Difference(
        "window of fans and degrees",
        "(t - w, t]",
        "(t - w, t]",
    ),
    Difference(
        "window of scatter-gather and cycles",
        "[t - w, t], another edge than fans and degrees have",
        "(t - w, t] everywhere",
    ),
    Difference(
        "window of statistics",
        "ends with the call before: after a pause of ten windows the old payment is still counted",
        "(t - w, t] everywhere",
    ),
    Difference(
        "vertex_stats_tw < time_window",
        "sum, average and variance keep to the former; count, fan and maximum to the latter",
        "each name states its window",
    ),
    Difference(
        "batches",
        "the whole batch is inserted first: the first payment is told of those after it",
        "any split into blocks gives the same bits",
    ),
    Difference(
        "fit_transform",
        "inserts every payment twice",
        "a payment enters once; the same seq again is refused",
    ),
    Difference(
        "timestamps beyond 2^31",
        "milliseconds and microseconds give no count, and no error",
        "int64 microseconds to the year 2100, others are refused",
    ),
    Difference(
        "NaN",
        "is taken as amount, time or account; the sums of the payer are wrong from then on",
        "cannot enter: amounts are integers",
    ),
    Difference(
        "variance of nearly equal amounts",
        "becomes 0 where the deviation is below about .3% of the mean",
        "is exact: from integer sums",
    ),
    Difference(
        "equal times",
        "count in fans, never in cycles",
        "the journal's order decides everywhere",
    ),
    Difference(
        "scatter-gather: order",
        "the legs may come in any order of time, and a leg out of the source may be the last",
        "money goes in before it goes out; the payment is a leg into the sink",
    ),
    Difference(
        "scatter-gather: what is counted",
        "pairs of source and sink, by number of intermediaries from 2 on",
        "the most intermediaries of one source, from 1 on",
    ),
    Difference(
        "temporal cycle: lengths",
        "from 2 payments (there and straight back) to any length",
        "3 to 10 payments, within a number of steps; straight back is `reverse_pair` facts",
    ),
    Difference(
        "temporal cycle: repeated payments",
        "one for each route of accounts",
        "one for each route of accounts",
    ),
    Difference(
        "length-constrained cycle: lengths",
        "from 2 payments to `lc-cycle_len`, in any order of time, one for each route of accounts",
        "`simple_cycle`: 3 to 10 payments, in any order of time, one for each route of accounts",
    ),
    Difference(
        "length-constrained cycle: bounds",
        "all counterparties of an account are looked at",
        "the 64 newest counterparties of an account, and a number of steps; `_truncated` says where that cut a search",
    ),
    Difference(
        "payments to oneself",
        "are counted in statistics, not in fans and degrees",
        "are counted in `sent` and `received`, not in patterns",
    ),
    Difference(
        "late payments",
        "with an older timestamp get empty fans",
        "the clock never runs back; they are marked late",
    ),
    Difference(
        "an id that comes again",
        "with other content takes the amount of the first payment of that id",
        "is a conflict, and nothing changes",
    ),
)
