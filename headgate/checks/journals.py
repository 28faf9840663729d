"""Random journals to try laws on: seeded, small, and as awkward as the rules of time allow.

Hubs, ties in time, bursts and long silences, late payments, extreme and equal amounts, several currencies whose rates
change, declines, returns, outcomes that are superseded, accounts that change hands, sessions. Nothing here is random
but by its seed.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

from headgate.journal.entries import (
    Account,
    Activation,
    Entry,
    LaterStatus,
    Outcome,
    OutcomeClass,
    Payment,
    PaymentStatusChange,
    Rates,
    Session,
    SessionEvent,
)
from headgate.limits import MAX_REFERENCE_MINOR, STRUCTURING_LOOKS, US_PER_DAY, US_PER_HOUR, US_PER_SECOND

START_US = 1_735_689_600 * US_PER_SECOND  # 2025-01-01
_CURRENCIES = ("EUR",) * 12 + ("USD", "JPY", "KWD")
_LATER: tuple[LaterStatus, ...] = ("declined", "returned", "cancelled", "reversed")
_OUTCOMES: tuple[OutcomeClass, ...] = ("fraud", "fine", "recall")
_EVENTS: tuple[SessionEvent, ...] = ("login", "payee_added", "device_changed", "limit_changed", "signal")


def random_journal(seed: int, payments: int, *, accounts: int = 40, days: int = 60) -> list[Entry]:
    """Return a valid journal with this many payments among this many accounts, spread over about this many days."""
    return _Writer(Random(seed), accounts, days * US_PER_DAY // max(payments, 1)).write(payments)


class _Writer:
    """Writes one journal. `pace_us` is the mean time between payments."""

    def __init__(self, random: Random, accounts: int, pace_us: int) -> None:
        self.random = random
        self.names = [f"account-{number}" for number in range(accounts)]
        self.pace_us = pace_us
        self.clock_us = START_US
        self.entries: list[Entry] = []
        self.payments: list[Payment] = []
        self.outcomes: list[Outcome] = []
        self.others: tuple[Callable[[], None], ...] = (
            self._account, self._session, self._rates, self._status, self._outcome, self._activation,
        )  # fmt: skip

    def write(self, payments: int) -> list[Entry]:
        """Write the accounts, then payments with the other kinds between them."""
        for _ in range(len(self.names) // 2):
            self._account()
        while len(self.payments) < payments:
            self._step()
            self._payment() if self.random.random() < 0.75 else self.random.choice(self.others)()
        return self.entries

    @property
    def _next(self) -> dict[str, Any]:
        return {"seq": len(self.entries), "clock_us": self.clock_us}

    def _step(self) -> None:
        """Ties, microseconds and whole hours are common; now and then there is a long silence."""
        kind = self.random.random()
        if kind < 0.15:
            return
        if kind < 0.25:
            self.clock_us += self.random.choice((1, US_PER_SECOND, US_PER_HOUR, 6 * US_PER_HOUR))
        elif kind < 0.253:
            self.clock_us += 10 * US_PER_DAY
        else:
            self.clock_us += int(self.random.expovariate(1.0) * self.pace_us)

    def _name(self) -> str:
        """A quarter of all choices falls on two hubs."""
        return self.names[self.random.randrange(2)] if self.random.random() < 0.25 else self.random.choice(self.names)

    def _sides(self) -> tuple[str, str]:
        """Money likes to go on, or back, from where it just arrived."""
        payer = payee = self._name()
        if self.payments and self.random.random() < 0.4:
            payer = self.random.choice(self.payments[-8:]).payee
        if self.payments and self.random.random() < 0.2:
            payee = self.random.choice(self.payments[-8:]).payer
        while payee == payer:
            payee = self._name()
        return payer, payee

    def _amount(self, currency: str) -> int:
        kind = self.random.random()
        if kind < 0.05 and currency == "EUR":
            return self.random.choice((0, 1, MAX_REFERENCE_MINOR, MAX_REFERENCE_MINOR - 1))
        if kind < 0.4:
            return self.random.choice((5_000, 10_000, 100_000, 250_000))
        return int(self.random.lognormvariate(9.0, 2.0)) % 10**9 + 1

    def _payment(self) -> None:
        payer, payee = self._sides()
        currency = self.random.choice(_CURRENCIES)
        late = self.random.random() < 0.05
        payment = Payment(
            **self._next,
            tx_id=f"tx-{len(self.payments)}",
            ts_us=self.clock_us - (US_PER_HOUR if late else 0),
            payer=payer,
            payee=payee,
            amount_minor=self._amount(currency),
            currency=currency,
            rail=self.random.choice(("", "instant", "card")),
            channel=self.random.choice(("", "app", "web", "branch")),
            status="declined" if self.random.random() < 0.06 else "submitted",
            authentication=self.random.choice((None, "strong", "none")),
            sim_swapped_72h=self.random.choice((None, False, True)),
            device_new=self.random.choice((None, False, True)),
            late=late,
        )
        self.payments.append(payment)
        self.entries.append(payment)

    def _account(self) -> None:
        entry = Account(
            **self._next,
            account=self.random.choice(self.names),
            party=self.random.choice((None, *(f"party-{n}" for n in range(len(self.names) // 2)))),
            joint_parties=self.random.choice(((), ("party-0",), ("party-1", "party-2"))),
            opened_us=self.random.choice((None, self.clock_us - self.random.randrange(4000 * US_PER_DAY))),
            account_type=self.random.choice((None, "current", "savings")),
            account_country=self.random.choice((None, "DE", "FR")),
        )
        self.entries.append(entry)

    def _session(self) -> None:
        entry = Session(
            **self._next,
            session_id=f"session-{len(self.entries)}",
            account=self._name(),
            event=self.random.choice(_EVENTS),
        )
        self.entries.append(entry)

    def _rates(self) -> None:
        base, currency = self.random.choice((("EUR", "USD"), ("EUR", "JPY"), ("KWD", "EUR")))
        rate = {"USD": 1.1, "JPY": 165.0, "EUR": 2.9}[currency] * self.random.uniform(0.9, 1.1)
        self.entries.append(Rates(**self._next, base=base, currency=currency, rate=f"{rate:.6f}"))

    def _status(self) -> None:
        if self.payments:
            paid = self.random.choice(self.payments[-50:])
            entry = PaymentStatusChange(
                **self._next,
                tx_id=paid.tx_id,
                payer=paid.payer,
                payee=paid.payee,
                amount_minor=paid.amount_minor,
                currency=paid.currency,
                new_status=self.random.choice(_LATER),
            )
            self.entries.append(entry)

    def _outcome(self) -> None:
        if not self.payments:
            return
        before = self.random.choice(self.outcomes[-10:]) if self.outcomes and self.random.random() < 0.3 else None
        about = before or self.random.choice(self.payments[-200:])
        entry = Outcome(
            **self._next,
            outcome_id=f"outcome-{len(self.outcomes)}",
            tx_id=about.tx_id,
            payer=about.payer,
            payee=about.payee,
            amount_minor=about.amount_minor,
            currency=about.currency,
            payment_clock_us=about.payment_clock_us if isinstance(about, Outcome) else about.clock_us,
            outcome=self.random.choice(_OUTCOMES),
            source="case",
            supersedes=before.outcome_id if before else None,
        )
        self.outcomes.append(entry)
        self.entries.append(entry)

    def _activation(self) -> None:
        entry = Activation(**self._next, subject_kind="model", subject="model", content_hash="0" * 64, actor="engineer")
        self.entries.append(entry)


def hub_journal(seed: int, payments: int, *, accounts: int = 200) -> list[Entry]:
    """Return a valid journal around a merchant that two thirds of all payments meet, in three seasons.

    Busy, so that the merchant, one customer and one supplier have very many payments; then a quiet month, in which
    these leave the longest window one by one and nobody is a hub; then busy again. accounts: how many others there are.
    """
    return _HubWriter(Random(seed), accounts, 28 * US_PER_DAY // max(payments, 1)).write(payments)


class _HubWriter(_Writer):
    """Writes the journal of a merchant."""

    _whole = 1

    def write(self, payments: int) -> list[Entry]:
        """Remember how many there will be: the season depends on it."""
        self._whole = payments
        return super().write(payments)

    @property
    def _quiet(self) -> bool:
        return 0.6 <= len(self.payments) / self._whole < 0.75

    def _step(self) -> None:
        """A quiet season has few payments in about as much time."""
        super()._step()
        if self._quiet and self.random.random() < 0.8:
            self.clock_us += int(self.random.expovariate(1.0) * self.pace_us * 8)

    def _sides(self) -> tuple[str, str]:
        """A fifth is one customer's, a tenth goes on to one supplier."""
        kind, other = self.random.random(), self._name()
        if self._quiet or kind >= 0.65:
            return super()._sides()
        if kind < 0.3:
            return ("customer", "merchant") if kind < 0.2 else ("merchant", "supplier")
        return (other, "merchant") if kind < 0.55 else ("merchant", other)


