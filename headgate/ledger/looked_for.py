"""The standing report: what stands out in a log about the use of the system, each rule with its numbers.

A rule looks at entries and names the entries that it means by their numbers. It judges uses, never people: nothing is
added up into a score of anybody, and a finding is a question to ask, not an answer.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, tzinfo
from statistics import median
from typing import Any, Final, NamedTuple

import msgspec

from headgate.limits import US_PER_DAY, US_PER_HOUR

LOOKS: Final = ("reveal", "account_read")


class Bounds(msgspec.Struct, frozen=True, kw_only=True):
    """The adopter's bounds. Hours are [first, last) in the zone; weekdays: 0 Monday … 6 Sunday."""

    first_hour: int = 7
    last_hour: int = 20
    weekdays: tuple[int, ...] = (0, 1, 2, 3, 4)
    peers_times: int = 3
    looks_a_day: int = 20
    decision_days: int = 30
    back_days: int = 7
    silent_hours: int = 24


class Noted(NamedTuple):
    """An entry as the rules see it: its number, kind, time (microseconds UTC) and fields."""

    number: int
    kind: str
    at_us: int
    fields: dict[str, Any]

    def says(self, name: str) -> Any:
        """Return what a field says; an empty text where the entry lacks it."""
        return self.fields.get(name, "")


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """What a rule found: a sentence with its numbers, and the numbers of the entries that it means."""

    rule: str
    sentence: str
    entries: tuple[int, ...]


class Scene(NamedTuple):
    """What the rules look at."""

    entries: Sequence[Noted]
    bounds: Bounds
    zone: tzinfo = UTC

    def local(self, at_us: int) -> datetime:
        """Return a time in the adopter's zone."""
        return datetime.fromtimestamp(at_us / 1e6, self.zone)

    @property
    def end_us(self) -> int:
        """The time of the last entry."""
        return self.entries[-1].at_us if self.entries else 0


def look_more_than_peers(scene: Scene) -> Iterator[Finding]:
    """On one day a user looked at more accounts and names than the bound, and than so many times the peers' median."""
    days: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    for each in scene.entries:
        if each.kind in LOOKS:
            days[f"{scene.local(each.at_us):%Y-%m-%d}"][each.says("person")].append(each.number)
    busiest = {
        person: max(len(people.get(person, ())) for people in days.values())
        for person in {person for people in days.values() for person in people}
    }
    for day, people in days.items():
        for person, numbers in people.items():
            peers = [count for other, count in busiest.items() if other != person]
            usual = median(peers) if peers else 0
            if len(numbers) > max(scene.bounds.looks_a_day, scene.bounds.peers_times * usual):
                yield Finding(
                    rule="looks_more_than_peers",
                    sentence=f"{person} looked {len(numbers)} times on {day}; the median of the busiest days of "
                    f"{len(peers)} others is {usual:g}",
                    entries=tuple(numbers),
                )


def reveal_without_decision(scene: Scene) -> Iterator[Finding]:
    """A name was revealed without a case, or no decision on the case followed within the bound of days."""
    decided: dict[str, list[int]] = defaultdict(list)
    for each in scene.entries:
        if each.kind == "case_decided":
            decided[each.says("case")].append(each.at_us)
    within = scene.bounds.decision_days * US_PER_DAY
    for each in (each for each in scene.entries if each.kind == "reveal"):
        if not each.says("case"):
            yield _one("reveal_without_decision", f"{each.says('person')} revealed a name without naming a case", each)
        elif each.at_us + within <= scene.end_us and not any(
            each.at_us <= at <= each.at_us + within for at in decided[each.says("case")]
        ):
            who, days = each.says("person"), scene.bounds.decision_days
            told = f"{who} revealed a name in {each.says('case')}; no decision on it followed within {days} days"
            yield _one("reveal_without_decision", told, each)


