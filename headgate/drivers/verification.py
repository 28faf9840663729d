"""Verify a decision: decided again from journal, archive and an older snapshot, compared with every stored copy and
with the log, and said in words.

What is asked: do the journal and the rules of then give the same bits, and is the record that is stored the one that
was logged? Nothing of the live state is used, and nothing is written.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final, Literal, TypeAlias

import msgspec

from headgate.decisions.record import Decision
from headgate.drivers.explain import unknown
from headgate.drivers.home import Home
from headgate.drivers.logged_parts import parts_changed
from headgate.drivers.logged_place import Looked, Place, look_up
from headgate.drivers.logged_snapshot import logged_snapshot
from headgate.drivers.rerun import Rerun, Tick, decided_again
from headgate.drivers.said import named_versions
from headgate.drivers.stored_copies import in_copies
from headgate.drivers.three_sides import Difference, Logged, with_engine
from headgate.errors import HeadgateError
from headgate.facts.values import FactValue
from headgate.journal.entries import Payment
from headgate.ledger.commitments import SubjectKeys
from headgate.limits import US_PER_SECOND
from headgate.stores.tables_decisions import Copy

Verdict: TypeAlias = Literal["same", "same_without_keys", "differs", "unproved"]
"""same: decided again, stored and logged alike. same_without_keys: the same, as far as the log can still show it.
differs: at least one value does not agree. unproved: nothing disagrees, and something that should be there is not."""


class Verification(msgspec.Struct, frozen=True, kw_only=True):
    """What was found. recomputed: None where the decision could not be made again; stored: None where it is gone.

    same_bits: whether the record decided again is every stored copy, None where it or all of them are missing. began:
    where the fold began. faults: sentences on what does not hold or is not there. remarks: what cannot be proved, and
    what was passed over.
    """

    tx_id: str
    verdict: Verdict
    payment: Payment | None
    stored: Decision | None
    recomputed: Decision | None
    same_bits: bool | None
    facts: dict[str, FactValue]
    past_scores: dict[str, dict[str, FactValue]]
    began: str
    place: Place | None
    differences: tuple[Difference, ...]
    faults: tuple[str, ...]
    remarks: tuple[str, ...]
    reference_currency: str


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """How to verify. log: folder or address, empty for the home's own. keys: verifier keys, none for the home's own.

    receipt: one that was kept. from_start: fold the whole journal, without a snapshot.
    """

    log: str = ""
    keys: tuple[str, ...] = ()
    receipt: bytes | None = None
    from_start: bool = False


def verify_decision(home: Home, tx_id: str, asked: Asked, tick: Tick = lambda entries: None) -> Verification:
    """Return what is found about the decision on a payment.

    Raises NotFoundError where neither the journal nor a decision knows the payment, NoteError for a key that is none.
    """
    found = _Finding(home, tx_id)
    subjects = _subjects(home)
    try:
        found.look_up(asked, subjects)
        found.decide_again(asked, tick)
        found.compare()
    finally:
        if subjects is not None:
            subjects.close()
    return found.said()


class _Finding:
    """What comes together, step by step."""

    def __init__(self, home: Home, tx_id: str) -> None:
        self._home, self._tx_id = home, tx_id
        self._faults: list[str] = []
        self._remarks: list[str] = []
        self._differences: list[Difference] = []
        self._again: Rerun | None = None
        self._recomputed: Decision | None = None
        self._looked = Looked(None, (), ())
        self._place: Place | None = None
        self._logged: Logged | None = None
        self._erased = False
        self._payment = self._read(lambda: home.store.payment(tx_id), "The payment")
        self._copies: tuple[Copy, ...] = self._read(lambda: home.store.decision_copies(tx_id), "The decision") or ()
        readable = [each.decision for each in self._copies if each.decision is not None]
        self._stored = readable[0] if readable else None
        if self._payment is None and not self._copies and not self._faults:
            raise unknown(home, tx_id)
        if self._payment is not None and self._payment.seq < home.settings.decided_from_seq:
            raise unknown(home, tx_id, known=True)

    def look_up(self, asked: Asked, subjects: SubjectKeys | None) -> None:
        """Find the entry of the log, and what opens it."""
        seq = self._payment.seq if self._payment else self._stored.seq if self._stored else -1
        looked = look_up(self._home, seq, place=asked.log, keys=asked.keys, receipt=asked.receipt)
        self._place, self._looked = looked.place, looked
        self._faults += looked.faults
        self._remarks += looked.remarks
        self._logged = None if looked.place is None else self._entry(looked.place, subjects)

    def decide_again(self, asked: Asked, tick: Tick) -> None:
        """Fold, and say why where that is not possible."""
        if self._payment is None:
            self._faults += [] if self._faults else [f"The journal has no payment {self._tx_id!r} any more"]
            return
        try:
            self._again = decided_again(
                self._home, self._payment, from_start=asked.from_start, logged=self._snapshot, tick=tick
            )
            if self._again.snapshot is not None and not self._confirmed(self._again):
                self._again = self._from_the_start(tick) or self._again
        except HeadgateError as error:
            self._faults.append(f"It cannot be decided again: {error}")
        except msgspec.MsgspecError as error:
            self._faults.append(f"It cannot be decided again: an entry of the journal cannot be read ({error})")
        if self._again is not None:
            self._remarks += self._again.passed
        first, looked = self._again.from_seq if self._again else 0, self._looked
        self._faults += parts_changed(self._home, first, self._payment.seq, looked.size, looked.leaves)

    def compare(self) -> None:
        """Compare every copy with what was decided again and with what was logged."""
        self._recomputed = None if self._again is None else self._stamped(self._again.decision)
        if self._recomputed is not None and self._recomputed.versions.engine != self._engine():
            self._remarks.append(
                f"It was decided by {self._recomputed.versions.engine}, and again by {self._engine()}."
            )
        self._differences += in_copies(self._copies, self._recomputed, self._logged, self._payment)

    def _engine(self) -> str:
        return self._again.decision.versions.engine if self._again else ""

    def said(self) -> Verification:
        """Return it all."""
        again, stored = self._recomputed, self._stored
        wrong: Verdict | None = "differs" if self._differences else "unproved" if self._faults else None
        return Verification(
            tx_id=self._tx_id,
            verdict=wrong or ("same_without_keys" if self._erased else "same"),
            payment=self._payment,
            stored=stored,
            recomputed=again,
            same_bits=None if again is None or stored is None else all(each.decision == again for each in self._copies),
            facts=dict(self._again.facts) if self._again else {},
            past_scores=self._again.past if self._again else {},
            began=self._again.began if self._again else "",
            place=self._place,
            differences=tuple(dict.fromkeys(self._differences)),
            faults=tuple(self._faults),
            remarks=tuple(self._remarks),
            reference_currency=self._home.settings.reference_currency,
        )

    def _read(self, read: Callable[[], Any], what: str) -> Any:
        try:
            return read()
        except msgspec.MsgspecError as error:
            self._faults.append(f"{what} cannot be read from the store: its row was changed or damaged ({error})")
        except (AssertionError, ValueError):
            self._faults.append(f"{what} cannot be read from the store: its row is of another kind, or not there")
        except HeadgateError as error:
            self._faults.append(f"{what} cannot be read: {error}")
        return None

    def _snapshot(self, seq: int) -> str:
        """The hash that was logged for a snapshot, empty where the log does not say."""
        looked = self._looked
        return "" if looked.leaves is None else logged_snapshot(seq, looked.size, looked.leaves)

    def _confirmed(self, again: Rerun) -> bool:
        """Whether what a snapshot led to is what was logged, or stored where the log cannot say."""
        record = self._stamped(again.decision)
        logged = None if self._logged is None else self._logged.has(record)
        return record == self._stored if logged is None else logged

    def _from_the_start(self, tick: Tick) -> Rerun | None:
        """Where a snapshot leads to another record: whether the journal from its first entry does not."""
        assert self._payment is not None
        assert self._again is not None
        whole = decided_again(self._home, self._payment, from_start=True, tick=tick)
        if whole.decision != self._again.decision:
            self._faults.append(
                f"T{self._again.began[1:]} is whole and leads to another record than the journal from its first entry: "
                "it was changed, or made by another release. The journal counts"
            )
            return whole
        return None

    def _stamped(self, again: Decision) -> Decision:
        """The record with the release that decided then, by the log; that this one gives the same bits is shown."""
        if self._stored is None or self._stored.versions.engine == again.versions.engine:
            return again
        stamped = with_engine(again, self._stored.versions)
        if self._place is not None and named_versions(stamped.versions)[0] != self._place.entry.versions:
            return again
        return stamped

    def _entry(self, place: Place, subjects: SubjectKeys | None) -> Logged:
        payer = self._payer()
        month = datetime.fromtimestamp(place.entry.at_us / US_PER_SECOND, UTC).strftime("%Y-%m")

        def opens(commitment: str, value: bytes) -> bool | None:
            if subjects is None or not payer or month not in subjects.periods(payer):
                self._erased = True
                return None
            return subjects.opens(commitment, payer, month, value)

        logged = Logged(place.entry, opens)
        if opens(place.entry.payment, self._tx_id.encode()) is False:
            self._differences.append(
                Difference(
                    name="tx_id", recomputed=self._tx_id, stored=self._tx_id, logged="another payment", where="the log"
                )
            )
        if self._erased:
            self._remarks.append(_ERASED.format(payer=payer or "the payer", month=month))
        return logged

    def _payer(self) -> str:
        copies = (each.payment.payer for each in self._copies if each.payment is not None)
        return self._payment.payer if self._payment else next(copies, "")


_ERASED: Final = (
    "There is no key of {payer} for {month}: it was erased or lost, or another payer was logged. Still proved: that a "
    "decision on this entry of the journal stands at this place of the log, its action, the scenarios that fired, the "
    "digest of its facts, its versions. Not any more: that score, line, reasons and evidence are those that were "
    "logged, and that this payment id was"
)


def _subjects(home: Home) -> SubjectKeys | None:
    """The keys of data subjects; None where the home has none, and none are made."""
    if not (home.paths.subject_keys / "subject-keys.db").is_file():
        return None
    return SubjectKeys(home.paths.subject_keys, clock_us=lambda: time.time_ns() // 1000)
