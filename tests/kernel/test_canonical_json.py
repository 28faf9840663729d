"""The form of the ledger's entries: the kernel takes what `verify.check_form` takes, and nothing else."""

from __future__ import annotations

import random
import re
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from headgate.kernel import is_canonical, time_after
from headgate.ledger import verify
from headgate.ledger.tiles import bundle, unbundle

ASCII = st.text(st.characters(max_codepoint=127), max_size=9)
TEXTS = st.text(st.characters(codec="utf-8"), max_size=30)
PLAIN = st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | TEXTS
JSON = st.recursive(
    PLAIN, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(ASCII, inner, max_size=5), max_leaves=12
)
NAMES = ASCII | st.sampled_from(["at_us", '"at_us', "at_us2", "at", "", "\t", "\x1f", "\\", '"'])
OBJECTS = st.dictionaries(NAMES, JSON, max_size=6)

PIECES = [
    b"{", b"}", b"[", b"]", b",", b":", b'"', b"\\", b" ", b"\n", b"\0", b"-", b"0", b"1", b"9", b".", b"e",
    b"E", b"+", b"true", b"false", b"null", b"NaN", b"Infinity", b'"a"', b'"b"', b'"at_us":', b'"at_us":5',
    b'"a":1', b',"b":2', b"-0", b"01", b"1.5", b"1e3", b"9007199254740991", b"9007199254740992",
    b"-9007199254740991", b"123456789012345678901", b"\\n", b"\\u000a", b"\\u000b", b"\\u000B", b"\\u001f",
    b"\\u0020", b"\\u0041", b"\\u00e4", b"\\ud83d\\ude00", b"\\ud800", b"\\/", b"\\b", b"\\x", b"\\u00", b"\\u",
    b"\x1f", b"\x7f", b"\xc3\xa4", b"\xc3", b"\xa4", b"\xc0\x80", b"\xc1\xbf", b"\xc2\x80", b"\xdf\xbf",
    b"\xe0\x80\x80", b"\xe0\xa0\x80", b"\xed\x9f\xbf", b"\xed\xa0\x80", b"\xee\x80\x80", b"\xef\xbf\xbf",
    b"\xf0\x80\x80\x80", b"\xf0\x90\x80\x80", b"\xf4\x8f\xbf\xbf", b"\xf4\x90\x80\x80", b"\xf5\x80\x80\x80",
    b"\xff", b"\xef\xbb\xbf", b"{}", b"[]", b'{"":0}', b'{"a":[]}', b"abcdefg", b"abcdefgh", b"abcdefghi",
]  # fmt: skip


def same(entry: bytes) -> bool:
    """Return whether an entry is canonical, and make sure that both say so."""
    slow = verify.check_form(entry) == ""
    assert is_canonical(entry) is slow, entry
    return slow


@given(OBJECTS)
def test_what_the_rfc_writes_is_taken(value: dict[str, Any]) -> None:
    assert same(rfc8785.dumps(value))


@given(OBJECTS, st.data())
def test_they_agree_on_any_changed_byte(value: dict[str, Any], data: st.DataObject) -> None:
    content = bytearray(rfc8785.dumps(value))
    content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    same(bytes(content))


@given(st.lists(NAMES, max_size=5), st.lists(JSON, min_size=5, max_size=5))
def test_they_agree_on_names_in_any_order_and_twice(names: list[str], values: list[Any]) -> None:
    fields = (rfc8785.dumps(name) + b":" + rfc8785.dumps(value) for name, value in zip(names, values, strict=False))
    assert same(b"{" + b",".join(fields) + b"}") == (names == sorted(set(names)))


@given(st.lists(st.sampled_from(PIECES), max_size=12))
def test_they_agree_on_pieces_in_any_order(pieces: list[bytes]) -> None:
    joined = b"".join(pieces)
    for content in (joined, b'{"a":' + joined + b"}", b'{"a":"' + joined + b'"}', b'{"' + joined + b'":1}'):
        same(content)


