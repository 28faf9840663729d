"""Entries are canonical JSON of known kinds; the rfc8785 package says what canonical is."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from headgate.errors import LedgerError
from headgate.kernel import is_canonical
from headgate.ledger import verify
from headgate.ledger.entries import decode_entry, encode_entry, encode_made
from headgate.ledger.kinds import CATALOGUE, KINDS, Decision, Entry, Reveal, Snapshot

HASH = "0123456789abcdef" * 4
TEXTS = st.text(st.characters(codec="utf-8"), max_size=30)


def values(kind: type[Entry]) -> st.SearchStrategy[Entry]:
    """Entries of a kind with random values that it allows."""
    by_type: dict[str, st.SearchStrategy[Any]] = {}
    for field in msgspec.structs.fields(kind):
        shown = str(field.type)
        if "dict" in shown:
            by_type[field.name] = st.dictionaries(st.text("abc_9", min_size=1, max_size=9), st.just(HASH), max_size=3)
        elif "tuple" in shown:
            by_type[field.name] = st.lists(TEXTS, max_size=3).map(tuple)
        elif "64 hex" in shown or "{64}" in shown:
            by_type[field.name] = st.binary(min_size=32, max_size=32).map(bytes.hex)
        elif "int" in shown:
            by_type[field.name] = st.integers(0, 4_000_000_000_000_000)
        else:
            by_type[field.name] = TEXTS
    return st.builds(kind, **by_type)


@pytest.mark.parametrize("kind", CATALOGUE)
@given(data=st.data())
def test_every_kind_writes_the_bytes_of_the_rfc_and_is_read_back(kind: type[Entry], data: st.DataObject) -> None:
    entry = data.draw(values(kind))
    content = encode_entry(entry)
    assert content == rfc8785.dumps(json.loads(content))
    assert content == encode_made(entry)
    assert decode_entry(content) == entry
    assert is_canonical(content)
    assert verify.check_form(content) == ""


@pytest.mark.parametrize(
    "content",
    [b"", b"[]", b'{"a":1 }', b'{"b":1,"a":1}', b'{"a":1,"a":1}', b'{"a":0.5}', b'{"a":1e2}', b'{"a":-0}', b'{"a":01}',
     b'{"a":"\\u00e4"}', b'{"a":"\\/"}', b'{"\xc3\xa4":1}', b'{"a":[{"\xc3\xa4":1}]}', b'{"a":9007199254740992}',
     b'{"a":-9007199254740992}', b'{"a":99999999999999999999999}', b'{"a":"\xff"}', b'{"a":NaN}', b'{"a":"\\ud800"}',
     b'{"a":' + b"[" * 5000 + b"]" * 5000 + b"}"],
)  # fmt: skip
def test_both_checks_of_the_form_refuse_what_the_rfc_does_not_write(content: bytes) -> None:
    assert not is_canonical(content)
    assert "not canonical" in verify.check_form(content)


def test_the_catalogue_names_each_kind_once_with_its_sentence() -> None:
    assert len(KINDS) == len(CATALOGUE) == len({kind.__doc__ for kind in CATALOGUE}) == 24
    assert {"decision", "hold_set", "reveal", "account_read", "refused", "log_opened", "log_closed"} <= set(KINDS)
    assert all((kind.__doc__ or "").rstrip().endswith(".") for kind in CATALOGUE)


def test_no_field_about_a_payment_or_an_account_is_logged_in_clear() -> None:
    for kind in CATALOGUE:
        for field in msgspec.structs.fields(kind):
            if field.name in ("payment", "account", "subject", "record", "report"):
                assert "keyed commitment" in str(field.type), f"{kind.__name__}.{field.name}"


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"{}", "does not fit"),
        (b'{"at_us":1,"kind":"verdict","v":1}', "unknown kind 'verdict'"),
        (b'{"at_us":1,"content":"x","kind":"snapshot","seq":1,"v":1}', "does not fit"),
        (b'{"at_us":1,"extra":1,"kind":"log_closed","reason":"","v":1}', "does not fit"),
        (b'{"at_us":1,"kind":"log_closed","reason":""}', "lacks a field"),
        (b'{"at_us": 1,"kind":"log_closed","reason":"","v":1}', "not canonical"),
    ],
)
def test_an_entry_that_headgate_did_not_write_is_refused_in_words(content: bytes, told: str) -> None:
    with pytest.raises(LedgerError, match=told):
        decode_entry(content)


def test_values_that_the_kind_does_not_allow_are_never_logged() -> None:
    with pytest.raises(LedgerError, match="cannot be logged"):
        encode_entry(Reveal(at_us=1, person="ana", purpose="investigation", case="C-1", account="DE89 3704"))
    with pytest.raises(LedgerError, match="cannot be logged"):
        encode_entry(Snapshot(at_us=-1, seq=1, content=HASH))
    many = Decision(
        at_us=1, seq=1, payment=HASH, action="allow", fired=("x" * 250,) * 300, record=HASH, facts=HASH, versions=HASH
    )
    with pytest.raises(LedgerError, match="too long"):
        encode_entry(many)
