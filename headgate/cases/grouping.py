"""Grouping: alerts that share accounts become one case, so that one ring is read once.

A pure state: alerts and actions in the order of the journal go in, changed cases come out. It never looks at a name,
ranks no account, and a renaming of accounts changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

import msgspec

from headgate.cases.case import Alert, Case, CaseAccount, CaseAction, CaseAlert, CaseChange, case_alert
from headgate.cases.degrees import Counterparties, Degrees
from headgate.cases.lifecycle import changed_by
from headgate.errors import NotFoundError
from headgate.facts.values import Witness
from headgate.journal.entries import Action, Payment
from headgate.limits import CASE_TIED_ACCOUNTS, CASE_WINDOW_US, MAX_CASE_ALERTS

# Patterns in which money moves on between accounts that need not know each other's counterparties. A fan ties nobody
# but its centre, which is payer or payee anyway; what is behind a count or a mean ties nobody (think of a landlord).
_TYING: Final = ("pass_through", "temporal_cycle", "scatter_gather", "gather_scatter")


class _Standing(NamedTuple):
    cases: tuple[Case, ...]
    alerts: tuple[Alert, ...]
    of_key: dict[str, list[int]]
    degrees: dict[str, Counterparties]


class CaseState:
    """The second half of fold 2: open cases, who is in them, and which accounts are hubs.

    Two alerts belong together when they share an account that is no hub: payer, payee, or an account of a pattern's
    witness. A case takes alerts while it is open and its last alert is less than CASE_WINDOW_US old. An alert that
    belongs to several cases merges them into the oldest.
    """

    def __init__(self) -> None:
        self._degrees = Degrees()
        self._cases: dict[int, Case] = {}
        self._alerts: dict[str, Alert] = {}
        self._case_of: dict[str, int] = {}
        self._of_key: dict[str, list[int]] = {}
        self._next_sweep_us = 0

    def observe(self, payment: Payment) -> None:
        """Take in a payment, alert or not, before `add`: it tells who is a hub."""
        self._degrees.observe(payment)

    def add(self, alert: Alert) -> tuple[CaseChange, ...]:
        """Put an alert into a case, opened or merged as needed; the case that took it comes last."""
        keys = self._keys(alert)
        self._alerts[alert.tx_id] = _without_words(alert)
        clock_us = alert.payment.clock_us
        self._forget_keys(clock_us)
        near = [case for case in self._near(keys) if _takes_alerts_at(case, clock_us)]
        room = [case for case in near if case.state == "open" and len(case.alerts) < MAX_CASE_ALERTS]
        if not room:
            return (self._open(alert, keys, near),)
        return self._grow(room, alert, keys, [case for case in near if case not in room])

    def apply(self, action: Action) -> tuple[CaseChange, ...]:
        """Do to a case what a person decided; see `lifecycle.changed_by` for what is refused."""
        change, case = changed_by(self.case(action.subject), action)
        self._cases[case.number] = case
        return (CaseChange(change=change, case=case),)

    def check(self, action: Action) -> None:
        """Raise what `apply` would raise, and change nothing."""
        changed_by(self.case(action.subject), action)

    def case(self, case_id: str) -> Case:
        """Return a case by its id; NotFoundError when there is none."""
        number = case_id.removeprefix("C-")
        found = self._cases.get(int(number)) if number.isdecimal() and number.isascii() else None
        if found is None or found.id != case_id:
            raise NotFoundError(
                f"There is no case {case_id!r}.", where="case", repair="`headgate cases` lists the cases."
            )
        return found

    def case_of(self, tx_id: str) -> str | None:
        """Return the id of the case that holds the alert of this payment, or None."""
        number = self._case_of.get(tx_id)
        return None if number is None else self._cases[number].id

    def alerts(self, case_id: str) -> tuple[Alert, ...]:
        """The alerts of a case without their evidence, in journal order; NotFoundError when there is no such case."""
        return tuple(self._alerts[alert.tx_id] for alert in self.case(case_id).alerts)

    def cases(self) -> tuple[Case, ...]:
        """Every case in order of opening."""
        return tuple(self._cases.values())

    def state(self) -> bytes:
        """The whole state as bytes, for a snapshot."""
        alerts = tuple(self._alerts.values())
        return msgspec.msgpack.encode(_Standing(self.cases(), alerts, self._of_key, self._degrees.state()))

    def load(self, state: bytes) -> None:
        """Take the place of a state that `state` gave."""
        standing = msgspec.msgpack.decode(state, type=_Standing)
        self._cases = {case.number: case for case in standing.cases}
        self._alerts = {alert.tx_id: alert for alert in standing.alerts}
        self._case_of = {alert.tx_id: case.number for case in standing.cases for alert in case.alerts}
        self._of_key = standing.of_key
        self._degrees.load(standing.degrees)

    def _keys(self, alert: Alert) -> tuple[str, ...]:
        """What joins this alert to others: its accounts without hubs; between two hubs only the pair itself."""
        clock_us = alert.payment.clock_us
        accounts = dict.fromkeys((alert.payment.payer, alert.payment.payee, *_accounts_of_patterns(alert)))
        keys = tuple(account for account in accounts if not self._degrees.is_hub(account, clock_us))
        return keys or (_pair_key(alert.payment),)

    def _near(self, keys: tuple[str, ...]) -> list[Case]:
        """Cases that hold one of the keys, oldest first."""
        numbers = {number for key in keys for number in self._of_key.get(key, ())}
        return [self._cases[number] for number in sorted(numbers)]

    def _open(self, alert: Alert, keys: tuple[str, ...], near: list[Case]) -> CaseChange:
        clock_us = alert.payment.clock_us
        fresh = Case(number=len(self._cases) + 1, opened_us=clock_us, updated_us=clock_us)
        case = _related(_with(fresh, alert), near)
        self._keep(case, keys)
        return CaseChange(change="opened", case=case)

    def _grow(
        self, room: list[Case], alert: Alert, keys: tuple[str, ...], closed: list[Case]
    ) -> tuple[CaseChange, ...]:
        target, changes = room[0], []
        for other in room[1:]:
            if len(target.alerts) + len(other.alerts) < MAX_CASE_ALERTS:
                target, gone = _merged(target, other, alert)
                self._cases[gone.number] = gone
                self._case_of |= dict.fromkeys((alert.tx_id for alert in other.alerts), target.number)
                self._move_keys(other, target)
                changes.append(CaseChange(change="merged", case=gone))
        target = _related(_with(target, alert), closed)
        self._keep(target, keys)
        return (*changes, CaseChange(change="grew", case=target))

    def _keep(self, case: Case, keys: Iterable[str]) -> None:
        self._cases[case.number] = case
        self._case_of[case.alerts[-1].tx_id] = case.number
        for key in keys:
            numbers = self._of_key.setdefault(key, [])
            if case.number not in numbers:
                numbers.append(case.number)

    def _move_keys(self, gone: Case, target: Case) -> None:
        for key in (*(row.account for row in gone.accounts), *map(_pair_key, gone.alerts)):
            numbers = self._of_key.get(key, [])
            if gone.number in numbers:
                numbers.remove(gone.number)
                if target.number not in numbers:
                    numbers.append(target.number)

    def _forget_keys(self, clock_us: int) -> None:
        """Once a window, drop keys of cases that take no more alerts, so that the index stays bounded."""
        if clock_us < self._next_sweep_us:
            return
        self._next_sweep_us = clock_us + CASE_WINDOW_US
        alive = {case.number for case in self._cases.values() if _takes_alerts_at(case, clock_us)}
        kept = ((key, [n for n in numbers if n in alive]) for key, numbers in self._of_key.items())
        self._of_key = {key: numbers for key, numbers in kept if numbers}


def _without_words(alert: Alert) -> Alert:
    """What a later judgement of the case needs of an alert; the store has the rest."""
    decision = msgspec.structs.replace(alert.decision, evidence=(), reasons=(), missing=())
    return msgspec.structs.replace(alert, decision=decision)


def _accounts_of_patterns(alert: Alert) -> Iterator[str]:
    """Accounts that a flow of money ties together; a flow through very many accounts says little about each."""
    for witness in alert.witnesses:
        if witness.fact.startswith(_TYING):
            accounts = dict.fromkeys(_accounts(witness))
            yield from accounts if len(accounts) <= CASE_TIED_ACCOUNTS else ()


def _accounts(witness: Witness) -> Iterator[str]:
    for payment in witness.payments:
        yield payment.payer
        yield payment.payee


def _pair_key(row: Payment | CaseAlert) -> str:
    return f"{row.payer}\n{row.payee}"


def _takes_alerts_at(case: Case, clock_us: int) -> bool:
    return bool(case.alerts) and case.alerts[-1].clock_us > clock_us - CASE_WINDOW_US


def _related(case: Case, others: Iterable[Case]) -> Case:
    names = (*case.related, *(other.id for other in others))
    return msgspec.structs.replace(case, related=tuple(dict.fromkeys(names)))


def _with(case: Case, alert: Alert) -> Case:
    return msgspec.structs.replace(
        case,
        updated_us=alert.payment.clock_us,
        alerts=(*case.alerts, case_alert(alert)),
        accounts=_roles(case.accounts, _roles_in(alert)),
        typologies=tuple(dict.fromkeys((*case.typologies, *alert.typologies))),
    )


def _roles_in(alert: Alert) -> tuple[CaseAccount, ...]:
    evidence = dict.fromkeys(account for witness in alert.witnesses for account in _accounts(witness))
    return (
        CaseAccount(account=alert.payment.payer, as_payer=1),
        CaseAccount(account=alert.payment.payee, as_payee=1),
        *(CaseAccount(account=account, in_evidence=1) for account in evidence),
    )


def _roles(known: tuple[CaseAccount, ...], more: tuple[CaseAccount, ...]) -> tuple[CaseAccount, ...]:
    """Add role counts account by account, in order of first appearance."""
    found = {row.account: row for row in known}
    for row in more:
        before = found.get(row.account, CaseAccount(account=row.account))
        found[row.account] = CaseAccount(
            account=row.account,
            as_payer=before.as_payer + row.as_payer,
            as_payee=before.as_payee + row.as_payee,
            in_evidence=before.in_evidence + row.in_evidence,
        )
    return tuple(found.values())


def _merged(target: Case, other: Case, alert: Alert) -> tuple[Case, Case]:
    """Return the older case with everything of the younger, and the younger emptied, with a line in both histories."""
    reason = f"Payment {alert.tx_id} shares accounts with {target.id} and {other.id}."
    line = CaseAction(
        action_id=f"merge-{alert.payment.seq}-{other.number}",
        clock_us=alert.payment.clock_us,
        actor="headgate",
        action="merge",
        reason=reason,
    )
    whole = msgspec.structs.replace(
        target,
        alerts=tuple(sorted((*target.alerts, *other.alerts), key=lambda row: row.seq)),
        accounts=_roles(target.accounts, other.accounts),
        typologies=tuple(dict.fromkeys((*target.typologies, *other.typologies))),
        related=tuple(dict.fromkeys((*target.related, *other.related))),
        history=(*target.history, line),
    )
    gone = Case(
        number=other.number,
        opened_us=other.opened_us,
        updated_us=alert.payment.clock_us,
        state="merged",
        history=(*other.history, line),
        merged_into=target.id,
    )
    return whole, gone
