"""The reference pages that are made from the service itself: the API, the matrix of roles, the settings.

Types and tables come in, Markdown goes out; a test fails where a written page is not what this makes.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from headgate.errors import FieldError, MethodError, UnavailableError
from headgate.service.metrics import InsideMetrics, Metrics
from headgate.service.openapi import errors_of
from headgate.service.operations import Operation, operations
from headgate.service.problem_examples import example_of
from headgate.service.problems import MEDIA_TYPE, title_of, type_of
from headgate.service.roles import MATRIX, ROLES, Rule
from headgate.service.wire import AccountIn, OutcomeIn, PaymentIn, ReasonIn, RevealIn, SessionIn, StatusIn
from headgate.settings.document import FILE, PREFIX, Settings, sections
from headgate.settings.server import LOOPBACK


def pages() -> dict[str, str]:
    """Return file name -> text of each page."""
    return {
        "http-api.md": http_api_page(),
        "roles.md": roles_page(),
        "settings.md": settings_page(),
        "figures.md": figures_page(),
    }


def http_api_page() -> str:
    """Return the page of the HTTP API as Markdown."""
    lines = [_API, "", "| | | roles |", "|---|---|---|"]
    for row in operations():
        who = ", ".join(sorted(MATRIX[(row.method, row.path)].roles)) or "everybody"
        lines.append(f"| `{row.method} {_path(row)}` | {row.summary} | {who} |")
    lines += ["| `GET /openapi.json` | This page for machines, OpenAPI 3.1 | everybody |", ""]
    for row in operations():
        lines += _operation(row)
    for shape in _NAMES:
        lines += _fields(shape)
    return "\n".join([*lines, *_problems()]) + "\n"


def roles_page() -> str:
    """Return the page of roles as Markdown."""
    lines = [_ROLES, "", "| role | what for |", "|---|---|"]
    lines += [f"| `{role}` | {sentence} |" for role, sentence in ROLES.items()]
    lines += [
        "",
        "## Who may call which route",
        "",
        f"| route | {' | '.join(ROLES)} |",
        "|---" * (len(ROLES) + 1) + "|",
    ]
    for (method, path), rule in MATRIX.items():
        cells = (_cell(rule, role) for role in ROLES)
        lines.append(f"| `{method} {path.replace(':path', '')}` | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def settings_page() -> str:
    """Return the page of settings as Markdown."""
    lines = [_SETTINGS, ""]
    for name, section in sections().items():
        heading = f"[[{name}]]" if isinstance(getattr(Settings(), name), tuple) else f"[{name}]"
        lines += [f"## {heading}", "", str(section.__doc__).strip(), ""]
        lines += ["| setting | default | what it does |", "|---|---|---|", *_settings(section), ""]
    return "\n".join([*lines, _SETTINGS_EXAMPLE]) + "\n"


def figures_page() -> str:
    """Return the page of figures for Prometheus as Markdown."""
    rows = (f"| `{name}` | {sentence} |" for name, sentence in (*Metrics().names(), *InsideMetrics().names()))
    return "\n".join([_FIGURES, "", "| figure | what it is |", "|---|---|", *rows]) + "\n"


def _settings(section: type[msgspec.Struct]) -> Iterator[str]:
    said = msgspec.json.schema_components([section])[1][section.__name__]["properties"]
    for field in msgspec.structs.fields(section):
        default = "none" if field.default is msgspec.NODEFAULT else f"`{_toml(field.default)}`"
        yield f"| `{field.name}` | {default} | {said[field.name]['description']} |"


def _cell(rule: Rule, role: str) -> str:
    if rule.door == "open":
        return "open"
    return "yes" if role in rule.roles else "·"


def _path(row: Operation) -> str:
    return row.path.replace(":path", "")


def _operation(row: Operation) -> Iterator[str]:
    yield from (f"## {row.method} {_path(row)}", "", row.text, "")
    if row.query:
        yield from ("| parameter | what it does |", "|---|---|")
        yield from (f"| `{query.name}` | {query.sentence} |" for query in row.query)
        yield ""
    if row.takes is not None:
        yield from ("Request:", "", *_json(row.example), "")
    yield from (f"Answer {min(row.gives) if row.takes is None else max(row.gives)}:", "", *_shown(row), "")
    codes = ", ".join(f"`{kind.code}` ({kind.http_status})" for kind in errors_of(row))
    yield from (f"Problems: {codes}.", "")


def _shown(row: Operation) -> tuple[str, ...]:
    if row.media_type == "application/json":
        return _json(row.answer)
    return "```text", str(row.answer).rstrip(), "```"


def _fields(shape: type[msgspec.Struct]) -> Iterator[str]:
    schema: dict[str, Any] = msgspec.json.schema_components([shape])[1][shape.__name__]
    yield from (f"## Fields of {_NAMES[shape]}", "", str(schema["description"]), "")
    yield from ("| field | required | what it is |", "|---|---|---|")
    for name, field in schema["properties"].items():
        required = "yes" if name in schema.get("required", ()) else "no"
        yield f"| `{name}` | {required} | {field.get('description', '')} |"
    yield ""


_NAMES: dict[type[msgspec.Struct], str] = {
    PaymentIn: "a payment",
    OutcomeIn: "an outcome",
    StatusIn: "a status",
    SessionIn: "an event of a session",
    AccountIn: "the facts of an account",
    ReasonIn: "an action",
    RevealIn: "a reveal",
}


def _problems() -> Iterator[str]:
    yield from ("## Problems", "", _PROBLEMS, "", "| type | status | title |", "|---|---|---|")
    found = {kind.code: kind for row in operations() for kind in errors_of(row)} | {MethodError.code: MethodError}
    for code in sorted(found):
        yield f"| `{type_of(found[code])}` | {found[code].http_status} | {title_of(found[code])} |"
    yield from ("", *_json(example_of(FieldError)), "")
    yield from ("A 503 carries the fallback of the settings:", "")
    yield from _json(example_of(UnavailableError))


def _json(value: Any) -> tuple[str, str, str]:
    return "```json", msgspec.json.format(msgspec.json.encode(value), indent=2).decode(), "```"


def _toml(value: object) -> str:
    if isinstance(value, tuple | dict):
        return "[]" if isinstance(value, tuple) else "{}"
    if isinstance(value, bool | int | float):
        return str(value).lower()
    return f'"{value}"'


_API = """# The HTTP API

