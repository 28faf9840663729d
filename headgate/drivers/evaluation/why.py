"""Why a fraud scored low: the facts that spoke against it, and the strongest that spoke for it.

A model and the facts of one payment enter; three or four sentences leave, with the values that the model saw.
"""

from __future__ import annotations

from headgate.drivers.evaluation.learners import POINTS
from headgate.facts.values import FactValue
from headgate.models.encoding import FactColumn
from headgate.models.model import Model
from headgate.models.reasons import family, sentence

AGAINST = 3


def why_not(model: Model, facts: dict[str, FactValue]) -> tuple[str, ...]:
    """Return what lowered the margin of a payment most, by families of facts, and what raised it most."""
    added = model.contributions(facts)
    speakers: dict[str, tuple[float, FactColumn]] = {}
    for column in model.document.columns:
        share, name = added[column.name], family(column.name)
        if name not in speakers or abs(share) > abs(speakers[name][0]):
            speakers[name] = (share, column)
    ranked = sorted(speakers.values(), key=lambda speaker: speaker[0])
    currency = model.document.provenance.reference_currency
    against = [_told("Against", c, facts[c.name], currency) for share, c in ranked[:AGAINST] if share < 0]
    strongest = [_told("For", c, facts[c.name], currency) for share, c in ranked[-1:] if share > 0]
    return (*against, *strongest)


def _told(side: str, column: FactColumn, value: FactValue, currency: str) -> str:
    if column.name == POINTS:
        return f"{side}: the scenarios that fired gave {value:g} points."
    return f"{side}: {sentence(column, value, currency)}"
