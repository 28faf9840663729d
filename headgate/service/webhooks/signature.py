"""The signature of a webhook, by the scheme of Standard Webhooks: HMAC-SHA256 over id, time and body.

Source: https://www.standardwebhooks.com, version 1 of the symmetric scheme. Texts and bytes only.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Iterable, Mapping
from typing import Final

from headgate.errors import FieldError, SignatureError

PREFIX: Final = "whsec_"
TOLERANCE_SECONDS: Final = 300
_LEAST_BYTES, _MOST_BYTES = 24, 64


def secrets_in(text: str, where: str) -> tuple[bytes, ...]:
    """Return the keys in a text of one or more secrets with spaces between them. FieldError for none or a bad one."""
    keys = tuple(_key(word, where) for word in text.split())
    if not keys:
        raise FieldError("There is no secret", where=where, repair="Write `whsec_` and 24 to 64 bytes in base64.")
    return keys


def headers(keys: Iterable[bytes], webhook_id: str, seconds: int, body: bytes) -> dict[str, str]:
    """Return the three headers that go with a body; one signature for each key. seconds: Unix time of sending."""
    signatures = (f"v1,{_signature(key, webhook_id, str(seconds), body)}" for key in keys)
    return {
        "webhook-id": webhook_id,
        "webhook-timestamp": str(seconds),
        "webhook-signature": " ".join(signatures),
    }


def check(given: Mapping[str, str], body: bytes, secret: str, now_seconds: float) -> str:
    """Return the id of a webhook whose signature is good; SignatureError for any other.

    given: the headers, under any case of letters. body: the bytes as they came. secret: one or more as in `secrets_in`.
    """
    named = {name.lower(): value for name, value in given.items()}
    try:
        webhook_id, seconds, told = (named[f"webhook-{part}"] for part in ("id", "timestamp", "signature"))
    except KeyError as error:
        raise _refused(f"The header {error.args[0]!r} is missing") from None
    if not seconds.isascii() or not seconds.isdigit() or abs(now_seconds - int(seconds)) > TOLERANCE_SECONDS:
        raise _refused("The time of sending is too far from the clock of this machine, or no time")
    signatures = [each.partition(",")[2] for each in told.split() if each.startswith("v1,")]
    expected = [_signature(key, webhook_id, seconds, body) for key in secrets_in(secret, "secret")]
    if not any(hmac.compare_digest(one.encode(), other.encode()) for one in signatures for other in expected):
        raise _refused("No signature fits")
    return webhook_id


def _signature(key: bytes, webhook_id: str, seconds: str, body: bytes) -> str:
    signed = b".".join((webhook_id.encode(), seconds.encode(), body))
    return base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


def _key(word: str, where: str) -> bytes:
    try:
        key = base64.b64decode(word.removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not word.startswith(PREFIX) or not _LEAST_BYTES <= len(key) <= _MOST_BYTES:
        raise FieldError(
            "The secret of a webhook is malformed",
            where=where,
            repair=f"Write `{PREFIX}` and {_LEAST_BYTES} to {_MOST_BYTES} bytes in base64, for instance from "
            "`openssl rand -base64 32`.",
        )
    return key


def _refused(what: str) -> SignatureError:
    return SignatureError(
        what,
        where="webhook headers",
        repair="Do not act on it. Compare the secret, check the raw bytes of the body, and set the clock.",
    )