def crowded_journal(degree: int) -> list[Entry]:
    """Return a journal in which every search meets more than `degree` payments or chains longer than it follows.

    `degree` accounts pay a hub, the hub pays as many others, these pay a sink and then the hub again, and the sink
    pays the first account; then one sum goes through a chain of accounts. At last an account that slept since before
    all this pays many sums just below a threshold.
    """
    numbers = range(degree)
    legs = [(f"source-{n}", "hub") for n in numbers] + [("hub", f"middle-{n}") for n in numbers]
    legs += [(f"middle-{n}", end) for end in ("sink", "hub") for n in numbers] + [("sink", "source-0")]
    legs += [(f"link-{n}", f"link-{n + 1}") for n in range(12)]
    crowd = [_plain_payment(seq, *leg) for seq, leg in enumerate([("sleeper", "purse"), *legs])]
    late = range(len(crowd), len(crowd) + STRUCTURING_LOOKS + degree)
    return [*crowd, *(_plain_payment(seq, "sleeper", "purse", amount_minor=95_000, days=120) for seq in late)]


def quiet_journal() -> list[Entry]:
    """Return a journal of two payments that have nothing to do with each other."""
    return [_plain_payment(0, "one", "two"), _plain_payment(1, "three", "four")]


def _plain_payment(seq: int, payer: str, payee: str, *, amount_minor: int = 10_000, days: int = 0) -> Payment:
    clock_us = START_US + days * US_PER_DAY + seq * US_PER_SECOND
    return Payment(
        seq=seq, clock_us=clock_us, ts_us=clock_us, tx_id=f"tx-{seq}", payer=payer, payee=payee,
        amount_minor=amount_minor, currency="EUR",
    )  # fmt: skip
