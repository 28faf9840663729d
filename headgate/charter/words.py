"""How a field name is read: cut into words, and looked up as phrases.

A name enters as text and leaves as words or as a yes or no. Letters are never matched inside a word, so `package`
holds no `age`; nothing here knows what is refused.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

_RUNS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+")
_CHOICES = re.compile(r"\{([^{}]+)\}")
_SIBILANT = re.compile(r"(?:ss|x|ch|sh)es$")


def _singular(word: str) -> str:
    """Return a plural's singular, roughly; phrases and names go through it alike, so that both meet."""
    if len(word) <= 3 or word.endswith(("ss", "us", "is")):
        return word
    if word.endswith(("ies", "ie")):
        return word.removesuffix("s")[:-2] + "y"
    if _SIBILANT.search(word):
        return word[:-2]
    return word.removesuffix("s")


def words_of(name: str) -> tuple[str, ...]:
    """Return the words of a name: camelCase, snake_case, digits and accents apart, lower case, singular."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", name) if not unicodedata.combining(c))
    plain = plain.replace("ß", "ss")
    return tuple(_singular(run.lower()) for run in _RUNS.findall(plain))


class Persons:
    """The words that stand for a person, and names in which such a word is glued to the next."""

    def __init__(self, words: Iterable[str]) -> None:
        self.words = tuple(sorted(words, key=len, reverse=True))
        self.pattern = "(?:" + "|".join(self.words) + ")"
        self._glued = re.compile(f"^({self.pattern})([a-z]{{2,}})$")

    def readings(self, name: str) -> tuple[str, ...]:
        """Return the ways to read a name as words between spaces: as written, and with glued words cut."""
        words = words_of(name)
        cut = [part for word in words for part in self._cut(word)]
        return tuple(dict.fromkeys((" ".join(words), " ".join(cut))))

    def _cut(self, word: str) -> tuple[str, ...]:
        found = self._glued.match(word)
        return (found[1], _singular(found[2])) if found else (word,)


def phrase_pattern(phrase: str, persons: Persons) -> re.Pattern[str]:
    """Return the compiled form of a phrase; the charter file's header describes its notation."""
    whole = phrase.startswith("=")
    parts = [_part(part, persons) for part in phrase.removeprefix("=").split()]
    body = " ?".join(parts).replace(" ?* ?", " (?:.* )?")
    return re.compile(f"^{body}$" if whole else f"(?<![^ ]){body}(?![^ ])")


def form_pattern(form: str) -> re.Pattern[str]:
    """Return what matches each whole name of a form as the grammar of facts prints it: `{payer|payee}_age_days`."""
    parts = _CHOICES.split(form)  # plain text and choices in turn
    plain = [re.escape(part) for part in parts[::2]]
    choices = ["(?:" + "|".join(re.escape(choice) for choice in part.split("|")) + ")" for part in parts[1::2]]
    return re.compile("".join(text for pair in zip(plain, [*choices, ""], strict=True) for text in pair))


def _part(part: str, persons: Persons) -> str:
    if part == "*":
        return part
    if part == "{person}":
        return persons.pattern
    return " ?".join(re.escape(word) for word in words_of(part))
