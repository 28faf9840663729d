"""The bank's counter: dresses bare payments for everybody alike and notes what happens around them.

Channel, rail, authentication, device, sessions, declined attempts and returns come from here, by the same
tables for habits, schemes and twins. It holds what a bank would know: saved payees and recent devices.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from headgate.drivers.simulation.context import Today
from headgate.drivers.simulation.draws import Bools, Floats, Ints, as_people_write
from headgate.drivers.simulation.flow import Flow, joined
from headgate.drivers.simulation.forms import AUTHENTICATIONS, CHANNELS, NONE, RAILS, Form
from headgate.drivers.simulation.population import Population, Role
from headgate.drivers.simulation.stage import Happening
from headgate.limits import US_PER_DAY, US_PER_HOUR, US_PER_SECOND

_RECENT_US: Final = 72 * US_PER_HOUR
_NEVER: Final = -(2**62)
_DECLINE_SHARE = np.array([0.012, 0.025, 0.01, 0.0, 0.02, 0.004, 0.012, 0.0, 0.01, 0.0])
_RETURN_SHARE = np.array([0.002, 0.006, 0.0, 0.0, 0.004, 0.002, 0.01, 0.003, 0.004, 0.0])
_NEW_PHONE_RATE, _NEW_SIM_RATE, _LIMIT_RATE, _LOOK_RATE = 1 / 500, 1 / 2500, 1 / 350, 0.12
EVENTS = ("login", "payee_added", "device_changed", "limit_changed")


@dataclass(frozen=True)
class Dressed:
    """A day's payments, ordered by time, with the codes of their columns (-1 is null)."""

    flow: Flow
    channel: Ints
    rail: Ints
    authentication: Ints
    category: Ints
    remittance: Ints
    sim_swapped: Ints
    device_new: Ints
    remote_access: Ints
    returned_us: Ints  # time of return, or -1


@dataclass(frozen=True)
class Sessions:
    """A day's session events, ordered by time; `event` is a number of EVENTS."""

    ts_us: Ints
    account: Ints
    event: Ints


