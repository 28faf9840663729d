"""Explain: a decision in words, and the proof that its facts are what the journal says.

The facts are folded again by a fresh engine from the journal of the home alone: every account and rates entry before
the payment, and everything else of the 400 days before it, which is all that a fact can depend on; 28 days more where
earlier payments are scored again.
Nothing of the live state is used.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from headgate.decisions.record import Decision
from headgate.drivers.home import Home
from headgate.drivers.past_again import PastAgain, staged
from headgate.drivers.rollouts import named_before
from headgate.errors import NotFoundError
from headgate.facts.digest import facts_digest
from headgate.facts.engine import Engine
from headgate.facts.values import FactValue
from headgate.journal.entries import Payment
from headgate.limits import MAX_WINDOW_US, PROFILE_HORIZON_US

_STANDING = pa.array(["account", "rates"])


class Explanation(msgspec.Struct, frozen=True, kw_only=True):
    """A decision and its proof. `recomputed_digest` is of the facts that the journal gives today.

    past_scores: what past scores said of the payment, by the hash of each model of two stages that judged it.
    """

    payment: Payment
    decision: Decision
    recomputed_digest: str
    same_bits: bool
    facts: dict[str, FactValue]
    reference_currency: str
    past_scores: dict[str, dict[str, FactValue]] = {}


def explain(home: Home, tx_id: str) -> Explanation:
    """Return the decision on a payment and its facts computed anew. Raises NotFoundError where there is none."""
    payment, decision = home.store.payment(tx_id), home.store.decision(tx_id)
    if payment is None or decision is None:
        raise unknown(home, tx_id, known=payment is not None)
    named = tuple(named_before(payment.seq, home.blocks()))
    names = home.rule_sets.facts(named[-1][1]) if named else home.settings.facts
    scored = decision.score is not None or (decision.shadow is not None and decision.shadow.score is not None)
    models = staged(home.rule_sets.get(named[-1][1])) if named and scored else ()
    past = PastAgain(payment, models, named, home.rule_sets) if models else None
    facts = recomputed(home, payment, names, past)
    digest = facts_digest(names, facts)
    return Explanation(
        payment=payment,
        decision=decision,
        recomputed_digest=digest,
        same_bits=digest == decision.facts_digest,
        facts={name: facts[name] for name in names},
        reference_currency=home.settings.reference_currency,
        past_scores=past.said() if past else {},
    )


def recomputed(
    home: Home, payment: Payment, names: tuple[str, ...], past: PastAgain | None = None
) -> Mapping[str, FactValue]:
    """Return these facts of a payment by a fresh engine from the journal of the home. past: hears of what it needs."""
    settings, asked = home.settings, () if past is None else past.facts
    engine = Engine(
        dict.fromkeys((*names, *asked)),
        reference_currency=settings.reference_currency,
        time_zone=settings.time_zone,
    )
    for block in _before(home, payment, PROFILE_HORIZON_US + (MAX_WINDOW_US if past else 0)):
        if past is not None and past.needs(block):
            past.learn(block, engine.observe(block))
        else:
            engine.absorb(block)
    facts = engine.observe_one(payment)
    assert facts is not None
    return facts


def _before(home: Home, payment: Payment, horizon_us: int) -> Iterator[pa.RecordBatch]:
    for block in home.blocks():
        if block.column("seq")[0].as_py() >= payment.seq:
            return
        near = pc.greater(block.column("clock_us"), payment.clock_us - horizon_us)
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
