"""What past scores said of one payment, made again: only the payments of its two accounts are scored.

Blocks of the journal with their facts enter, in order; past scores leave, the same bits as in the pipeline. A model
remembers the scores that it gave since it came into force, of the history of a replay too.
"""

from __future__ import annotations

from collections.abc import Iterable

import pyarrow as pa
import pyarrow.compute as pc

from headgate.drivers.rule_sets import RuleSets
from headgate.drivers.rules import Rules
from headgate.facts.values import FactValue
from headgate.journal.entries import Payment
from headgate.journal.schema import from_block
from headgate.limits import MAX_WINDOW_US
from headgate.models.model import Model
from headgate.models.scorer import Scorer


def staged(rules: Rules) -> tuple[Model, ...]:
    """Return the models of two stages among those in force."""
    return tuple(model for model in (rules.model, rules.candidate) if model is not None and model.first is not None)


class PastAgain:
    """What models of two stages remember when a payment comes.

    named: the seq and hash of each set of rules that took effect before it, in order.
    """

    def __init__(self, payment: Payment, models: Iterable[Model], named: Iterable[tuple[int, str]], sets: RuleSets):
        self._payment = payment
        self._accounts = pa.array(sorted({payment.payer, payment.payee}))
        self._scorers = {model.content_hash: Scorer(model) for model in models}
        self._since = dict.fromkeys(self._scorers, 0)
        for place, (seq, name) in enumerate(named):
            in_force = {model.content_hash for model in staged(sets.get(name))}
            for model in set(self._scorers) - in_force:
                self._since[model] = -1
            for model in in_force & {each for each, since in self._since.items() if since < 0}:
                self._since[model] = seq if place else 0

    @property
    def facts(self) -> tuple[str, ...]:
        """The facts that the models read."""
        return tuple(name for scorer in self._scorers.values() for name in scorer.model.asked)

    def needs(self, block: pa.RecordBatch) -> bool:
        """Whether the scores of any payment of a block still count."""
        return bool(block.column("clock_us")[-1].as_py() > self._payment.clock_us - MAX_WINDOW_US)

    def learn(self, block: pa.RecordBatch, facts: pa.RecordBatch) -> None:
        """Take a block of the journal, with the facts of its payments."""
        payments = block.filter(pc.equal(block.column("kind"), "payment"))
        sides = (pc.is_in(payments.column(side), value_set=self._accounts) for side in ("payer", "payee"))
        mine = pc.or_(*sides)
        for name, scorer in self._scorers.items():
            counts = pc.and_(mine, pc.greater_equal(payments.column("seq"), self._since[name]))
            scored = [entry for entry in from_block(payments.filter(counts)) if isinstance(entry, Payment)]
            if scored:
                scorer.learn(facts.filter(counts), scored)

    def said(self) -> dict[str, dict[str, FactValue]]:
        """Return what past scores say of the payment, by the hash of each model."""
        return {name: scorer.past(self._payment) for name, scorer in self._scorers.items()}
