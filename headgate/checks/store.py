"""Law: a store keeps what it was given, whole or not at all, in order, once.

    keeps(MyStore, tmp_path / "store.db", random_journal(seed=1, payments=200))

`open_store(path)` makes or opens a store at a path; it must satisfy `headgate.stores.store.Store`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from headgate.cases.announcement import Announcement, DeadLetter
from headgate.cases.case import Alert, Case
from headgate.cases.urgency import most_urgent
from headgate.checks.archived import archives
from headgate.checks.batches import sample_batches
from headgate.checks.law import Law
from headgate.decisions.record import Decision
from headgate.errors import ConflictError, HeadgateError, NotFoundError, OrderError
from headgate.journal.entries import Entry
from headgate.stores.store import Batch, Store
from headgate.stores.users import ApiKey, User, WebSession

_LAW = Law("keeps", "Write a batch in one transaction, and read back exactly what was written.")
_require, _must_raise, _broken = _LAW.require, _LAW.must_raise, _LAW.broken

OpenStore = Callable[[Path], Store]
T = TypeVar("T")
_HASH = "hash"  # a store sees hashes only


def keeps(open_store: OpenStore, path: Path, entries: Sequence[Entry]) -> None:
    """Raise LawError unless a store at `path` (nothing is there yet) keeps a journal, its decisions and its cases.

    entries: a journal with seq from 0 without a gap, of several days and with at least ten payments.
    """
    batches = sample_batches(entries)
    store = open_store(path)
    for batch in batches[:-1]:
        store.commit(batch)
    _is_whole_or_not_at_all(store, batches[-1])
    _refuses_what_does_not_follow(store, batches[-1])
    store.commit(batches[-1])
    _takes_a_repetition_once(store, batches[-1])
    _gives_back(store, batches)
    store.close()
    again = open_store(path)
    _gives_back(again, batches)
    again.reopen()
    _gives_back(again, batches)
    _remembers_who_heard(again)
    _keeps_users(again)
    archives(again, entries, [decision for batch in batches for decision in batch.decisions])
    again.close()


def contents(store: Store) -> tuple[Any, ...]:
    """Return everything of a store but its users, for comparison."""
    decisions = tuple(store.decisions())
    alerts = store.alerts(decision.tx_id for decision in decisions)
    told = tuple(store.announcements())
    return (store.last_seq(), tuple(store.tail()), decisions, alerts, store.cases(order="age"), told)


def _gives_back(store: Store, batches: Sequence[Batch]) -> None:
    expected = expected_contents(batches)
    for name, want, have in zip(_PARTS, expected, contents(store), strict=True):
        _require(have == want, f"{name} come back otherwise than they were committed", name)
    entries: list[Entry] = [entry for batch in batches for entry in batch.entries]
    _require(list(store.tail(5, 3)) == entries[5:8], "the tail from a seq is not that part of the journal", "tail")
    _require(store.last_clock_us() == entries[-1].clock_us, "the last clock is another", "last_clock_us")
    _gives_back_by_id(store, batches[-1])
    _sorts_cases(store)


_PARTS = ("last_seq", "entries", "decisions", "alerts", "cases", "announcements")


def expected_contents(batches: Sequence[Batch]) -> tuple[Any, ...]:
    """Return what `contents` must be after these batches."""
    last = {case.number: case for batch in batches for case in batch.cases}
    return (
        batches[-1].entries[-1].seq,
        tuple(entry for batch in batches for entry in batch.entries),
        tuple(decision for batch in batches for decision in batch.decisions),
        tuple(alert for batch in batches for alert in batch.alerts),
        tuple(sorted(last.values(), key=lambda case: (case.opened_us, case.number))),
        tuple(each for batch in batches for each in batch.announcements),
    )


def _gives_back_by_id(store: Store, batch: Batch) -> None:
    alert, decision = batch.alerts[-1], batch.decisions[-1]
    _require(store.payment(alert.tx_id) == alert.payment, "a payment is not found by its id", "payment")
    _require(store.decision(decision.tx_id) == decision, "a decision is not found by its id", "decision")
    _require(store.alert(alert.tx_id) == alert, "an alert is not found by its id", "alert")
    case = store.case_of(alert.tx_id)
    held = case is not None and alert.tx_id in {row.tx_id for row in case.alerts}
    _require(held, "the case of an alert is not found", "case_of")
    _require(case is not None and store.case(case.id) == case, "a case is not found by its id", "case")
    ids = ("no", alert.tx_id, "none")
    _require(store.known("payment", ids) == {alert.tx_id}, "which ids are known is wrong", "known")
    nothing = (store.payment("no"), store.decision("no"), store.alert("no"), store.case("C-999999"), store.case("no"))
    _require(not any(nothing), "something is found under an id that was never given", "ids")
    _require(decision.tx_id in store.similar_ids(decision.tx_id + "~"), "a near id is not suggested", "similar_ids")


def _sorts_cases(store: Store) -> None:
    every = store.cases(order="age")
    risk = sorted(every, key=lambda c: (c.rank_score is None, -(c.rank_score or 0), c.number))
    _require(list(store.cases(order="risk")) == risk, "cases by risk are in another order", "cases")
    value = sorted(every, key=lambda c: (-c.value_minor, c.number))
    _require(list(store.cases(order="value", limit=2, offset=1)) == value[1:3], "a page of cases is wrong", "cases")
    urgent = most_urgent(every, store.last_clock_us())
    page = store.cases(order="urgency", offset=1, limit=2)
    _require(page == urgent[1:3], "cases by urgency are in another order", "cases")
    opened = [case for case in every if case.state == "open"]
    _require(list(store.cases("open", order="age")) == opened, "cases of a state are others", "cases")
    _require(store.count_cases("open") == len(opened), "the count of cases of a state is wrong", "count_cases")


class _Broken(Sequence[T]):
    """A sequence that fails after its first elements, as a process does that dies in the middle."""

    def __init__(self, whole: Sequence[T], sound: int) -> None:
        self._whole, self._sound = whole, sound

    def __len__(self) -> int:
        return len(self._whole)

    def __getitem__(self, index: Any) -> Any:
        return self._whole[index]

    def __iter__(self) -> Iterator[T]:
        yield from self._whole[: self._sound]
        raise InterruptedError("stopped in the middle of a commit")


def _is_whole_or_not_at_all(store: Store, batch: Batch) -> None:
    before = contents(store)
    for part in ("decisions", "alerts", "cases", "announcements"):
        whole: Sequence[Decision | Alert | Case | Announcement] = getattr(batch, part)
        for sound in (0, len(whole) - 1):
            try:
                store.commit(msgspec.structs.replace(batch, **{part: _Broken(whole, sound)}))
            except (InterruptedError, HeadgateError):
                pass
            else:
                raise _broken("a commit that was stopped in the middle reported success", part)
            _require(contents(store) == before, "a commit that was stopped in the middle left something", part)


def _refuses_what_does_not_follow(store: Store, batch: Batch) -> None:
    before = contents(store)
    _require(len(batch.entries) > 2, "the journal is too short for this law", "entries")
    gap = Batch(entries=batch.entries[1:])
    _must_raise(OrderError, lambda: store.commit(gap), "entries after a gap were taken")
    swapped = Batch(entries=[batch.entries[0], batch.entries[2], batch.entries[1]])
    _must_raise(OrderError, lambda: store.commit(swapped), "entries out of order were taken")
    _require(contents(store) == before, "a refused batch left something", "commit")


def _takes_a_repetition_once(store: Store, batch: Batch) -> None:
    before = contents(store)
    store.commit(batch)
    _require(contents(store) == before, "a batch that was committed twice changed something", "commit")
    first = msgspec.structs.replace(batch.entries[0], clock_us=batch.entries[0].clock_us + 1)
    other = msgspec.structs.replace(batch, entries=[first, *batch.entries[1:]])
    _must_raise(ConflictError, lambda: store.commit(other), "other entries took the place of committed ones")
    _require(contents(store) == before, "a conflicting batch changed something", "commit")


def _remembers_who_heard(store: Store) -> None:
    every = list(store.announcements())
    first, second = every[:2]
    _require(
        list(store.announcements(_place(first), 1)) == [second], "a page of announcements is wrong", "announcements"
    )
    about = tuple(each for each in every if each.subject == first.subject)
    _require(store.announcements_about(first.subject) == about, "what is about a payment", "announcements_about")
    _require(store.announcements_about("nothing") == (), "something is about nothing", "announcements_about")
    _require(store.heard("s") == (-1, -1), "a new subscriber has heard something", "heard")
    letter = DeadLetter(subscriber="s", announcement=second, attempts=3, last_error="refused", clock_us=9)
    store.note_heard("s", _place(first))
    store.note_heard("s", _place(second), letter)
    _require(store.heard("s") == _place(second), "how far a subscriber has heard is not kept", "heard")
    _require(store.dead_letters() == store.dead_letters("s") == (letter,), "a dead letter is not kept", "dead_letters")
    _require(store.dead_letters("t") == (), "a dead letter is another subscriber's too", "dead_letters")
    store.remove_dead_letter("s", _place(second))
    _must_raise(NotFoundError, lambda: store.remove_dead_letter("s", _place(second)), "a letter was taken twice")
    gone = sum(each.clock_us <= second.clock_us for each in every)
    _require(store.forget_announcements(second.clock_us) == gone, "others were forgotten", "forget_announcements")
    _require(list(store.announcements()) == every[gone:], "others were forgotten", "forget_announcements")


def _place(announcement: Announcement) -> tuple[int, int]:
    return announcement.seq, announcement.place


def _keeps_users(store: Store) -> None:
    ana = User(name="ana", role="analyst", password_hash=_HASH, created_us=5)
    store.add_user(ana)
    _must_raise(ConflictError, lambda: store.add_user(ana), "a user was added twice")
    changed = msgspec.structs.replace(ana, role="auditor", disabled=True)
    store.replace_user(changed)
    _require(store.user("ana") == changed and store.users() == (changed,), "a changed user is not kept", "users")
    nobody = msgspec.structs.replace(ana, name="bob")
    _must_raise(NotFoundError, lambda: store.replace_user(nobody), "a user who is not there was changed")
    _keeps_logins(store)
    _keeps_keys(store)


def _keeps_logins(store: Store) -> None:
    session = WebSession(token_hash=_HASH, user="ana", created_us=5, expires_us=10)
    store.add_web_session(session)
    _require(store.web_session(_HASH, 9) == session, "a login is not kept", "web_sessions")
    _require(store.web_session(_HASH, 10) is None, "a login outlives its time", "web_sessions")
    store.end_web_sessions_of("ana")
    _require(store.web_session(_HASH, 9) is None, "a login survives its end", "web_sessions")
    store.add_web_session(session)
    store.end_web_session(_HASH)
    _require(store.web_session(_HASH, 9) is None, "a login survives its end", "web_sessions")
    for clock_us in (1, 2, 3):
        store.note_login_failure("ana", clock_us)
    _require(store.login_failures("ana", 1) == 2, "wrong passwords are counted wrongly", "login_attempts")
    store.clear_login_failures("ana")
    _require(store.login_failures("ana", 0) == 0, "wrong passwords are not forgotten", "login_attempts")


def _keeps_keys(store: Store) -> None:
    key = ApiKey(key_hash="k", name="core", role="engineer", created_us=5, scopes=("a", "b"), expires_us=9)
    store.add_api_key(key)
    _require(store.api_key("k") == key and store.api_keys() == (key,), "a key is not kept", "api_keys")
    again = msgspec.structs.replace(key, key_hash="other")
    _must_raise(ConflictError, lambda: store.add_api_key(again), "two keys have one name")
    store.disable_api_key("core")
    _require(store.api_key("k") is None, "a disabled key is still good", "api_keys")
    _must_raise(NotFoundError, lambda: store.disable_api_key("none"), "a key that is not there was disabled")