class Counter:
    """Dresses one day after the other. `foreign` rates are values of one unit in home currency."""

    def __init__(self, population: Population) -> None:
        accounts = len(population.role)
        self._accounts = accounts
        self._saved = _saved_payees(population)
        self._added: set[int] = set()
        self._device_us = np.full(accounts, _NEVER)
        self._sim_us = np.full(accounts, _NEVER)

    def serve(self, today: Today, bare: Flow, happenings: list[Happening], rates: Ints) -> tuple[Dressed, Sessions]:
        """Return the day's payments as the bank records them, and the session events around them."""
        flow = _with_declined_attempts(today, _in_currency(today, bare, rates))
        flow = flow.take(np.lexsort((flow.amount, flow.payee, flow.payer, flow.ts_us)))
        around = self._phones_and_limits(today, happenings)
        dressed = self._dress(today, flow)
        return dressed, self._sessions(today, dressed, around)

    def _phones_and_limits(self, today: Today, planned: list[Happening]) -> list[tuple[Ints, Ints, int]]:
        """Draw honest new phones, SIM cards and limits, join the planned ones, and remember them."""
        out = []
        for name, rate in (
            ("device_changed", _NEW_PHONE_RATE),
            ("limit_changed", _LIMIT_RATE),
            ("sim_swapped", _NEW_SIM_RATE),
        ):
            honest = today.chance(today.active, rate)
            times = today.calendar.times(today.rng, today.day, "online", len(honest))
            mine = [h for h in planned if h.event == name]
            account = np.concatenate([honest, np.array([h.account for h in mine], dtype=np.int64)])
            when = np.concatenate([times, np.array([h.ts_us for h in mine], dtype=np.int64)])
            if name == "device_changed":
                self._device_us[account] = when
            if name == "sim_swapped":
                self._sim_us[account] = when
            else:
                out.append((when, account, EVENTS.index(name)))
        return out

    def _dress(self, today: Today, flow: Flow) -> Dressed:
        rng, people = today.rng, today.population
        size = len(flow)
        ours = people.ours[flow.payer]
        lot = rng.random((6, size))
        channel, rail = _channel_and_rail(today, flow, lot[0], lot[1])
        channel = np.where(~ours & np.isin(flow.form, _FAR_FORMS), CHANNELS.index("inbound"), channel)
        online = ours & np.isin(channel, (CHANNELS.index("mobile"), CHANNELS.index("web")))
        consent = online & (people.party[flow.payer] % 5 != 0)
        card = np.isin(flow.form, (Form.SHOP, Form.ONLINE_SHOP))
        category = np.where(
            card, np.where(people.shop_category[flow.payee] < 0, 9, people.shop_category[flow.payee]), NONE
        )
        plain = card | np.isin(flow.form, (Form.WITHDRAWAL, Form.DEPOSIT))
        returned = (lot[4] < _RETURN_SHARE[flow.form]) & (flow.declined == 0)
        delay = (0.3 + 4.0 * lot[5]) * US_PER_DAY
        return Dressed(
            flow=flow,
            channel=channel,
            rail=rail,
            authentication=np.where(ours, _authentication(flow.form, channel, lot[2]), NONE),
            category=category,
            remittance=np.where(plain, NONE, flow.remittance),
            sim_swapped=_known(consent, _recent(self._sim_us, flow)),
            device_new=_known(consent, _recent(self._device_us, flow)),
            remote_access=_known(consent, (flow.remote == 1) | (lot[3] < 0.003)),
            returned_us=np.where(returned, flow.ts_us + delay.astype(np.int64) // 1000 * 1000, NONE),
        )

    def _sessions(self, today: Today, dressed: Dressed, around: list[tuple[Ints, Ints, int]]) -> Sessions:
        rng, flow = today.rng, dressed.flow
        online = today.population.ours[flow.payer] & np.isin(
            dressed.channel, (CHANNELS.index("mobile"), CHANNELS.index("web"))
        )
        rows = np.flatnonzero(online)
        logged = rows[rng.random(len(rows)) < 0.85]
        login = flow.ts_us[logged] - (rng.uniform(0.5, 9, len(logged)) * 60 * US_PER_SECOND).astype(np.int64)
        looks = today.chance(today.active, _LOOK_RATE)
        new = rows[self._is_new_payee(flow.take(rows))]
        ahead = np.where(rng.random(len(new)) < 0.8, rng.uniform(0.4, 12, len(new)), rng.uniform(12, 600, len(new)))
        added = flow.ts_us[new] - (ahead * 60 * US_PER_SECOND).astype(np.int64)
        parts = [
            (login, flow.payer[logged], 0),
            (today.calendar.times(rng, today.day, "online", len(looks)), looks, 0),
            (added, flow.payer[new], 1),
            *around,
        ]
        ts = np.concatenate([when for when, _, _ in parts]) // 1000 * 1000
        account = np.concatenate([who for _, who, _ in parts])
        event = np.concatenate([np.full(len(who), what) for _, who, what in parts])
        ts = np.maximum(ts, today.calendar.day_start_us(today.day))
        order = np.lexsort((event, account, ts))
        return Sessions(ts[order], account[order], event[order])

    def _is_new_payee(self, flow: Flow) -> Bools:
        """Over online payments in time order: whether this pair was never saved before; saves it."""
        keys = flow.payer * self._accounts + flow.payee
        at = np.minimum(np.searchsorted(self._saved, keys), len(self._saved) - 1)
        new = self._saved[at] != keys
        for row in np.flatnonzero(new).tolist():
            key = int(keys[row])
            if key in self._added:
                new[row] = False
            else:
                self._added.add(key)
        return np.asarray(new)


_FAR_FORMS = (Form.ONLINE, Form.STANDING, Form.BATCH, Form.OFFICE)


def _saved_payees(people: Population) -> Ints:
    """Pairs (payer * accounts + payee) that customers saved before the span begins."""
    accounts, person = len(people.role), np.arange(people.people)
    friend_of = np.repeat(person, people.friends.shape[1])
    friend = people.friends.ravel()
    firm_of = np.repeat(people.firms, people.suppliers.shape[1])
    small = np.concatenate([people.of(Role.TRADER), people.of(Role.SHOP)])
    owner = small * 13 % people.people
    pairs = [
        (friend_of, friend),
        (friend, friend_of),
        (firm_of, people.suppliers.ravel()),
        (small, owner),
        (owner, small),
    ]
    for other in (people.savings, people.joint, people.landlord):
        has = other >= 0
        pairs += [(person[has], other[has]), (other[has], person[has])]
    return np.unique(np.concatenate([payer * accounts + payee for payer, payee in pairs]))


def _in_currency(today: Today, flow: Flow, rates: Ints) -> Flow:
    """Turn amounts of foreign payments into their currency; `rates` are millionths of home currency."""
    foreign = flow.currency > 0
    rate = np.where(foreign, rates[flow.currency], 1_000_000)
    there = np.maximum(np.rint(flow.amount * (1_000_000 / rate)), 100).astype(np.int64)
    amount = np.where(foreign, as_people_write(today.rng, there), flow.amount)
    return flow.replaced(amount=amount, ts_us=flow.ts_us // 1000 * 1000)


def _with_declined_attempts(today: Today, flow: Flow) -> Flow:
    """Some payments are declined at first and tried again within minutes."""
    failed = today.rng.random(len(flow)) < _DECLINE_SHARE[flow.form]
    attempt = flow.take(failed & (flow.declined == 0))
    earlier = attempt.ts_us - today.rng.integers(12_000, 400_000, len(attempt)) * 1000
    earlier = np.maximum(earlier, today.calendar.day_start_us(today.day))
    return joined([flow, attempt.replaced(ts_us=earlier, declined=np.ones(len(attempt), dtype=np.int64))])


def _channel_and_rail(today: Today, flow: Flow, lot: Floats, other: Floats) -> tuple[Ints, Ints]:
    name, rail_of = CHANNELS.index, RAILS.index
    by_form = np.array(
        [
            name(c)
            for c in (
                "card_present",
                "card_online",
                "atm",
                "atm",
                "mobile",
                "standing_order",
                "direct_debit",
                "batch",
                "web",
                "batch",
            )
        ]
    )
    rails = np.array(
        [
            rail_of(r)
            for r in (
                "card",
                "card",
                "cash",
                "cash",
                "transfer",
                "transfer",
                "direct_debit",
                "transfer",
                "transfer",
                "card",
            )
        ]
    )
    channel, rail = by_form[flow.form], rails[flow.form]
    likes_web = (today.population.party[flow.payer] * 7919 % 100) / 100 < today.world.web_share
    online = flow.form == Form.ONLINE
    channel = np.where(online & (likes_web ^ (lot < 0.12)), name("web"), channel)
    channel = np.where((online & (lot > 0.97)) | ((flow.form == Form.DEPOSIT) & (lot > 0.7)), name("branch"), channel)
    quick = (online & (other < today.world.instant_share)) | ((flow.form == Form.OFFICE) & (other < 0.2))
    return channel, np.where(quick & (channel != name("branch")), rail_of("instant"), rail)


def _authentication(form: Ints, channel: Ints, lot: Floats) -> Ints:
    name = AUTHENTICATIONS.index
    usual = np.array(
        [
            name(a)
            for a in (
                "contactless",
                "three_d_secure",
                "pin",
                "pin",
                "app",
                "mandate",
                "mandate",
                "signature",
                "app",
                "mandate",
            )
        ]
    )
    rarer = np.array(
        [
            name(a)
            for a in (
                "pin",
                "sms_code",
                "pin",
                "pin",
                "sms_code",
                "mandate",
                "mandate",
                "signature",
                "signature",
                "mandate",
            )
        ]
    )
    chosen = np.where(lot < 0.72, usual[form], rarer[form])
    return np.where(channel == CHANNELS.index("branch"), name("signature"), chosen)


def _recent(since_us: Ints, flow: Flow) -> Bools:
    ago = flow.ts_us - since_us[flow.payer]
    return np.asarray((ago >= 0) & (ago < _RECENT_US))


def _known(consent: Bools, value: Bools) -> Ints:
    return np.where(consent, value.astype(np.int64), NONE)
