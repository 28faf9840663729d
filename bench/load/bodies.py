"""Requests as bytes, made before the clock starts: payments between people, shops and merchants, each id once."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime

from bench.sides.crowd import Crowd

ACCOUNTS_FOR = 200_000  # the crowd of so many payments in 28 days


def requests(key: str, first: int, count: int, of: int) -> Iterator[bytes]:
    """Yield `count` requests of `of` payments each (1: an object, more: a list), with ids from `first` on."""
    columns = Crowd(ACCOUNTS_FOR).columns(first, count * of)
    now = datetime.now(UTC).isoformat()
    rows = [
        {
            "tx_id": f"L-{first + place}",
            "ts": now,
            "payer": f"DE{payer:08d}",
            "payee": f"DE{payee:08d}",
            "amount": f"{amount // 100}.{amount % 100:02d}",
            "currency": "EUR",
            "rail": "transfer",
            "channel": "app",
        }
        for place, (payer, payee, amount) in enumerate(
            zip(columns.payer.tolist(), columns.payee.tolist(), columns.amount_minor.tolist(), strict=True)
        )
    ]
    for start in range(0, len(rows), of):
        yield request(key, json.dumps(rows[start] if of == 1 else rows[start : start + of]).encode())


def request(key: str, body: bytes) -> bytes:
    """Return one request of HTTP/1.1 on a connection that stays open."""
    head = (
        f"POST /v1/payments HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {key}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body
