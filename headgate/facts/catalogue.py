"""Which facts the model and the scenario library use, and every fact in words.

`DEFAULT` is what scenarios read and what a service can always afford; `LEARNT` adds what only a model is taught on, and
costs about twice as much. Any other set of names of the grammar can be asked for.
"""

from __future__ import annotations

from typing import NamedTuple

from headgate.facts.grammar import specs
from headgate.facts.spec import PROFILE_SPANS, SPANS

_ATTRIBUTES = """
amount amount_is_round hour_local weekday_local is_business_day channel rail currency authentication
merchant_category remittance_type sim_swapped_72h device_new remote_access
payer_age_days payee_age_days payer_type payee_type same_party cross_border
"""

_PAYER = """
payer_sent_count_1h payer_sent_count_24h payer_sent_count_7d payer_sent_count_28d
payer_sent_sum_24h payer_sent_sum_7d payer_sent_sum_28d payer_sent_mean_28d payer_sent_max_28d payer_sent_std_28d
payer_sent_distinct_24h payer_sent_distinct_7d payer_sent_distinct_28d payer_sent_new_24h payer_sent_new_7d
payer_sent_gap payer_received_count_24h payer_received_count_7d payer_received_count_28d
payer_received_sum_24h payer_received_sum_7d payer_received_sum_28d
payer_received_distinct_24h payer_received_distinct_7d payer_received_distinct_28d payer_received_new_7d
payer_received_gap
"""

_PAYEE = """
payee_received_count_1h payee_received_count_24h payee_received_count_7d payee_received_count_28d
payee_received_sum_24h payee_received_sum_7d payee_received_sum_28d payee_received_mean_28d payee_received_max_28d
payee_received_distinct_24h payee_received_distinct_7d payee_received_distinct_28d
payee_received_new_24h payee_received_new_7d payee_received_gap
payee_sent_count_24h payee_sent_count_7d payee_sent_count_28d payee_sent_sum_24h payee_sent_sum_28d
payee_sent_distinct_7d payee_sent_distinct_28d payee_sent_gap
"""

_PAIR = """
pair_sent_count_24h pair_sent_count_28d pair_sent_sum_28d pair_sent_mean_28d pair_sent_max_28d pair_sent_gap
reverse_pair_sent_count_7d reverse_pair_sent_count_28d reverse_pair_sent_sum_28d reverse_pair_sent_gap
"""

_COMPARED = """
payer_amount_z_28d payee_amount_z_28d pair_amount_z_28d payer_amount_ratio_28d payee_amount_ratio_28d
payer_sent_count_ratio_24h_28d payer_sent_sum_ratio_24h_28d
payee_received_count_ratio_24h_28d payee_received_sum_ratio_24h_28d
payer_retained_ratio_24h payer_retained_ratio_7d payer_retained_ratio_28d
payee_retained_ratio_24h payee_retained_ratio_7d payee_retained_ratio_28d
payer_outflow_ratio_24h payer_outflow_ratio_72h payer_outflow_ratio_7d
payer_last_received_ratio_24h payer_last_received_ratio_72h
"""

_FEEDBACK = """
payer_confirmed_count_28d payer_confirmed_rate_28d payee_confirmed_count_28d payee_confirmed_rate_28d
payer_received_confirmed_count_28d payee_received_confirmed_count_28d
payer_declined_count_1h payer_declined_count_24h payee_declined_count_24h
payer_session_login_count_24h payer_session_payee_added_count_24h payer_session_payee_added_count_72h
payer_session_device_changed_count_72h payer_session_limit_changed_count_72h
"""


_PATTERNS = ("fan_in", "fan_out", "gather_scatter", "pass_through", "scatter_gather", "temporal_cycle")


def _of_patterns() -> tuple[str, ...]:
    counts = (f"{name}_{window}" for name in _PATTERNS for window in ("24h", "72h", "7d"))
    return (*counts, *(f"{name}_7d_strength" for name in _PATTERNS))


DEFAULT: tuple[str, ...] = (
    *(_ATTRIBUTES + _PAYER + _PAYEE + _PAIR + _COMPARED + _FEEDBACK).split(),
    *_of_patterns(),
)