def test_they_agree_on_every_value_of_every_byte_of_an_entry() -> None:
    whole = rfc8785.dumps(
        {"a\n": [-1, {"": "\x01\u00e4\u20ac\U0001f600"}], "at_us": 9007199254740991, "b": [True, None]}
    )
    assert same(whole)
    taken = sum(same(whole[:at] + bytes((byte,)) + whole[at + 1 :]) for at in range(len(whole)) for byte in range(256))
    assert taken > 2 * len(whole), "another letter in a text is canonical too"


def test_they_agree_on_entries_that_were_cut_and_pieced_together() -> None:
    draw = random.Random(8)
    whole = rfc8785.dumps({"at_us": 17, "fired": ["fan_in", '\\u"\n'], "seq": 3, "v": {"z": {}, "zz": []}})
    for _ in range(5_000):
        at, to = draw.randrange(len(whole)), draw.randrange(len(whole) + 1)
        same(whole[:at] + draw.choice((b"", draw.choice(PIECES))) + whole[to:])


@pytest.mark.parametrize("form", ["[]", "{}"])
def test_they_agree_on_how_deep_an_entry_may_be(form: str) -> None:
    inside = b'{"a":%b}' if form == "{}" else b"[%b]"
    head, tail = inside.split(b"%b")
    for depth in (98, 99, 100, 101, 2_000, 20_000):
        nested = head * depth + b"1" + tail * depth
        assert same(b'{"a":' + nested + b"}") == (depth < 100)


NUMBERS = [
    "0", "-0", "1", "-1", "00", "01", "-01", "9007199254740991", "-9007199254740991", "9007199254740992", "1.0", "1e0",
    "-9007199254740992", "9999999999999999", "10000000000000000", "18446744073709551617", "1" * 5_000, "1E2", "0.1",
    "-", "+1", ".5", "1.", "NaN", "-Infinity", "0x10", "1_000", "\u0661",
]  # fmt: skip


@pytest.mark.parametrize("number", NUMBERS)
def test_they_agree_on_numbers(number: str) -> None:
    whole = re.fullmatch("0|-?[1-9][0-9]*", number)
    small = whole is not None and len(number) < 18 and abs(int(number)) < 2**53
    assert same(b'{"a":%b}' % number.encode()) == same(b'{"a":[%b]}' % number.encode()) == small


class Held(verify.Log):
    """A log of a few entries, in memory."""

    def __init__(self, entries: list[bytes], time_us: int) -> None:
        super().__init__("")
        hashes = b"".join(verify.sha256(b"\0" + each).digest() for each in entries)
        self.last_us, self.size = time_us, len(entries)
        self.files = {
            verify.tile_path(-1, 0, self.size): bundle(entries),
            verify.tile_path(0, 0, self.size): hashes,
        }

    def read(self, path: str) -> bytes | None:
        return self.files.get(path)

    def told(self, quick: verify.Quick | None) -> tuple[list[str], int]:
        """Return the faults of the entries, and the last time that they say."""
        self.scan(self.size, set(), verify.check_form, quick)
        return self.faults, self.last_us


TIMED = st.dictionaries(
    st.sampled_from(["at_us", "a", "z", '"at_us', "xat_us"]),
    st.integers(-3, 9) | st.sampled_from([2**53 - 1, "at_us", '"at_us":3,', [1], {"at_us": 4}, [{"at_us": 2}]]),
    max_size=4,
)  # fmt: skip


@given(st.lists(TIMED.map(rfc8785.dumps) | st.sampled_from([b"x", b"", b'{"a": 1}', b'{"at_us":1.5}']), max_size=6),
       st.integers(0, 9))  # fmt: skip
def test_a_log_is_told_the_same_of_by_both(entries: list[bytes], time_us: int) -> None:
    faults, last_us = Held(entries, time_us).told(None)
    assert Held(entries, time_us).told(time_after) == (faults, last_us)
    assert time_after(bundle(entries), time_us) == (-1 if faults else last_us)


def test_a_bundle_that_ends_within_an_entry_is_not_taken() -> None:
    whole = bundle([b'{"at_us":7}', b'{"at_us":8}'])
    assert (time_after(whole, 7), time_after(b"", 7), time_after(whole, 8)) == (8, 7, -1)
    for length in set(range(len(whole))) - {0, 13}:
        assert time_after(whole[:length], 0) == -1
    assert unbundle(whole[:13]) == [b'{"at_us":7}']
    assert time_after(whole[:13], 0) == 7
