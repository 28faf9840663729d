"""Who may do what: one table of role x route.

Every route of the service stands here, and the application refuses to start with a route that does not. Nothing else
decides about access; pages ask the same table what to show.
"""

from __future__ import annotations

from typing import Final, Literal, TypeAlias

import msgspec

Role: TypeAlias = Literal["analyst", "supervisor", "engineer", "auditor", "dpo", "admin", "gateway"]
Door: TypeAlias = Literal["open", "session", "key"]

ROLES: Final[dict[str, str]] = {
    "analyst": "Reads cases and decides them; has names shown and reports drafted in a case, on record.",
    "supervisor": "Does what an analyst does, reopens cases, and reports outcomes.",
    "engineer": "Keeps scenarios and decisions in order; sees no cases.",
    "auditor": "Reads everything and changes nothing.",
    "dpo": "Data-protection officer: reads everything and changes nothing.",
    "admin": "Keeps users; sees neither cases nor decisions.",
    "gateway": "A payment system: sends payments and outcomes by key, reads decisions, cannot log in.",
}

_NOBODY: Final = frozenset[str]()
_GATEWAY: Final = frozenset({"gateway"})
_CASE_READERS: Final = frozenset({"analyst", "supervisor", "auditor", "dpo"})
_CASE_DECIDERS: Final = frozenset({"analyst", "supervisor"})
_SUPERVISORS: Final = frozenset({"supervisor"})
_DECISION_READERS: Final = _CASE_READERS | {"engineer"}
_AUDITORS: Final = frozenset({"auditor", "dpo"})
_PEOPLE: Final = frozenset(ROLES) - _GATEWAY


class Rule(msgspec.Struct, frozen=True):
    """By which door a route is entered, and with which roles. `open` is for everybody, logged in or not."""

    door: Door
    roles: frozenset[str]


MATRIX: Final[dict[tuple[str, str], Rule]] = {
    # For machines, by key.
    ("POST", "/v1/payments"): Rule("key", _GATEWAY),
    ("POST", "/v1/outcomes"): Rule("key", _GATEWAY | _SUPERVISORS),
    ("POST", "/v1/statuses"): Rule("key", _GATEWAY),
    ("POST", "/v1/sessions"): Rule("key", _GATEWAY),
    ("POST", "/v1/accounts"): Rule("key", _GATEWAY),
    ("GET", "/v1/holds"): Rule("key", _CASE_READERS | _GATEWAY),
    ("GET", "/v1/control-totals"): Rule("key", _CASE_READERS | _GATEWAY | {"engineer"}),
    ("GET", "/v1/payments/{tx_id:path}/standing"): Rule("key", _DECISION_READERS | _GATEWAY),
    ("POST", "/v1/payments/{tx_id:path}/release"): Rule("key", _CASE_DECIDERS),
    ("POST", "/v1/payments/{tx_id:path}/confirm-hold"): Rule("key", _CASE_DECIDERS),
    ("POST", "/v1/payments/{tx_id:path}/stop"): Rule("key", _CASE_DECIDERS),
    ("POST", "/v1/payments/{tx_id:path}/clear"): Rule("key", _SUPERVISORS),
    ("GET", "/v1/decisions/{tx_id:path}/receipt"): Rule("key", _DECISION_READERS | _GATEWAY),
    ("GET", "/v1/decisions/{tx_id:path}"): Rule("key", _DECISION_READERS | _GATEWAY),
    ("GET", "/v1/cases"): Rule("key", _CASE_READERS),
    ("GET", "/v1/cases/{case_id}"): Rule("key", _CASE_READERS),
    ("POST", "/v1/cases/{case_id}/confirm"): Rule("key", _CASE_DECIDERS),
    ("POST", "/v1/cases/{case_id}/dismiss"): Rule("key", _CASE_DECIDERS),
    ("POST", "/v1/cases/{case_id}/reopen"): Rule("key", _SUPERVISORS),
    ("POST", "/v1/cases/{case_id}/reveal"): Rule("key", _CASE_DECIDERS),
    ("POST", "/v1/cases/{case_id}/report"): Rule("key", _CASE_DECIDERS),
    ("GET", "/v1/webhooks/dead-letters"): Rule("key", frozenset({"engineer", "auditor", "dpo", "admin"})),
    ("GET", "/v1/lists"): Rule("key", _CASE_READERS),
    ("POST", "/v1/lists"): Rule("key", _SUPERVISORS),
    ("POST", "/v1/lists/{change_id:path}/approve"): Rule("key", _SUPERVISORS),
    ("GET", "/v1/rules"): Rule("key", _DECISION_READERS | {"admin"}),
    ("GET", "/v1/scenarios"): Rule("key", frozenset(ROLES)),
    ("GET", "/metrics"): Rule("key", frozenset({"engineer", "auditor", "admin"})),
    ("GET", "/healthz"): Rule("open", _NOBODY),
    ("GET", "/log/{path:path}"): Rule("open", _NOBODY),
    ("GET", "/readyz"): Rule("open", _NOBODY),
    ("GET", "/openapi.json"): Rule("open", _NOBODY),
    # For people, by session.
    ("GET", "/login"): Rule("open", _NOBODY),
    ("POST", "/login"): Rule("open", _NOBODY),
    ("GET", "/boundaries"): Rule("open", _NOBODY),
    ("POST", "/logout"): Rule("session", _PEOPLE),
    ("GET", "/"): Rule("session", _PEOPLE),
    ("GET", "/cases"): Rule("session", _CASE_READERS),
    ("GET", "/cases/{case_id}"): Rule("session", _CASE_READERS),
    ("POST", "/cases/{case_id}/confirm"): Rule("session", _CASE_DECIDERS),
    ("POST", "/cases/{case_id}/dismiss"): Rule("session", _CASE_DECIDERS),
    ("POST", "/cases/{case_id}/reopen"): Rule("session", _SUPERVISORS),
    ("POST", "/cases/{case_id}/reveal"): Rule("session", _CASE_DECIDERS),
    ("POST", "/cases/{case_id}/report"): Rule("session", _CASE_DECIDERS),
    ("GET", "/decisions/{tx_id:path}"): Rule("session", _DECISION_READERS),
    ("POST", "/decisions/{tx_id:path}/release"): Rule("session", _CASE_DECIDERS),
    ("POST", "/decisions/{tx_id:path}/confirm-hold"): Rule("session", _CASE_DECIDERS),
    ("POST", "/decisions/{tx_id:path}/stop"): Rule("session", _CASE_DECIDERS),
    ("POST", "/decisions/{tx_id:path}/clear"): Rule("session", _SUPERVISORS),
    ("GET", "/scenarios"): Rule("session", _PEOPLE),
    ("GET", "/audit"): Rule("session", _AUDITORS),
    ("GET", "/audit/export"): Rule("session", _AUDITORS),
    ("POST", "/audit/export"): Rule("session", _AUDITORS),
}


def allows(role: str | None, method: str, path: str) -> bool:
    """Whether a role (None: nobody logged in) may call a route of the matrix."""
    rule = MATRIX[(method, path)]
    return rule.door == "open" or role in rule.roles


def home_of(role: str) -> str:
    """Return the page that a role begins with."""
    return "/cases" if allows(role, "GET", "/cases") else "/scenarios"
