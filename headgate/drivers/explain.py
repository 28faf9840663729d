"""Explain: a decision in words, and the proof that its facts are what the journal says.

The facts are folded again by a fresh engine from the journal of the home alone: every account and rates entry before
the payment, and everything else of the 400 days before it, which is all that a fact can depend on.
Nothing of the live state is used.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from headgate.decisions.record import Decision
from headgate.drivers.home import Home
from headgate.drivers.rerun import Tick, decided_again
from headgate.drivers.rollouts import in_force_at
from headgate.drivers.rules import Rules
from headgate.errors import NotFoundError
from headgate.facts.digest import facts_digest
from headgate.facts.engine import Engine
from headgate.facts.values import FactValue
from headgate.journal.entries import Payment
from headgate.limits import PROFILE_HORIZON_US

_STANDING = pa.array(["account", "rates"])


class Explanation(msgspec.Struct, frozen=True, kw_only=True):
    """A decision and its proof. `recomputed_digest` is of the facts that the journal gives today.

    past_scores: what past scores said of the payment, by the hash of each model of two stages that judged it. They
    depend on every earlier score, so that the decisions before it are taken again for them.
    """

    payment: Payment
    decision: Decision
    recomputed_digest: str
    same_bits: bool
    facts: dict[str, FactValue]
    reference_currency: str
    past_scores: dict[str, dict[str, FactValue]] = {}


def explain(home: Home, tx_id: str, tick: Tick = lambda entries: None) -> Explanation:
    """Return the decision on a payment and its facts computed anew. Raises NotFoundError where there is none.

    tick: hears of each entry that is folded for past scores.
    """
    payment, decision = home.store.payment(tx_id), home.store.decision(tx_id)
    if payment is None or decision is None:
        raise unknown(home, tx_id, known=payment is not None)
    rules = in_force_at(payment.seq, home.blocks())
    names = home.rule_sets.facts(rules) if rules else home.settings.facts
    facts = recomputed(home, payment, names)
    staged = rules and decision.score is not None and _has_stages(home.rule_sets.get(rules))
    digest = facts_digest(names, facts)
    return Explanation(
        payment=payment,
        decision=decision,
        recomputed_digest=digest,
        same_bits=digest == decision.facts_digest,
        facts=facts,
        reference_currency=home.settings.reference_currency,
        past_scores=decided_again(home, payment, tick=tick).past if staged else {},
    )


def _has_stages(rules: Rules) -> bool:
    return any(model is not None and model.first is not None for model in (rules.model, rules.candidate))


def recomputed(home: Home, payment: Payment, names: tuple[str, ...]) -> dict[str, FactValue]:
    """Return these facts of a payment by a fresh engine from the journal of the home."""
    settings = home.settings
    engine = Engine(
        names, reference_currency=settings.reference_currency, time_zone=settings.time_zone
    )  # fmt: skip
    for block in _before(home, payment):
        engine.absorb(block)
    facts = engine.observe_one(payment)
    assert facts is not None
    return facts


def _before(home: Home, payment: Payment) -> Iterator[pa.RecordBatch]:
    for block in home.blocks():
        if block.column("seq")[0].as_py() >= payment.seq:
            return
        near = pc.greater(block.column("clock_us"), payment.clock_us - PROFILE_HORIZON_US)
        wanted = pc.or_(near, pc.is_in(block.column("kind"), value_set=_STANDING))
        kept = block.filter(pc.and_(wanted, pc.less(block.column("seq"), payment.seq)))
        if kept.num_rows:
            yield kept


def unknown(home: Home, tx_id: str, *, known: bool = False) -> NotFoundError:
    """Return the error that nothing was decided about a payment. known: whether the journal has it."""
    if known:
        return NotFoundError(
            f"Payment {tx_id!r} was only learnt from: nothing was decided about it",
            where=str(home.paths.root),
            repair="It lies in the history of the replay: name a later one, or replay with a smaller --from-share.",
        )
    return NotFoundError(
        f"There is no payment {tx_id!r}",
        where=str(home.paths.root),
        repair="Payment ids are those of the dataset; archive/decisions in the home lists those that were decided.",
    )
