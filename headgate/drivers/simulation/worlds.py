"""The worlds that can be simulated: every parameter that makes one bank's life differ from another's.

Values only. A world says what is ordinary (prices, habits, shares) and how crime behaves in it (pace, size,
visibility); nothing here draws a number.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from headgate.errors import NotFoundError, nearest

# The kinds of schemes of a world that does not ask for all of them.
USUAL = (
    "account_takeover",
    "authorised_push_payment",
    "business_front",
    "cycle",
    "dormant_woken",
    "gather_scatter",
    "mule_ring",
    "pass_through_chain",
    "scatter_gather",
    "smurfing",
    "stack",
)


@dataclass(frozen=True)
class World:
    """Parameters of one world. Rates are per customer and day, amounts in major units of the home currency."""

    name: str
    sentence: str
    home_currency: str
    foreign: tuple[tuple[str, float], ...]  # currency and the value of one unit in home currency
    home_country: str
    countries: tuple[str, ...]
    first_day: str
    price: float  # level of prices and wages; 1.0 is the price level of `harbour`
    income_median: float
    income_spread: float
    card_rate: float
    friend_rate: float
    new_payee_rate: float
    payments_per_customer_day: float  # measured; turns a wished number of payments into customers
    saver_share: float
    joint_share: float
    tenant_share: float
    dormant_share: float
    newcomer_share: float
    outside_friend_share: float
    instant_share: float
    web_share: float
    payday: tuple[int, ...]
    online_hours: tuple[float, ...]  # relative activity by hour of day
    fraud_share: float  # at most this share of all payments is fraudulent
    pace: float  # below 1 crime is faster, above 1 slower
    size: float  # multiplies the number of accounts in a scheme
    outside_mule_share: float
    fresh_mule_share: float
    reused_mule_share: float  # recruited by an earlier scheme
    handled_mule_share: float  # run from a handler's device
    never_known_share: float
    repertoire: tuple[str, ...] = USUAL  # names of the schemes that are played; empty is all there are
    exchanges: int = 0  # accounts at which people buy crypto-assets
    refund_rate: float = 0.0  # goods sent back to shops


_HARBOUR_HOURS = (1, 0.6, 0.4, 0.3, 0.4, 0.9, 2.5, 5, 7, 8, 9, 9.5, 10, 9, 8.5, 8.5, 9, 10, 11, 11, 10, 8, 5, 2.5)
_UPLAND_HOURS = (0.6, 0.4, 0.3, 0.4, 0.8, 2, 5, 8, 9, 9, 9, 10, 11, 8, 8, 9, 10, 11, 10, 9, 7, 5, 2.5, 1.2)

HARBOUR = World(
    name="harbour",
    sentence="A port city: many card payments, small sums between friends, quick crime with few accounts.",
    home_currency="EUR",
    foreign=(("USD", 0.92), ("GBP", 1.17), ("CHF", 1.05), ("SEK", 0.088), ("PLN", 0.23)),
    home_country="PT",
    countries=("ES", "FR", "DE", "GB", "US", "BR", "NL", "PL"),
    first_day="2024-01-08",
    price=1.0,
    income_median=2100.0,
    income_spread=0.42,
    card_rate=0.62,
    friend_rate=0.13,
    new_payee_rate=0.022,
    payments_per_customer_day=1.07,
    saver_share=0.55,
    joint_share=0.16,
    tenant_share=0.6,
    dormant_share=0.05,
    newcomer_share=0.1,
    outside_friend_share=0.3,
    instant_share=0.6,
    web_share=0.25,
    payday=(25, 26, 27, 28, 1),
    online_hours=_HARBOUR_HOURS,
    fraud_share=0.00192,
    pace=1.0,
    size=1.0,
    outside_mule_share=0.25,
    fresh_mule_share=0.4,
    reused_mule_share=0.45,
    handled_mule_share=0.6,
    never_known_share=0.15,
)

UPLAND = World(
    name="upland",
    sentence="Mountain valleys: dearer, more transfers and fewer cards, early risers, larger and slower schemes.",
    home_currency="CHF",
    foreign=(("EUR", 0.95), ("USD", 0.88), ("GBP", 1.12), ("NOK", 0.083), ("CZK", 0.038)),
    home_country="CH",
    countries=("DE", "FR", "IT", "AT", "GB", "US", "CZ", "NO"),
    first_day="2023-03-06",
    price=1.7,
    income_median=4600.0,
    income_spread=0.35,
    card_rate=0.42,
    friend_rate=0.2,
    new_payee_rate=0.03,
    payments_per_customer_day=0.99,
    saver_share=0.7,
    joint_share=0.24,
    tenant_share=0.7,
    dormant_share=0.04,
    newcomer_share=0.08,
    outside_friend_share=0.4,
    instant_share=0.35,
    web_share=0.45,
    payday=(23, 24, 25),
    online_hours=_UPLAND_HOURS,
    fraud_share=0.00192,
    pace=1.4,
    size=1.25,
    outside_mule_share=0.35,
    fresh_mule_share=0.3,
    reused_mule_share=0.35,
    handled_mule_share=0.5,
    never_known_share=0.2,
)

ESTUARY = replace(
    HARBOUR,
    name="estuary",
    sentence="As harbour, with refunds and crypto exchanges, and with a scheme for every typology of the library.",
    fraud_share=0.004,
    repertoire=(),
    exchanges=4,
    refund_rate=0.008,
)

WORLDS: dict[str, World] = {world.name: world for world in (HARBOUR, UPLAND, ESTUARY)}


def world_named(name: str) -> World:
    """Return the world of that name, or raise NotFoundError with the nearest known name."""
    if name in WORLDS:
        return WORLDS[name]
    raise NotFoundError(
        f"There is no world {name!r}",
        where="--world",
        repair=f"{nearest(name, list(WORLDS))}Known worlds: {', '.join(WORLDS)}.",
    )