`headgate serve --home HOME` answers at `http://127.0.0.1:8321`. Requests and answers are JSON in UTF-8.

Every route but health, readiness and the description needs a key, made by
`headgate users key NAME --role ROLE --home HOME` and sent as `Authorization: Bearer KEY`. Cookies of the workbench do
not open the API, and keys do not open the workbench.

Amounts are decimals in major units, best as text (`"1250.00"`); times are RFC 3339 with a time zone. Unknown fields
are refused with the nearest name, fields that the [charter](charter.md) refuses with its sentence. In answers amounts
are integers in minor units and times are microseconds UTC (`…_us`). Accounts appear in answers under pseudonyms."""

_PROBLEMS = f"""Errors are Problem Details (RFC 9457, `{MEDIA_TYPE}`). `type` and `title` are stable;
`detail` says what happened, `where` names the field (and its place in a list), `repair` says what to do."""

_ROLES = """# Roles

A person has one role, a key has one role. The table below is made from the table that the service enforces; there is
no other. `open` is for everybody. People enter by the workbench, programs (paths that begin with `/v1`) by key.
See also [the HTTP API](http-api.md) and [how to use the workbench](../how-to/use-the-workbench.md)."""

_FIGURES = """# Figures for Prometheus

`GET /metrics` answers in the text format of Prometheus, to keys of the roles engineer, auditor and admin:

```yaml
scrape_configs:
  - job_name: headgate
    authorization: {credentials_file: /etc/prometheus/headgate.key}
    static_configs: [{targets: ["127.0.0.1:8321"]}]
```

No figure has a label of an account, a payment or a person. `route` is the template of a route, `kind` a kind of memory
of the facts engine, `subscriber` the name of a webhook in the [settings](settings.md)."""

_SETTINGS = f"""# Settings of the service

A service reads `{FILE}` in its home, and after it the environment: `{PREFIX}SERVER__HTTPS=true` is the setting
`https` of the section `[server]`. Without either the defaults hold. Settings are read and checked once, at the start;
one that is wrong stops it and says where. `{FILE}` may hold any part of the sections below.

The service always answers under the loopback names ({", ".join(f"`{name}`" for name in LOOPBACK)});
requests for any other name are refused unless `hosts` lists it. What decides about payments is set elsewhere, in the
[policy](policy.md) and the [charter](charter.md)."""

_SETTINGS_EXAMPLE = """## Example

```toml
[server]
hosts = ["headgate.bank.example"]
https = true
fallback_action = "step_up"
fallback_sentence = "Apply your own limits and ask the payer to confirm."
```

The proxy has to run on this machine and to pass on `Host` and `X-Forwarded-For`; it is trusted only when `https` is
set, and only from a loopback address.

Passwords have at least 12 characters. A name may try five times in five minutes, a network address twenty times; the
count of a name outlives a restart. A session lasts eight hours."""
