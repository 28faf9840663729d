"""The patterns of `patterns/` as facts: how many, how strong, and whether the search reached a limit.

Each search runs once a payment and window; its evidence is its witness.
"""

from __future__ import annotations

from collections.abc import Iterator

from headgate.facts.moment import Moment
from headgate.facts.patterns import patterns
from headgate.facts.patterns.pattern import Pattern
from headgate.facts.spec import BOOL, FLOAT, INT, SPANS, Behind, FactClass, FactSpec, Span

_READS = frozenset({"sent", "received", "pair"})


def specs() -> Iterator[FactSpec]:
    """Yield the three facts of every pattern and window of 6 hours or more."""
    for pattern in patterns().values():
        for span in SPANS[1:]:
            yield from found(pattern, span)


def found(pattern: Pattern, span: Span) -> Iterator[FactSpec]:
    """Yield count, strength and truncated of one pattern in one window."""
    name, form = f"{pattern.name}_{span.name}", f"{pattern.name}_{{w}}"
    reads = _READS | pattern.reads
    klass: FactClass = "profile" if pattern.reads else "window"

    def behind(moment: Moment) -> Behind:
        witness = moment.witness(pattern, span)
        return Behind(witness.payments, witness.truncated, witness.share_retained)

    sentence = f"{pattern.sentence.rstrip('.')}, {span.words}"
    yield FactSpec(
        name, form, f"{sentence}: how many.", "count", klass, INT, span.us,
        lambda moment: moment.found(pattern, span).count, behind, reads,
        plan=("pattern_count", pattern.name, span.us),
    )  # fmt: skip
    yield FactSpec(
        f"{name}_strength", f"{form}_strength", f"{sentence}: its strength, null where there is none.",
        "0 to 1", klass, FLOAT, span.us,
        lambda moment: moment.found(pattern, span).strength, behind, reads,
        plan=("pattern_strength", pattern.name, span.us),
    )  # fmt: skip
    yield FactSpec(
        f"{name}_truncated", f"{form}_truncated", f"{sentence}: whether the search reached a limit.",
        "yes or no", klass, BOOL, span.us,
        lambda moment: moment.found(pattern, span).truncated, behind, reads,
        plan=("pattern_truncated", pattern.name, span.us),
    )  # fmt: skip