def _of_months() -> tuple[str, ...]:
    pairs = (f"{key}_{measure}_400d" for key in ("pair_sent", "reverse_pair_sent") for measure in _PAIR_MEASURES)
    accounts = (
        f"{side}_{direction}_{measure}"
        for side in ("payer", "payee")
        for direction in ("sent", "received")
        for measure in ("count_90d", "sum_90d", "max_90d", "count_400d", "max_400d")
    )
    ratios = (f"{side}_amount_ratio_{days}" for side in ("payer", "payee") for days in ("90d", "400d"))
    return (*pairs, *accounts, *ratios, "pair_sent_count_90d", "pair_amount_ratio_400d")


def _of_outcomes() -> tuple[str, ...]:
    sides = ("payer_sent", "payee_received")
    windows = ("24h", "72h", "7d", "14d", "28d")
    rates = tuple(f"{side}_confirmed_{told}_{w}" for side in sides for told in ("count", "rate") for w in windows)
    runs = ("fraud_first_gap_28d", "fraud_last_gap_28d", "fine_since_fraud_28d")
    return (*rates, *(f"{side}_{run}" for side in sides for run in runs))


def _of_chains() -> tuple[str, ...]:
    measures = ("depth", "gap", "kept_ratio", "span")
    return (*(f"chain_{measure}_{w}" for measure in measures for w in ("72h", "7d")), "chain_depth_24h")


def _of_habits() -> tuple[str, ...]:
    """What is usual for the accounts and the pair, in amounts, hours and days."""
    sides, measures = ("payer_sent", "payee_received"), ("amount_at_least", "amount_near", "hour_near", "gap")
    habits = (f"{side}_{measure}_ratio_28d" for side in sides for measure in measures)
    rhythms = (
        f"{key}_{measure}_400d"
        for key in (*sides, "pair_sent", "reverse_pair_sent")
        for measure in ("first_days", "day_gap_mean", "day_gap_std", "day_gap_ratio")
    )
    beats = (
        f"{key}_{beat}_ratio_400d" for key in (*sides, "pair_sent") for beat in ("week", "fortnight", "four_weeks")
    )
    return (
        *habits,
        *rhythms,
        *beats,
        "payer_amount_max_ratio_400d",
        "payee_amount_max_ratio_400d",
        "pair_amount_max_ratio_400d",
    )


_PAIR_MEASURES = ("count", "sum", "max", "active_days")
_LONGER = """
payer_any_distinct_28d payee_any_distinct_28d payer_sent_new_72h
payee_received_new_72h payer_last_received_ratio_7d payer_last_received_ratio_28d payer_outflow_ratio_28d
best_flow_72h best_flow_7d best_flow_7d_strength peeling_7d pass_through_28d pass_through_28d_strength structuring_7d
"""

LEARNT: tuple[str, ...] = tuple(
    dict.fromkeys(
        (
            *DEFAULT, *_of_months(), *_of_outcomes(), *_LONGER.split(), *_of_chains(), *_of_habits(),
        )
    )
)  # fmt: skip


class Described(NamedTuple):
    """One fact in words. `window` is empty where the fact has none."""

    name: str
    sentence: str
    unit: str
    klass: str
    type: str
    window: str
    default: bool


class Form(NamedTuple):
    """One rule of the grammar: names with their choices in braces, and how many names it makes."""

    form: str
    names: int
    example: str


def describe(text: str = "") -> tuple[Described, ...]:
    """Return the facts whose name or sentence holds `text` (any case), in the order of the grammar."""
    wanted, default = text.lower(), frozenset(DEFAULT)
    windows = {span.us: span.name for span in (*SPANS, *PROFILE_SPANS)}
    rows = (
        Described(
            spec.name, spec.sentence, spec.unit, spec.klass, str(spec.arrow_type),
            windows.get(spec.window_us or 0, ""), spec.name in default,
        )
        for spec in specs().values()
    )  # fmt: skip
    return tuple(row for row in rows if wanted in row.name.lower() or wanted in row.sentence.lower())


def forms() -> tuple[Form, ...]:
    """Return the rules of the grammar."""
    names: dict[str, list[str]] = {}
    for spec in specs().values():
        names.setdefault(spec.form, []).append(spec.name)
    return tuple(Form(form, len(made), made[0]) for form, made in names.items())