def changed_back(scene: Scene) -> Iterator[Finding]:
    """What decides was changed, and changed back to what it was within the bound of days."""
    last: dict[tuple[str, str], list[Noted]] = defaultdict(list)
    for each in scene.entries:
        if each.kind.endswith("_changed") and each.kind != "list_changed":
            earlier = last[each.kind, each.says("name")]
            for first in reversed(earlier):
                if each.at_us - first.at_us > scene.bounds.back_days * US_PER_DAY:
                    break
                if first.says("before") == each.says("after") != first.says("after"):
                    hours = (each.at_us - first.at_us) / US_PER_HOUR
                    by, back, name = first.says("person"), each.says("person"), each.says("name") or each.kind
                    told = f"{by} changed {name} and {back} changed it back {hours:.1f} hours later"
                    yield Finding(rule="changed_back", sentence=told, entries=(first.number, each.number))
                    break
            earlier.append(each)


def looks_out_of_hours(scene: Scene) -> Iterator[Finding]:
    """A user looked at accounts or names outside the working hours, by the adopter's time zone."""
    found: dict[tuple[str, str], list[int]] = defaultdict(list)
    for each in scene.entries:
        if each.kind in LOOKS:
            local = scene.local(each.at_us)
            open_ = scene.bounds.first_hour <= local.hour < scene.bounds.last_hour
            if not open_ or local.weekday() not in scene.bounds.weekdays:
                found[each.says("person"), f"{local:%Y-%m-%d}"].append(each.number)
    for (person, day), numbers in found.items():
        told = f"{person} looked {len(numbers)} times outside working hours on {day}"
        yield Finding(rule="looks_out_of_hours", sentence=told, entries=tuple(numbers))


def decided_alone(scene: Scene) -> Iterator[Finding]:
    """The person who did something also approved it."""
    for each in scene.entries:
        if each.says("approved_by") and each.says("approved_by") == each.says("person"):
            yield _one("decided_alone", f"{each.says('person')} approved what they did themselves ({each.kind})", each)


def refused(scene: Scene) -> Iterator[Finding]:
    """The service could not decide for a while, and callers used their own fallback."""
    for each in scene.entries:
        if each.kind == "refused":
            seconds = (each.says("until_us") - each.says("from_us")) / 1e6
            told = f"The service refused {each.says('requests')} requests in {seconds:.0f} seconds"
            yield _one("refused", told, each)


def silent(scene: Scene) -> Iterator[Finding]:
    """Nothing was logged for more than the bound of hours, though the log was open."""
    for before, after in zip(scene.entries, scene.entries[1:], strict=False):
        hours = (after.at_us - before.at_us) / US_PER_HOUR
        if before.kind != "log_closed" and hours > scene.bounds.silent_hours:
            told = f"Nothing was logged for {hours:.0f} hours while the log was open"
            yield Finding(rule="silent", sentence=told, entries=(before.number, after.number))


def opened_and_closed(scene: Scene) -> Iterator[Finding]:
    """The log was opened again without having been closed, closed twice, or written to while it was closed."""
    state: Noted | None = None
    for each in scene.entries:
        if each.kind == "log_opened" and state is not None and state.kind == "log_opened":
            told = "The service started again without having stopped in order before (a crash, or a second writer)"
            yield Finding(rule="opened_and_closed", sentence=told, entries=(state.number, each.number))
        elif each.kind != "log_opened" and (state is None or state.kind == "log_closed"):
            told = f"An entry of kind {each.kind} stands in the log while it was not open"
            yield _one("opened_and_closed", told, each)
        if each.kind in ("log_opened", "log_closed"):
            state = each


RULES: Final[tuple[Callable[[Scene], Iterator[Finding]], ...]] = (
    look_more_than_peers, reveal_without_decision, changed_back, looks_out_of_hours, decided_alone, refused, silent,
    opened_and_closed,
)  # fmt: skip


def findings(scene: Scene) -> tuple[Finding, ...]:
    """Return what every rule finds, rule by rule, in the order of the log."""
    return tuple(finding for rule in RULES for finding in rule(scene))


def noted(number: int, fields: dict[str, Any]) -> Noted:
    """Return an entry as the rules see it."""
    return Noted(number, str(fields.get("kind", "")), int(fields.get("at_us", 0)), fields)


def _one(rule: str, sentence: str, entry: Noted) -> Finding:
    return Finding(rule=rule, sentence=sentence, entries=(entry.number,))
