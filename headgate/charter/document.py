"""The charter file as values, and how an adopter's file is laid over the packaged one.

TOML text enters. A document never loses a refusal here: what is packaged stays, an adopter's file only adds to it.
"""

from __future__ import annotations

import msgspec

from headgate.errors import CharterError


class Purpose(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One purpose that headgate may be used for, with its sentence."""

    id: str
    sentence: str = ""


class Refusal(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A category of fields that never enter: phrases that name them and the sentence that says why.

    `unless` are longer phrases that mean something else; `facts` are forms of whole names of facts that the category
    leaves alone, and `except_in` tables.
    """

    category: str
    why: str = ""
    words: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    facts: tuple[str, ...] = ()
    except_in: tuple[str, ...] = ()


class Document(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A charter file: purposes, what may enter by table, and the refusals."""

    person_words: tuple[str, ...] = ()
    purpose: tuple[Purpose, ...] = ()
    allow: dict[str, tuple[str, ...]] = {}
    refuse: tuple[Refusal, ...] = ()


def parse(text: str, where: str) -> Document:
    """Return the document in TOML text; raises CharterError where it is malformed."""
    try:
        return msgspec.toml.decode(text, type=Document)
    except (msgspec.DecodeError, ValueError) as error:
        raise CharterError(
            f"The charter cannot be read: {error}",
            where=where,
            repair="Compare it with the packaged one: `headgate charter show --toml`.",
        ) from error


def overlay(packaged: Document, own: Document, where: str) -> Document:
    """Return the packaged document with an adopter's laid over it; raises CharterError where it would widen it."""
    return Document(
        person_words=_union(packaged.person_words, own.person_words),
        purpose=_purposes(packaged, own, where),
        allow={t: _union(packaged.allow.get(t, ()), names) for t, names in {**packaged.allow, **own.allow}.items()},
        refuse=_refusals(packaged, own, where),
    )


def _union(first: tuple[str, ...], second: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(first + second))


def _purposes(packaged: Document, own: Document, where: str) -> tuple[Purpose, ...]:
    known = {purpose.id: purpose for purpose in packaged.purpose}
    for purpose in own.purpose:
        if purpose.id not in known:
            raise CharterError(
                f"The charter names a purpose that headgate is not made for: {purpose.id!r}",
                where=where,
                repair=f"Keep to {', '.join(known)}; a charter may leave purposes out, not add them.",
            )
    return tuple(known[purpose.id] for purpose in own.purpose) or packaged.purpose


def _refusals(packaged: Document, own: Document, where: str) -> tuple[Refusal, ...]:
    merged = {refusal.category: refusal for refusal in packaged.refuse}
    for refusal in own.refuse:
        before = merged.get(refusal.category)
        merged[refusal.category] = _widened(before, refusal, where) if before else _complete(refusal, where)
    return tuple(merged.values())


def _widened(packaged: Refusal, own: Refusal, where: str) -> Refusal:
    """Return the packaged refusal with an adopter's further words; nothing else of it may change."""
    exempt = {
        name
        for part in ("unless", "facts", "except_in")
        for name in set(getattr(own, part)) - set(getattr(packaged, part))
    }
    if exempt:
        raise CharterError(
            f"The charter exempts {', '.join(sorted(exempt))} from the refusal of {packaged.category!r}",
            where=where,
            repair="Take the exemption out; a charter may refuse more than the packaged one, never less.",
        )
    return msgspec.structs.replace(packaged, words=_union(packaged.words, own.words))


def _complete(refusal: Refusal, where: str) -> Refusal:
    if refusal.why and refusal.words:
        return refusal
    raise CharterError(
        f"The refusal {refusal.category!r} lacks its words or the sentence that says why",
        where=where,
        repair='Give it words = ["…"] and why = "…".',
    )
