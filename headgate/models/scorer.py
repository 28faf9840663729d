"""A model at work: its margins in the order of the journal, with what it remembers of the scores it gave.

Payments and their facts enter, margins leave. A model of one stage remembers nothing. What a model of two stages
remembers is in `facts/past_scores.py`; it ends with the model, and goes into snapshots.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pyarrow as pa

from headgate.facts.past_scores import NAMES, PastScores
from headgate.facts.values import FactValue
from headgate.journal.entries import Payment
from headgate.journal.schema import from_block
from headgate.models.calibration import Floats
from headgate.models.model import Model
from headgate.models.past import score_of


class Scorer:
    """One model and its past scores. Payments come once each, in the order of the journal."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self._past = PastScores()
        self._stages = None if model.first is None else model.stages(self._past)

    @property
    def remembers(self) -> bool:
        """Whether its margins depend on earlier payments, so that history has to be shown to it."""
        return self._stages is not None

    def judge(self, payment: Payment, facts: Mapping[str, FactValue]) -> float:
        """Return the margin of the next payment. ModelError where a fact is missing, and then nothing has changed."""
        first = self.model.first
        if first is None or self._stages is None:
            return self.model.margin_one(facts)
        try:
            return self._stages.judge(facts, payment.clock_us, payment.payer, payment.payee)
        except KeyError:
            first.margin_one(facts)  # says which, and what to do
            self.model.margin_one({**facts, **self.past(payment)})
            raise

    def said(self) -> dict[str, FactValue]:
        """Return what past scores said of the payment that was judged last; nothing where the model has one stage."""
        return {} if self._stages is None else dict(zip(NAMES, self._stages.said(), strict=True))

    def past(self, payment: Payment) -> dict[str, FactValue]:
        """Return what past scores say of the next payment, which is not judged by that; nothing with one stage."""
        if not self.remembers:
            return {}
        return dict(zip(NAMES, self._past.facts(payment.clock_us, payment.payer, payment.payee), strict=True))

    def judge_block(self, facts: pa.RecordBatch, payments: Sequence[Payment]) -> tuple[Floats, pa.Table]:
        """The same for the next payments and a row of facts for each: the same margins (rows,), bit for bit."""
        table = pa.Table.from_batches([facts])
        first = self.model.first
        if first is not None:
            scores = score_of(first.margin(facts)).tolist()
            clocks, payers, payees = ([getattr(p, name) for p in payments] for name in ("clock_us", "payer", "payee"))
            past = self._past.fold(clocks, payers, payees, scores)
            for name in NAMES:
                table = table.append_column(name, past.column(name))
        return self.model.margin(table), table

    def learn(self, facts: pa.RecordBatch, payments: Sequence[Payment]) -> None:
        """Remember the scores of payments on which nothing is decided."""
        if self.model.first is not None:
            for payment, score in zip(payments, score_of(self.model.first.margin(facts)).tolist(), strict=True):
                self._past.add(payment.clock_us, payment.payer, payment.payee, score)

    def state(self) -> bytes:
        """Return what it remembers."""
        return self._past.state()

    def load(self, state: bytes) -> None:
        """Go on from a state. Raises SnapshotError for other bytes."""
        self._past.load(state)


class Scorers:
    """The models in force, each with what it remembers; one that stays in force keeps that.

    champion, challenger: None for none. before: the models that were in force until now.
    """

    def __init__(self, champion: Model | None, challenger: Model | None, before: Scorers | None = None) -> None:
        known: dict[str, Scorer] = {} if before is None else before._by_hash
        models = (model for model in (champion, challenger) if model is not None)
        self._by_hash: dict[str, Scorer] = {
            each.content_hash: known.get(each.content_hash) or Scorer(each) for each in models
        }

    @property
    def remember(self) -> bool:
        """Whether history has to be shown to any of them."""
        return any(scorer.remembers for scorer in self._by_hash.values())

    def judge(self, payment: Payment, facts: Mapping[str, FactValue]) -> dict[str, float]:
        """Return the margin that each gives the next payment, by its hash; the champion first."""
        return {content_hash: scorer.judge(payment, facts) for content_hash, scorer in self._by_hash.items()}

    def said(self, content_hash: str) -> dict[str, FactValue]:
        """Return what the past scores of a model said of the payment that was judged last."""
        return self._by_hash[content_hash].said()

    def past(self, payment: Payment) -> dict[str, dict[str, FactValue]]:
        """Return what past scores say of the next payment, by the hash of the model that gave them."""
        return {name: scorer.past(payment) for name, scorer in self._by_hash.items() if scorer.remembers}

    def learn(self, facts: pa.RecordBatch, block: pa.RecordBatch) -> None:
        """Take a block of the journal on which nothing is decided, with the facts of its payments."""
        payments = [entry for entry in from_block(block) if isinstance(entry, Payment)]
        for scorer in self._by_hash.values():
            scorer.learn(facts, payments)

    def state(self) -> dict[str, bytes]:
        """Return what they remember, by their hashes."""
        return {name: scorer.state() for name, scorer in self._by_hash.items() if scorer.remembers}

    def load(self, states: Mapping[str, bytes]) -> None:
        """Go on from what `state` said. Raises SnapshotError for other bytes."""
        for name, state in states.items():
            self._by_hash[name].load(state)
