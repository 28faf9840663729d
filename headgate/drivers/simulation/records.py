"""From the codes of a day to the rows of the dataset folder, the truth apart from what the bank sees."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pyarrow as pa

from headgate.drivers.simulation.calendar import Calendar
from headgate.drivers.simulation.context import Today
from headgate.drivers.simulation.counter import EVENTS, Dressed, Sessions
from headgate.drivers.simulation.director import Episode
from headgate.drivers.simulation.draws import Ints, stream
from headgate.drivers.simulation.forms import AUTHENTICATIONS, CATEGORIES, CHANNELS, NONE, RAILS, REMITTANCES
from headgate.drivers.simulation.labels import FINE_AFTER_US, known_at
from headgate.drivers.simulation.population import TYPE_OF_ROLE, Population, Role
from headgate.drivers.simulation.worlds import World
from headgate.drivers.simulation.writer import Writer, flags, moments, money, texts

_RECALLED = 0.3  # of the frauds that became known: the money was recalled and came back


def write_accounts(writer: Writer, world: World, population: Population, seed: int) -> None:
    """Write every account; of accounts at other banks only the country is known."""
    ours, role = population.ours, population.role
    parties = stream(seed, "ids").permutation(len(role))
    names = [f"party-{number:07d}" for number in parties.tolist()]
    types = [TYPE_OF_ROLE.get(Role(r), "business") for r in range(len(Role))]
    order = np.argsort(np.array(population.ids))
    party = np.where(ours & (role != Role.CASH), population.party, NONE)
    columns = [
        pa.array(population.ids).take(pa.array(order)),
        texts(names, party[order]),
        moments(np.where(ours, population.opened_us, NONE)[order]),
        texts(types, np.where(ours, role, NONE)[order]),
        texts([world.home_country, *world.countries], population.country[order]),
    ]
    writer.add("accounts", columns)


def write_rates(writer: Writer, world: World, calendar: Calendar, day: int, rates: Ints) -> None:
    """Write the day's rates, valid from its first microsecond."""
    names = [name for name, _ in world.foreign]
    when = moments(np.full(len(names), calendar.day_start_us(day)))
    values = [f"{value // 1_000_000}.{value % 1_000_000:06d}" for value in rates[1:].tolist()]
    writer.add("rates", [when, pa.array([world.home_currency] * len(names)), pa.array(names), pa.array(values)])


def write_sessions(writer: Writer, population: Population, sessions: Sessions) -> None:
    """Write the day's session events; ids count up in time order."""
    first = writer.rows["sessions"]
    ids = pa.array([f"s{number:09d}" for number in range(first, first + len(sessions.ts_us))], pa.string())
    columns = [ids, moments(sessions.ts_us), texts(population.ids, sessions.account), texts(EVENTS, sessions.event)]
    writer.add("sessions", columns)


def write_payments(
    writer: Writer, today: Today, dressed: Dressed, episodes: Mapping[int, Episode], first: int, seed: int
) -> int:
    """Write a day's payments with labels, patterns, twins and later statuses; return how many are fraud."""
    flow, population = dressed.flow, today.population
    ids = pa.array([f"p{number:010d}" for number in range(first, first + len(flow))], pa.string())
    payer_ours, payee_ours = population.ours[flow.payer], population.ours[flow.payee]
    writer.add(
        "transactions",
        [
            ids,
            moments(flow.ts_us),
            texts(population.ids, flow.payer),
            texts(population.ids, flow.payee),
            money(flow.amount),
            texts([today.world.home_currency, *(name for name, _ in today.world.foreign)], flow.currency),
            texts(CHANNELS, dressed.channel),
            texts(RAILS, dressed.rail),
            texts(("submitted", "declined"), flow.declined),
            texts(("both", "payer", "payee"), np.where(payer_ours & payee_ours, 0, np.where(payer_ours, 1, 2))),
            texts(CATEGORIES, dressed.category),
            texts(REMITTANCES, dressed.remittance),
            texts(AUTHENTICATIONS, dressed.authentication),
            flags(dressed.sim_swapped),
            flags(dressed.device_new),
            flags(dressed.remote_access),
        ],
    )
    label, known = _truth(today, dressed, episodes, seed)
    writer.add("labels", [ids, label.astype(np.int8), moments(known)])
    _write_episodes(writer, ids, dressed, episodes)
    _write_statuses(writer, today, ids, dressed, label, known, seed)
    return int(label.sum())


def _truth(today: Today, dressed: Dressed, episodes: Mapping[int, Episode], seed: int) -> tuple[Ints, Ints]:
    rng = stream(seed, "labels", today.day)
    flow = dressed.flow
    label, known = np.zeros(len(flow), dtype=np.int64), flow.ts_us + FINE_AFTER_US
    for row in np.flatnonzero(flow.story >= 0).tolist():
        episode = episodes[int(flow.story[row])]
        if episode.is_scheme:
            when = known_at(rng, episode.known_us, int(flow.ts_us[row]))
            label[row], known[row] = 1, NONE if when is None else when // 1000 * 1000
    return label, known


def _write_episodes(writer: Writer, ids: pa.Array, dressed: Dressed, episodes: Mapping[int, Episode]) -> None:
    """A scheme's payments go to the patterns, a twin's to the twins; the numbers are shared and say nothing."""
    story = dressed.flow.story
    rows = np.flatnonzero(story >= 0)
    told = [episodes[number] for number in story[rows].tolist()]
    for table, wanted in (("patterns", True), ("twins", False)):
        mine = [k for k, episode in enumerate(told) if episode.is_scheme is wanted]
        numbers = pa.array([f"{table[0]}{told[k].number:06d}" for k in mine], pa.string())
        names = pa.array([told[k].name for k in mine], pa.string())
        writer.add(table, [ids.take(pa.array(rows[mine], pa.int64())), numbers, names])


def _write_statuses(
    writer: Writer, today: Today, ids: pa.Array, dressed: Dressed, label: Ints, known: Ints, seed: int
) -> None:
    """Honest returns for want of cover or a closed account, and money of known frauds that came back."""
    rng = stream(seed, "labels", today.day, 1)
    recalled = (label == 1) & (known >= 0) & (dressed.flow.declined == 0) & (rng.random(len(label)) < _RECALLED)
    when = np.where(recalled, known, dressed.returned_us)
    rows = np.flatnonzero((when >= 0) & (when < today.calendar.end_us))
    rows = rows[np.argsort(when[rows], kind="stable")]
    reason = np.where(recalled, 0, 1 + rng.integers(0, 3, len(label)))[rows]
    reasons = ("recalled", "no_cover", "account_closed", "wrong_account")
    columns = [
        moments(when[rows]),
        ids.take(pa.array(rows, pa.int64())),
        pa.array(["returned"] * len(rows), pa.string()),
        texts(reasons, reason),
    ]
    writer.add("statuses", columns)
