"""Webhooks as they come in at a receiver: the signature is checked before anything of the body is believed."""

from __future__ import annotations

import time
from collections.abc import Mapping

import msgspec

from headgate.errors import SignatureError
from headgate.service.webhooks.signature import check


class ReceivedWebhook(msgspec.Struct, frozen=True, kw_only=True):
    """An announcement that was really sent. `id` is the same each time that it is told: act on it once.

    `kind` is such as `payment.released`; `subject` the id of the payment or case; the rest as in the announcement.
    """

    id: str
    kind: str
    seq: int
    place: int
    clock_us: int
    subject: str
    by: str = ""
    due_us: int | None = None
    sentence: str = ""
    case_id: str | None = None


class _Body(msgspec.Struct, frozen=True):
    type: str
    data: dict[str, msgspec.Raw]


def verify_webhook(headers: Mapping[str, str], body: bytes, secret: str, now: float | None = None) -> ReceivedWebhook:
    """Return what a webhook tells, after its signature was checked. Raises SignatureError.

    headers: of the request, under any case of letters. body: the bytes as they came, before any parsing. secret:
    `whsec_…`; two with a space between while one takes the place of the other. now: Unix time, of this machine's clock
    where it is left out; a webhook that was sent more than five minutes from it is refused.
    """
    webhook_id = check(headers, body, secret, time.time() if now is None else now)
    try:
        told = msgspec.json.decode(body, type=_Body)
        data = {name: msgspec.json.decode(value) for name, value in told.data.items()}
        return msgspec.convert({**data, "id": webhook_id, "kind": told.type}, ReceivedWebhook)
    except msgspec.MsgspecError as error:
        raise SignatureError(
            f"The body is signed and no announcement: {error}",
            where="webhook body",
            repair="Compare the versions of headgate on both sides.",
        ) from error
