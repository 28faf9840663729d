"""The charter in force: which fields may enter, which never do, and the sentence that says why.

Field names enter, sentences leave. It is asked at import, at training and when a scenario is compiled. It never sees
a value, and no file can make it allow what the packaged charter refuses.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from functools import cached_property
from importlib import resources
from pathlib import Path

import msgspec

from headgate.charter.document import Document, Refusal, overlay, parse
from headgate.charter.words import Persons, form_pattern, phrase_pattern, words_of
from headgate.errors import CharterError, FileError, RefusedFieldError, nearest


class SetApart(msgspec.Struct, frozen=True, kw_only=True):
    """A field that was found and reaches no fact: where it stood, its category and why."""

    field: str
    where: str
    category: str
    sentence: str


class _Category:
    """One refusal, ready to be asked."""

    def __init__(self, refusal: Refusal, persons: Persons) -> None:
        self.refusal = refusal
        self.words = [phrase_pattern(phrase, persons) for phrase in refusal.words]
        self.unless = [phrase_pattern(phrase, persons) for phrase in refusal.unless]
        self.facts = [form_pattern(form) for form in refusal.facts]

    def holds(self, name: str, readings: Iterable[str]) -> bool:
        """Tell whether a name, of which each reading is words between spaces, is of this category."""
        if any(form.fullmatch(name) for form in self.facts):
            return False
        return any(self._in_words(reading) for reading in readings)

    def _in_words(self, reading: str) -> bool:
        for phrase in self.unless:
            reading = re.sub(" +", " ", phrase.sub("", reading)).strip()
        return any(phrase.search(reading) for phrase in self.words)


class Charter:
    """Purposes, allowed fields and refusals. `load_charter` makes one.

    `purposes`: id -> sentence. `allowed`: table -> names. `whole`: the merged document as
    JSON, from which `charter_of` makes this charter whatever is packaged. `content_hash`: its sha256 in hex.
    """

    def __init__(self, document: Document, whole: bytes | None = None) -> None:
        self._document = document
        self.whole = whole or msgspec.json.encode(document, order="sorted")
        self._persons = Persons(document.person_words)
        self.purposes = {purpose.id: purpose.sentence for purpose in document.purpose}
        self.allowed = {table: tuple(names) for table, names in document.allow.items()}
        self.content_hash = hashlib.sha256(self.whole).hexdigest()

    @property
    def refusals(self) -> tuple[Refusal, ...]:
        """The categories that never enter, with their words and sentences."""
        return self._document.refuse

    @cached_property
    def _categories(self) -> tuple[_Category, ...]:
        return tuple(_Category(refusal, self._persons) for refusal in self.refusals)

    def is_allowed(self, field: str, table: str = "") -> bool:
        """Tell whether a field stands on the allow-list (of one table, or of any) and no refusal holds it."""
        tables = [table] if table else self.allowed
        listed = {" ".join(words_of(name)) for each in tables for name in self.allowed.get(each, ())}
        return " ".join(words_of(field)) in listed and self.refused(field, table) is None

    def refused(self, field: str, table: str = "") -> Refusal | None:
        """Return the refusal that a field falls under, None where it falls under none.

        `table` is a table of the allow-list, for instance `account`; the label columns of a dataset are refused
        except in the tables `labels`, `patterns`, `twins` and `outcome`.
        """
        readings = self._persons.readings(field)
        for category in self._categories:
            asked = table not in category.refusal.except_in
            if asked and category.holds(field, readings):
                return category.refusal
        return None

    def refusal(self, field: str, table: str = "") -> str | None:
        """Return the sentence that says why a field never enters, None where nothing refuses it."""
        refused = self.refused(field, table)
        return refused.why if refused else None

    def check(self, fields: Iterable[str], where: str, table: str = "") -> tuple[SetApart, ...]:
        """Return the fields that are refused, each with its sentence; `where` names the file, model or scenario."""
        found = ((field, self.refused(field, table)) for field in fields)
        return tuple(
            SetApart(field=field, where=where, category=refused.category, sentence=refused.why)
            for field, refused in found
            if refused
        )

    def require(self, fields: Iterable[str], where: str, table: str = "") -> None:
        """Raise RefusedFieldError for the first field that is refused."""
        for apart in self.check(fields, where, table):
            raise RefusedFieldError(
                f"The charter refuses the field {apart.field!r} ({apart.category})",
                where=where,
                repair=f"{apart.sentence} Leave the field out.",
            )

    def require_purpose(self, purpose: str) -> None:
        """Raise CharterError unless the purpose is one that the charter names."""
        if purpose not in self.purposes:
            known = tuple(self.purposes)
            raise CharterError(
                f"The charter has no purpose {purpose!r}",
                repair=f"{nearest(purpose, known)}State one of {', '.join(known)}.",
            )


def packaged_text() -> str:
    """Return the text of the packaged charter, which an adopter's own starts from."""
    return resources.files("headgate.charter").joinpath("charter.toml").read_text(encoding="utf-8")


def load_charter(path: Path | None = None) -> Charter:
    """Return the packaged charter, with an adopter's file laid over it where a path is given.

    Raises FileError where the file cannot be read, CharterError where it is malformed or would allow what the
    packaged charter refuses.
    """
    packaged = parse(packaged_text(), "charter.toml")
    if path is None:
        return Charter(packaged)
    own = parse(_read(path), str(path))
    _no_refused_names(Charter(packaged), own, str(path))
    return Charter(overlay(packaged, own, str(path)))


def charter_of(whole: bytes, where: str) -> Charter:
    """Return the charter of a whole document, under its name of then. Raises CharterError where it is none."""
    try:
        return Charter(msgspec.json.decode(whole, type=Document), whole)
    except msgspec.MsgspecError as error:
        raise CharterError(
            f"This is no charter: {error}", where=where, repair="Restore the file from a backup."
        ) from error


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise FileError(
            f"The charter cannot be read: {error}",
            where=str(path),
            repair="Give the path of a TOML file in UTF-8, or none for the packaged charter.",
        ) from error


def _no_refused_names(packaged: Charter, own: Document, where: str) -> None:
    for table, names in own.allow.items():
        if table not in packaged.allowed:
            raise CharterError(
                f"The charter allows fields of a table that does not exist: {table!r}",
                where=where,
                repair=f"{nearest(table, tuple(packaged.allowed))}The tables are {', '.join(packaged.allowed)}.",
            )
        for apart in packaged.check(names, where, table):
            raise CharterError(
                f"The charter would allow {apart.field!r}, which headgate never allows ({apart.category})",
                where=where,
                repair=f"{apart.sentence} Take it out of [allow].",
            )
