"""The optional files beside the payments: accounts, sessions, statuses, rates, as rows of the journal.

An account table may hold columns about a person: those are set apart with the charter's sentence and reach no fact.
"""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from headgate.charter.charter import Charter
from headgate.connectors.columns import column, refuse, set_apart, text, time_us
from headgate.connectors.rows import Columns, constant, journal_rows
from headgate.errors import DatasetError
from headgate.journal.currency import check_currency

_ACCOUNT_COLUMNS = {
    "account": ("account_id", "account"),
    "party": ("party_id", "party", "owner_id", "customer_id"),
    "opened_us": ("opened_at", "creation_date", "opening_date"),
    "account_type": ("account_type", "account_category", "type"),
    "account_country": ("country_code", "account_country", "country"),
}
_SESSION_EVENTS = ("login", "payee_added", "device_changed", "limit_changed", "signal")
_LATER_STATUSES = ("declined", "returned", "cancelled", "reversed")


def accounts(table: pa.Table, where: str, first_us: int, charter: Charter) -> tuple[pa.Table, list[str]]:
    """Return `account` rows and sentences for the columns that are set apart.

    first_us: the clock of accounts that were open before the first payment. Later ones enter when they open.
    """
    names = {
        field: next((name for name in given if name in table.column_names), None)
        for field, given in _ACCOUNT_COLUMNS.items()
    }
    if names["account"] is None:
        column(table, "account_id", where)
    columns: Columns = {"kind": constant("account", len(table))}
    for field, name in names.items():
        if name is None:
            continue
        if field == "opened_us":
            columns[field] = _opened(table, name, where)
        else:
            columns[field] = text(table, name, where, optional=field != "account")
    opened = columns.get("opened_us", pa.nulls(len(table), pa.int64()))
    columns["clock_us"] = pc.max_element_wise(pc.fill_null(opened, first_us), first_us)
    return journal_rows(columns, len(table)), set_apart(table, names.values(), where, charter)


def _opened(table: pa.Table, name: str, where: str) -> pa.ChunkedArray:
    values = column(table, name, where)
    if pa.types.is_null(values.type):
        return pa.chunked_array([pa.nulls(len(table), pa.int64())])
    stamps = pc.cast(values, pa.timestamp("us"), safe=False) if pa.types.is_date(values.type) else values
    if not pa.types.is_timestamp(stamps.type):
        return time_us(table, name, where, optional=True)
    return pc.cast(pc.cast(stamps, pa.timestamp("us", stamps.type.tz), safe=False), pa.int64())


def sessions(table: pa.Table, where: str) -> pa.Table:
    """Return `session` rows: session_id, ts, account, event, optional signal."""
    event = text(table, "event", where)
    _one_of(event, _SESSION_EVENTS, f"{where}, column 'event'")
    columns: Columns = {
        "clock_us": time_us(table, "ts", where),
        "kind": constant("session", len(table)),
        "session_id": text(table, "session_id", where),
        "account": text(table, "account", where),
        "event": event,
    }
    if "signal" in table.column_names:
        columns["signal"] = text(table, "signal", where, optional=True)
    return journal_rows(columns, len(table))


def rates(table: pa.Table, where: str) -> pa.Table:
    """Return `rates` rows: ts, base, currency, rate (a decimal string)."""
    base, currency = text(table, "base", where), text(table, "currency", where)
    for code in {*pc.unique(base).to_pylist(), *pc.unique(currency).to_pylist()}:
        check_currency(code, where)
    rate = text(table, "rate", where)
    wrong = pc.invert(pc.match_substring_regex(rate, r"^[0-9]{1,9}(\.[0-9]{1,12})?$"))
    refuse(
        wrong,
        rate,
        "is not a decimal number",
        'Write it with a point, for instance "0.8571".',
        f"{where}, column 'rate'",
    )
    columns: Columns = {
        "clock_us": time_us(table, "ts", where),
        "kind": constant("rates", len(table)),
        "base": base,
        "currency": currency,
        "rate": rate,
    }
    return journal_rows(columns, len(table))


def statuses(table: pa.Table, where: str, payments: pa.Table) -> pa.Table:
    """Return `payment_status` rows: ts, tx_id, new_status, optional reason; the rest comes from the payment."""
    ids = text(table, "tx_id", where)
    status = text(table, "new_status", where)
    _one_of(status, _LATER_STATUSES, f"{where}, column 'new_status'")
    rows = pc.index_in(ids, value_set=payments.column("tx_id").combine_chunks())
    if rows.null_count:
        missing = ids.filter(pc.is_null(rows))[0].as_py()
        raise DatasetError(
            f"A status names payment {missing!r}, which is not in transactions.parquet",
            where=where,
            repair="Statuses and payments must come from the same extract.",
        )
    chosen = payments.take(pc.cast(rows, pa.int64()))
    clock = time_us(table, "ts", where)
    refuse(pc.less(clock, chosen.column("clock_us")), clock, "is before its payment", "Check the times.", where)
    columns: Columns = {
        **{name: chosen.column(name) for name in ("payer", "payee", "amount_minor", "currency")},
        "clock_us": clock,
        "kind": constant("payment_status", len(table)),
        "tx_id": ids,
        "new_status": status,
    }
    if "reason" in table.column_names:
        columns["reason"] = text(table, "reason", where, optional=True)
    return journal_rows(columns, len(table))


def _one_of(values: pa.ChunkedArray, allowed: tuple[str, ...], where: str) -> None:
    wrong = pc.invert(pc.is_in(values, value_set=pa.array(allowed)))
    refuse(wrong, values, "is not known", f"Use one of: {', '.join(allowed)}.", where)
