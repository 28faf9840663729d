"""How far each scenario and the candidate model have come: shadow, a share of the payments, all of them.

The text of a home's `rollout.toml` enters; which parts have effect on a payment leaves. It is a pure function of the
payment's id, so a payment stays on its side for ever and a larger share only adds payments.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Iterable, Sequence
from functools import cached_property
from hashlib import blake2b
from typing import Annotated, Final, Literal, NamedTuple, TypeAlias

import msgspec
from msgspec import Meta

from headgate.errors import RolloutError, nearest
from headgate.limits import MAX_ID_CHARS, MAX_TEXT_CHARS
from headgate.scenarios.firing import Fired

StageName: TypeAlias = Literal["shadow", "share", "live"]
STAGES: Final[tuple[StageName, ...]] = ("shadow", "share", "live")
CANDIDATE: Final = "candidate"


class _Part(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    pass


class Staged(_Part, frozen=True, kw_only=True):
    """How far one part has come; `share` of the payments, above 0 and below 1, belongs to the stage `share` alone."""

    stage: StageName
    share: Annotated[float, Meta(gt=0, lt=1)] | None = None

    def includes(self, salt: str, part: str, tx_id: str) -> bool:
        """Whether the part has effect on this payment."""
        return self.stage == "live" or (self.share is not None and drawn(salt, part, tx_id) < self.share)


class Withdrawn(_Part, frozen=True, kw_only=True):
    """A model that was taken out by its hash, and why: while it is named here the scenarios decide alone."""

    model: str = ""
    why: Annotated[str, Meta(max_length=MAX_TEXT_CHARS)] = ""


class Rollout(_Part, frozen=True, kw_only=True, dict=True):
    """All stages of a home. A scenario that is not named is live; a candidate that is not named is in the shadow."""

    salt: Annotated[str, Meta(min_length=1, max_length=MAX_ID_CHARS)] = "headgate"
    scenarios: dict[str, Staged] = {}
    candidate: Staged = Staged(stage="shadow")
    withdrawn: Withdrawn = Withdrawn()

    @cached_property
    def content_hash(self) -> str:
        """sha256 (hex) of all settings in canonical order; empty where nothing is set."""
        if self == Rollout():
            return ""
        settings = msgspec.to_builtins(self)
        if self.withdrawn == Withdrawn():
            del settings["withdrawn"]  # so that what was named before there was such a setting keeps its name
        return hashlib.sha256(msgspec.json.encode(settings, order="sorted")).hexdigest()

    def has_effect(self, scenario_id: str) -> bool:
        """Whether a scenario has effect on any payment."""
        staged = self.scenarios.get(scenario_id)
        return staged is None or staged.stage != "shadow"

    def divide(self, fired: Sequence[Fired], tx_id: str) -> Divided:
        """Return what has effect on a payment, in order, and what is only recorded."""
        if not self.scenarios or not fired:
            return Divided(fired, ())
        live, aside = list[Fired](), list[Fired]()
        for each in fired:
            staged = self.scenarios.get(each.scenario_id, _LIVE)
            named = each if staged.stage == "live" else msgspec.structs.replace(each, stage=staged.stage)
            (live if staged.includes(self.salt, each.scenario_id, tx_id) else aside).append(named)
        return Divided(live, aside)

    def by_candidate(self, tx_id: str) -> bool:
        """Whether the candidate model ranks this payment."""
        return self.candidate.includes(self.salt, CANDIDATE, tx_id)

    def toml(self) -> str:
        """Return the text of a `rollout.toml` that says this."""
        rows = [f"salt = {_quoted(self.salt)}", "", "[scenarios]"]
        rows += [f"{name} = {_inline(staged)}" for name, staged in sorted(self.scenarios.items())]
        rows += ["", f"[{CANDIDATE}]", f'stage = "{self.candidate.stage}"']
        rows += [f"share = {self.candidate.share}"] if self.candidate.share is not None else []
        if self.withdrawn != Withdrawn():
            rows += [
                "",
                "[withdrawn]",
                f"model = {_quoted(self.withdrawn.model)}",
                f"why = {_quoted(self.withdrawn.why)}",
            ]
        return "\n".join(rows) + "\n"


class Divided(NamedTuple):
    """Fired scenarios with effect, and those aside."""

    live: Sequence[Fired]
    aside: Sequence[Fired]


_LIVE: Final = Staged(stage="live")


def drawn(salt: str, part: str, tx_id: str) -> float:
    """Return an even draw from [0, 1) that belongs to this part and payment for ever."""
    person = blake2b(part.encode(), digest_size=16).digest()
    digest = blake2b(tx_id.encode(), digest_size=6, key=salt.encode()[:64], person=person).digest()
    return int.from_bytes(digest, "big") / 2**48


def parse_rollout(text: str, where: str, scenario_ids: Iterable[str]) -> Rollout:
    """Return the rollout in TOML text; RolloutError says what is wrong with it, with the nearest name."""
    try:
        given = tomllib.loads(text)
        rollout = msgspec.convert(given, Rollout)
    except tomllib.TOMLDecodeError as error:
        raise RolloutError(f"The rollout is not TOML: {error}", where=where, repair="Repair that line.") from None
    except msgspec.ValidationError as error:
        raise _malformed(error, where) from None
    known = tuple(scenario_ids)
    for name, staged in (*rollout.scenarios.items(), (CANDIDATE, rollout.candidate)):
        if name not in (*known, CANDIDATE):
            raise RolloutError(
                f"There is no scenario {name!r} to roll out",
                where=where,
                repair=f"{nearest(name, known)}`headgate scenarios list` prints the ids.",
            )
        check_staged(name, staged, where)
    return rollout


def check_staged(name: str, staged: Staged, where: str) -> None:
    """Raise RolloutError unless a share is given exactly where the stage is `share`."""
    if (staged.stage == "share") != (staged.share is not None):
        raise RolloutError(
            f"{name!r} has the stage {staged.stage!r} {'without a' if staged.share is None else 'and a'} share",
            where=where,
            repair='Give a share above 0 and below 1 with stage = "share", and with no other stage.',
        )


def _malformed(error: msgspec.ValidationError, where: str) -> RolloutError:
    text = str(error)
    unknown = re.search(r"unknown field `(.+?)`", text)
    stage = re.search(r"Invalid enum value '(.+?)'", text)
    hint = nearest(unknown[1], ("salt", "scenarios", CANDIDATE, "stage", "share", "withdrawn")) if unknown else ""
    hint = nearest(stage[1], STAGES) if stage else hint
    return RolloutError(
        f"The rollout is malformed: {text.replace('$.', '')}",
        where=where,
        repair=f"{hint}A part has a stage ({', '.join(STAGES)}) and, for `share`, a share above 0 and below 1.",
    )


def _quoted(text: str) -> str:
    return msgspec.json.encode(text).decode()


def _inline(staged: Staged) -> str:
    share = "" if staged.share is None else f", share = {staged.share}"
    return f'{{stage = "{staged.stage}"{share}}}'
