"""Mule that passes on: what a stranger sent goes straight on. Twins: a debt passed on, rent shared by a flat."""

from __future__ import annotations

from headgate.drivers.simulation.population import Role
from headgate.drivers.simulation.scheme import Scheme, Twin
from headgate.drivers.simulation.stage import Stage


def _plan(stage: Stage) -> None:
    (mule,) = stage.mules(1)
    now = stage.start_us
    for _ in range(stage.count(1, 3)):
        amount = stage.sum(500, 4000)
        now = stage.pay(now, stage.one(Role.PERSON, Role.OUT_PERSON, Role.OUT_COMPANY), mule, amount)
        payee = stage.one(Role.ABROAD, Role.OUT_PERSON, Role.PERSON)
        now = stage.pay(stage.paced(now, 0.1, 20), mule, payee, stage.part(amount, 0.88, 0.98))
        now = stage.paced(now, 5, 60)


def _passed_on(stage: Stage) -> None:
    """A debt comes back and pays another debt."""
    one, middle, other = stage.neighbours(3)
    amount = stage.sum(80, 900)
    now = stage.pay(stage.start_us, one, middle, amount)
    stage.pay(stage.after(now, 1, 70), middle, other, stage.part(amount, 0.6, 1.1))


def _shared_flat(stage: Stage) -> None:
    """Flatmates pay one of them, who pays the landlord the whole rent."""
    tenant, *mates = stage.neighbours(stage.count(2, 4))
    landlord = stage.one(Role.PERSON, Role.OUT_PERSON, Role.OUT_COMPANY)
    share = stage.sum(250, 600)
    last = stage.start_us
    for mate, when in zip(mates, stage.spread(stage.start_us, 50, len(mates)), strict=True):
        last = stage.pay(when, mate, tenant, share)
    stage.pay(stage.after(last, 1, 60), tenant, landlord, share * (len(mates) + 1))


SCHEME = Scheme(
    name="mule_out",
    scenario="mule-pass-through",
    sentence="An account passes on what a stranger sent, within hours and but for a small share.",
    plan=_plan,
    known_days=(7.0, 0.8),
    twins=(
        Twin("passed_on", "A debt that comes back pays another.", _passed_on),
        Twin("shared_flat", "Flatmates pay one of them, who pays the rent.", _shared_flat),
    ),
)
