"""What fold 2 remembers beside scores and holds: burdens of payers, dismissals, lists of accounts.

Entries enter in the order of the journal, answers about one payment leave. Each memory has a bound of limits.py and
forgets its oldest first; nothing here is a score of anybody.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

from headgate.decisions.policy import Lists
from headgate.journal.entries import ListEntry
from headgate.limits import MAX_BURDEN_PAYERS, MAX_LISTED_ACCOUNTS, MAX_SNOOZES

MODEL_ALONE: Final = "model"  # in the place of a scenario id: what the model says of a pair


class Burdens:
    """When the machine asked or held a payer, within the last days: protects the honest from being asked forever.

    A confirmed fraud lifts the cap of that payer: then an account is being emptied.
    """

    def __init__(self, most: int, window_us: int) -> None:
        self._most = most
        self._window_us = window_us
        self._clocks: dict[str, list[int]] = {}

    def is_full(self, payer: str, clock_us: int) -> bool:
        """Whether the machine has already asked or held this payer as often as the policy allows."""
        clocks = self._clocks.get(payer)
        if clocks is None or len(clocks) < self._most:
            return False
        return clocks[-self._most] > clock_us - self._window_us

    def add(self, payer: str, clock_us: int) -> None:
        """Remember that the machine asked or held this payer."""
        clocks = self._clocks.pop(payer, [])
        self._clocks[payer] = [*clocks, clock_us][-self._most :]
        oldest = next(iter(self._clocks))
        if len(self._clocks) > MAX_BURDEN_PAYERS or self._clocks[oldest][-1] <= clock_us - self._window_us:
            del self._clocks[oldest]

    def lift(self, payer: str) -> None:
        """Forget what the machine did to this payer."""
        self._clocks.pop(payer, None)

    def state(self) -> list[Any]:
        """Return everything as plain values, in the order in which it is forgotten."""
        return [[payer, clocks] for payer, clocks in self._clocks.items()]

    def load(self, state: Iterable[Any]) -> None:
        """Take the place of burdens that `state` gave."""
        self._clocks = {payer: list(clocks) for payer, clocks in state}


class Snoozes:
    """Scenarios that a person dismissed for one payer and payee: a judgement on a false positive is remembered.

    It covers amounts up to a ceiling, so that a small honest payment does not open the way for a large one.
    """

    def __init__(self, length_us: int) -> None:
        self._length_us = length_us
        self._quiet: dict[tuple[str, str], dict[str, tuple[int, int]]] = {}  # until when, up to which amount
        self._count = 0

    def add(self, scenarios: Iterable[str], payer: str, payee: str, ceiling_minor: int, clock_us: int) -> None:
        """Keep these scenarios quiet for the pair from now on, up to an amount in reference minor units."""
        quiet = self._quiet.pop((payer, payee), {})
        self._count -= len(quiet)
        quiet = {name: given for name, given in quiet.items() if given[0] > clock_us}
        quiet |= dict.fromkeys(scenarios, (clock_us + self._length_us, ceiling_minor))
        self._quiet[payer, payee] = quiet
        self._count += len(quiet)
        while self._count > MAX_SNOOZES or self._is_over(clock_us):
            self._count -= len(self._quiet.pop(next(iter(self._quiet))))

    def of(self, payer: str, payee: str, amount_minor: int, clock_us: int) -> frozenset[str]:
        """Return the scenarios that are quiet for a payment of the pair at a clock."""
        quiet = self._quiet.get((payer, payee))
        if quiet is None:
            return frozenset()
        return frozenset(name for name, (end, most) in quiet.items() if end > clock_us and amount_minor <= most)

    def end(self, payer: str, payee: str) -> None:
        """Forget the dismissals of a pair: a fraud was confirmed on it."""
        self._count -= len(self._quiet.pop((payer, payee), ()))

    def _is_over(self, clock_us: int) -> bool:
        """Whether the oldest pair has nothing that is still quiet."""
        oldest = next(iter(self._quiet.values()), None)
        return oldest is not None and all(end <= clock_us for end, _ in oldest.values())

    def state(self) -> list[Any]:
        """Return everything as plain values, in the order in which it is forgotten."""
        return [
            [payer, payee, [[name, *given] for name, given in quiet.items()]]
            for (payer, payee), quiet in self._quiet.items()
        ]

    def load(self, state: Iterable[Any]) -> None:
        """Take the place of snoozes that `state` gave."""
        self._quiet = {
            (payer, payee): {name: (end, most) for name, end, most in quiet} for payer, payee, quiet in state
        }
        self._count = sum(map(len, self._quiet.values()))


class AccountLists:
    """Accounts on the lists of the policy, each until its expiry. An entry on a deny list needs two people."""

    def __init__(self, lists: Lists) -> None:
        self._meaning = (
            dict.fromkeys(lists.stop, "stop") | dict.fromkeys(lists.deny, "deny") | dict.fromkeys(lists.allow, "allow")
        )
        self._until: dict[str, dict[str, int | None]] = {}

    def apply(self, entry: ListEntry) -> None:
        """Let an account enter or leave a list; lists that the policy does not name are none of our business."""
        meaning = self._meaning.get(entry.list_name)
        if meaning is None:
            return
        named = self._until.setdefault(entry.account, {})
        if entry.change == "remove":
            named.pop(entry.list_name, None)
        elif meaning != "deny" or _two_people(entry):
            named[entry.list_name] = entry.expires_us
        if not named:
            del self._until[entry.account]
        if len(self._until) > MAX_LISTED_ACCOUNTS:
            self._forget_one(entry.clock_us)

    def stands_on(self, meaning: str, account: str, clock_us: int) -> bool:
        """Whether an account stands at a clock on a list with this meaning: stop, deny or allow."""
        named = self._until.get(account)
        if named is None:
            return False
        return any(
            self._meaning.get(name) == meaning and (until is None or until > clock_us) for name, until in named.items()
        )

    def standing(self, clock_us: int) -> Iterator[tuple[str, str, int | None]]:
        """Yield (list, account, expires_us) of what counts at a clock."""
        for account, named in self._until.items():
            yield from ((name, account, until) for name, until in named.items() if until is None or until > clock_us)

    def __bool__(self) -> bool:
        return bool(self._until)

    def _forget_one(self, clock_us: int) -> None:
        """Make room: an account whose entries are over, else the oldest that is on no stop list."""
        unneeded = next((a for a in self._until if not any(self.stands_on(m, a, clock_us) for m in _MEANINGS)), None)
        spare = unneeded or next((a for a in self._until if not self.stands_on("stop", a, clock_us)), None)
        if spare is not None:
            del self._until[spare]

    def state(self) -> list[Any]:
        """Return everything as plain values."""
        return [[account, named] for account, named in self._until.items()]

    def load(self, state: Iterable[Any]) -> None:
        """Take the place of lists that `state` gave."""
        self._until = {account: dict(named) for account, named in state}


_MEANINGS: Final = ("stop", "deny", "allow")


def _two_people(entry: ListEntry) -> bool:
    return bool(entry.second_actor and entry.second_actor.strip()) and entry.second_actor != entry.actor
