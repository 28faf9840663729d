"""The policy: how many cases people can read, what leads to which action, how long a payment may wait.

TOML text enters, a checked value leaves; what a file leaves out has the packaged value. It decides nothing itself.
"""

from __future__ import annotations

import hashlib
import math
import re
import tomllib
from functools import cached_property
from importlib import resources
from pathlib import Path
from typing import Annotated, Any, Literal, TypeAlias
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec
from msgspec import Meta

from headgate.errors import FileError, PolicyError, nearest
from headgate.limits import MAX_CASES_A_DAY, MAX_ID_CHARS, MAX_TEXT_CHARS
from headgate.models.watch import Bounds
from headgate.scenarios.document import Severity

Share: TypeAlias = Annotated[float, Meta(ge=0, le=1)]
Odds: TypeAlias = Annotated[float, Meta(ge=1, le=1e6)]
Seconds: TypeAlias = Annotated[int, Meta(ge=0, le=366 * 86_400)]
Days: TypeAlias = Annotated[int, Meta(ge=1, le=366)]
Name: TypeAlias = Annotated[str, Meta(min_length=1, max_length=MAX_ID_CHARS)]

SEVERITIES: tuple[Severity, ...] = ("low", "medium", "high", "critical")


class _Section(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    pass


class Budget(_Section, frozen=True, kw_only=True):
    """How much people can read. A day is a local day of `time_zone` with at least one payment."""

    cases_per_day: Annotated[float, Meta(gt=0, le=MAX_CASES_A_DAY)]
    time_zone: Name
    largest_share: Annotated[float, Meta(gt=0, le=1)]


class RankingFactors(_Section, frozen=True, kw_only=True):
    """What a fired scenario of each severity multiplies the odds of the model's score by."""

    low: Odds
    medium: Odds
    high: Odds
    critical: Odds


class ActionTable(_Section, frozen=True, kw_only=True):
    """When a payment above the line is held, when a payer below it is asked, and what is said without a scenario."""

    hold_probability: Share
    step_up_below_line: Literal["low", "medium", "high", "critical", "never"]
    step_up_sentence: Annotated[str, Meta(min_length=1, max_length=MAX_TEXT_CHARS)]


class Burden(_Section, frozen=True, kw_only=True):
    """How often the machine may ask or hold one payer."""

    interventions: Annotated[int, Meta(ge=1, le=1000)]
    days: Days


class Snooze(_Section, frozen=True, kw_only=True):
    """How long, and up to which multiple of the amount, a judgement on a false positive is remembered."""

    days: Days
    times_amount: Annotated[float, Meta(ge=1, le=1000)]


class ControlShares(_Section, frozen=True, kw_only=True):
    """Randomised samples on either side of the line."""

    below_share: Annotated[float, Meta(ge=0, le=0.5)]
    above_share: Annotated[float, Meta(ge=0, le=0.5)]
    salt: Name


class Lists(_Section, frozen=True, kw_only=True):
    """The names of the lists of accounts that the policy acts on."""

    stop: tuple[Name, ...]
    deny: tuple[Name, ...]
    allow: tuple[Name, ...]


class Legal(_Section, frozen=True, kw_only=True):
    """The clock of a legal stop."""

    escalate_seconds: Annotated[int, Meta(ge=1, le=366 * 86_400)]


class Drift(_Section, frozen=True, kw_only=True):
    """When a model is no longer to be trusted, and whether the scenarios then decide alone."""

    fall_back: bool
    score_psi: Annotated[float, Meta(gt=0, le=100)]
    rate_times: Annotated[float, Meta(gt=1, le=1000)]
    calibration_times: Annotated[float, Meta(gt=1, le=1000)]
    least_payments: Annotated[int, Meta(ge=1)]
    least_outcomes: Annotated[int, Meta(ge=1)]

    @property
    def bounds(self) -> Bounds:
        """The bounds that the watch is asked about."""
        return Bounds(
            score_psi=self.score_psi,
            rate_times=self.rate_times,
            calibration_times=self.calibration_times,
            least_payments=self.least_payments,
            least_outcomes=self.least_outcomes,
        )


class Policy(_Section, frozen=True, kw_only=True, dict=True):
    """All settings of fold 2. `load_policy` makes one."""

    budget: Budget
    ranking: RankingFactors
    actions: ActionTable
    rails: dict[str, Seconds]
    burden: Burden
    snooze: Snooze
    control: ControlShares
    lists: Lists
    legal: Legal
    drift: Drift

    @cached_property
    def whole(self) -> bytes:
        """All settings as canonical JSON, from which `policy_of` makes this policy whatever is packaged."""
        return msgspec.json.encode(self, order="sorted")

    @cached_property
    def content_hash(self) -> str:
        """sha256 (hex) of `whole`."""
        return hashlib.sha256(self.whole).hexdigest()

    @cached_property
    def zone(self) -> ZoneInfo:
        """The time zone in which a day begins."""
        return ZoneInfo(self.budget.time_zone)

    @cached_property
    def log_odds(self) -> dict[str, float]:
        """What each severity adds to a margin."""
        return {severity: math.log(getattr(self.ranking, severity)) for severity in SEVERITIES}

    def longest_hold_seconds(self, rail: str) -> int:
        """Return how long a payment of this rail may wait; 0 where it cannot."""
        return self.rails.get(rail, self.rails["default"])


def packaged_text() -> str:
    """Return the text of the packaged policy, which an adopter's own starts from."""
    return resources.files("headgate.decisions").joinpath("policy.toml").read_text(encoding="utf-8")


def load_policy(path: Path | None = None) -> Policy:
    """Return the packaged policy, with an adopter's file laid over it where a path is given.

    Raises FileError where the file cannot be read, PolicyError where it is malformed or out of its bounds.
    """
    if path is None:
        return parse_policy("", "policy.toml")
    try:
        return parse_policy(path.read_text(encoding="utf-8"), str(path))
    except (OSError, UnicodeDecodeError) as error:
        raise FileError(
            f"The policy cannot be read: {error}",
            where=str(path),
            repair="Give the path of a TOML file in UTF-8, or none for the packaged policy.",
        ) from None


def policy_of(whole: bytes, where: str) -> Policy:
    """Return a policy by its `whole`; PolicyError where that is none.

    One of an older version keeps its name, although it lacks what this version can set: there the packaged value holds.
    """
    try:
        own = msgspec.json.decode(whole, type=dict[str, dict[str, Any]])
        merged = {**_overlay(tomllib.loads(packaged_text()), own, where), "rails": own["rails"]}
        policy = msgspec.convert(merged, Policy)
    except (msgspec.MsgspecError, KeyError) as error:
        raise PolicyError(f"It is no policy: {error}", where=where, repair="Restore the file from a backup.") from None
    vars(policy)["whole"] = whole
    return policy


def holds(policy: Policy, text: str) -> bool:
    """Whether a policy has every setting that a TOML text states."""
    settings = msgspec.json.decode(policy.whole)
    return all(settings[section].items() >= stated.items() for section, stated in tomllib.loads(text).items())


def parse_policy(text: str, where: str) -> Policy:
    """Return the policy of a TOML text laid over the packaged one; PolicyError says what is wrong with it."""
    packaged = tomllib.loads(packaged_text())
    try:
        own = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise PolicyError(f"The policy is not TOML: {error}", where=where, repair="Repair that line.") from None
    try:
        policy = msgspec.convert(_overlay(packaged, own, where), Policy)
    except msgspec.ValidationError as error:
        raise _out_of_bounds(error, packaged, where) from None
    _check(policy, where)
    return policy


def _overlay(packaged: dict[str, Any], own: dict[str, Any], where: str) -> dict[str, Any]:
    merged = dict(packaged)
    for section, settings in own.items():
        if section not in packaged:
            raise PolicyError(
                f"The policy has no section [{section}]",
                where=where,
                repair=f"{nearest(section, tuple(packaged))}The sections are {', '.join(packaged)}.",
            )
        if not isinstance(settings, dict):
            raise PolicyError(f"{section!r} is a section, not a value", where=where, repair=f"Write [{section}].")
        merged[section] = packaged[section] | settings
    return merged


def _out_of_bounds(error: msgspec.ValidationError, packaged: dict[str, Any], where: str) -> PolicyError:
    text = str(error)
    unknown = re.search(r"unknown field `(.+?)`", text)
    section = re.search(r"\$\.(\w+)", text)
    known = tuple(packaged[section.group(1)]) if section else ()
    hint = nearest(unknown.group(1), known) if unknown else ""
    return PolicyError(
        f"The policy is malformed: {text.replace('$.', '')}",
        where=where,
        repair=f"{hint}The bounds of each setting are in docs/reference/policy.md.",
    )


def _check(policy: Policy, where: str) -> None:
    try:
        ZoneInfo(policy.budget.time_zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise PolicyError(
            f"There is no time zone {policy.budget.time_zone!r}",
            where=where,
            repair="Use an IANA name such as Europe/Berlin in [budget] time_zone.",
        ) from None
    factors = [getattr(policy.ranking, severity) for severity in SEVERITIES]
    if factors != sorted(factors):
        raise PolicyError(
            "A lower severity counts for more than a higher one",
            where=where,
            repair="Let the factors of [ranking] rise from low to critical.",
        )
    named = (*policy.lists.stop, *policy.lists.deny, *policy.lists.allow)
    if len(named) != len(set(named)):
        raise PolicyError("A list is named twice", where=where, repair="Give each list of [lists] one meaning.")
