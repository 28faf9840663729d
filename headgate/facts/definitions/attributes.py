"""What the payment itself says: amount, time, channel, and the signals given with it.

The evidence of an attribute is the payment judged.
"""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa

from headgate.facts.moment import Moment
from headgate.facts.spec import BOOL, INT, TEXT, Behind, FactSpec, Rule
from headgate.journal.currency import MINOR_DIGITS

ROUND_MAJOR_UNITS = 100
_TEXTS = {
    "channel": "Channel by which the payment was ordered; null where not stated.",
    "rail": "Rail on which the payment travels; null where not stated.",
    "currency": "Currency of the payment (ISO 4217).",
    "authentication": "How the payer was authenticated for this payment; null where not stated.",
    "merchant_category": "Category of the merchant that is paid; null where not stated.",
    "remittance_type": "Kind of remittance information that came with the payment; null where not stated.",
}
_SIGNALS = {
    "sim_swapped_72h": "Whether the payer's SIM was swapped in the 72 hours before; null where not given.",
    "device_new": "Whether the payment was ordered from a device not seen before; null where not given.",
    "remote_access": "Whether remote access was active while the payment was ordered; null where not given.",
}


def specs() -> Iterator[FactSpec]:
    """Yield the attributes of the payment."""
    yield _attribute(
        "amount", "Amount of the payment, by the rates known before it.", "reference minor units", INT,
        lambda moment: moment.edge.amount,
    )  # fmt: skip
    yield _attribute(
        "amount_is_round",
        f"Whether the amount is a multiple of {ROUND_MAJOR_UNITS} major units of its own currency.",
        "yes or no", BOOL, is_round,
    )  # fmt: skip
    yield from _times()
    for name, sentence in _TEXTS.items():
        yield _attribute(name, sentence, "text", TEXT, _text(name))
    for name, sentence in _SIGNALS.items():
        yield _attribute(name, sentence, "yes or no", BOOL, _signal(name))


def is_round(moment: Moment) -> bool:
    """A multiple of 100 major units of the payment's own currency, above zero."""
    payment = moment.payment
    unit = ROUND_MAJOR_UNITS * 10 ** MINOR_DIGITS[payment.currency]
    return payment.amount_minor > 0 and payment.amount_minor % unit == 0


def _times() -> Iterator[FactSpec]:
    yield _attribute(
        "hour_local", "Hour of the payment's clock in the adopter's time zone, 0 to 23.", "hour", INT,
        lambda moment: moment.local.hour,
    )  # fmt: skip
    yield _attribute(
        "weekday_local", "Day of the week in the adopter's time zone, 0 is Monday.", "day", INT,
        lambda moment: moment.local.weekday(),
    )  # fmt: skip
    yield _attribute(
        "is_business_day", "Whether it is Monday to Friday in the adopter's time zone.", "yes or no", BOOL,
        lambda moment: moment.local.weekday() < 5,
    )  # fmt: skip


def _text(name: str) -> Rule:
    return lambda moment: getattr(moment.payment, name) or None


def _signal(name: str) -> Rule:
    return lambda moment: getattr(moment.payment, name)


def _attribute(name: str, sentence: str, unit: str, arrow_type: pa.DataType, value: Rule) -> FactSpec:
    return FactSpec(
        name, name, sentence, unit, "attribute", arrow_type, None,
        value, lambda moment: Behind([(moment.edge, "judged", 0)]), plan=("attribute", name),
    )  # fmt: skip
