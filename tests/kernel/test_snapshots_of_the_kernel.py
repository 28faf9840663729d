"""The bytes of a state: whatever they are, they load or are refused with SnapshotError; nothing crashes."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headgate.checks.journals import START_US, hub_journal, random_journal
from headgate.errors import SnapshotError
from headgate.facts.compiled import CompiledFold
from headgate.facts.grammar import specs
from headgate.journal.entries import Account, Payment
from headgate.journal.schema import to_block

BEFORE = random_journal(1, 120, accounts=40, days=400)
LATER = to_block(random_journal(1, 150, accounts=40, days=500)[len(BEFORE) :])  # the same journal, longer


def sound_state(names: tuple[str, ...]) -> bytes:
    """The state after a journal that leaves something in every corner of it."""
    fold = CompiledFold(names)
    fold.absorb(to_block(BEFORE))
    return fold.state()


@pytest.fixture(scope="module")
def readers(known: tuple[str, ...]) -> tuple[str, ...]:
    """A few facts that together read every store."""
    read: set[str] = set()
    few = []
    for name in known:
        if not specs()[name].reads <= read:
            read |= specs()[name].reads
            few.append(name)
    return tuple(few)


@pytest.fixture(scope="module")
def state(readers: tuple[str, ...]) -> bytes:
    return sound_state(readers)


def loads(names: tuple[str, ...], state: bytes) -> bool:
    """Whether a state is taken. One that is can be written and read again, and folds on, whatever it says."""
    fold = CompiledFold(names)
    try:
        fold.load(state)
    except SnapshotError:
        return False
    again = CompiledFold(names)
    again.load(fold.state())
    again.observe_block(LATER)
    return True


def test_a_state_is_written_as_long_as_it_was_read(readers: tuple[str, ...], state: bytes) -> None:
    fold, again = CompiledFold(readers), CompiledFold(readers)
    fold.load(state)
    again.load(fold.state())
    assert len(again.state()) == len(fold.state())
    sizes = again.sizes()
    assert all(sizes[f"records.{shelf}"] for shelf in ("payments", "verdicts", "events", "returned"))
    assert all(sizes[f"keys.silent_{store}"] for store in ("sent", "received", "any", "pair"))


def test_a_state_that_is_cut_anywhere_is_refused(readers: tuple[str, ...], state: bytes) -> None:
    for end in range(0, len(state), max(1, len(state) // 200)):
        assert not loads(readers, state[:end])
    assert not loads(readers, state + b"\0")


def test_a_kernel_state_that_is_cut_or_goes_on_is_refused(readers: tuple[str, ...], state: bytes) -> None:
    kernel = CompiledFold(readers)
    kernel.load(state)
    whole = kernel._kernel.state()
    for part in (*(whole[:end] for end in range(0, len(whole), max(1, len(whole) // 300))), whole + b"\0"):
        with pytest.raises(ValueError, match="the state"):
            CompiledFold(readers)._kernel.load(part)


@settings(max_examples=150)
@given(data=st.data())
def test_a_state_with_flipped_bits_loads_or_is_refused(
    readers: tuple[str, ...], state: bytes, data: st.DataObject
) -> None:
    damaged = bytearray(state)
    for _ in range(data.draw(st.integers(1, 3))):
        damaged[data.draw(st.integers(0, len(state) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    loads(readers, bytes(damaged))


@settings(max_examples=60)
@given(start=st.floats(0, 1), value=st.sampled_from((0, 1, -1, 2**31, 2**32 - 1, 2**63 - 1, -(2**63), 2**64 - 1)))
def test_a_state_with_a_number_replaced_loads_or_is_refused(
    readers: tuple[str, ...], state: bytes, start: float, value: int
) -> None:
    at = int(start * (len(state) - 8))
    loads(readers, state[:at] + (value % 2**64).to_bytes(8, "little") + state[at + 8 :])


def test_random_bytes_are_refused(readers: tuple[str, ...]) -> None:
    random = Random(1)
    for length in (0, 1, 8, 9, 100, 5_000):
        assert not loads(readers, random.randbytes(length))
        with pytest.raises(ValueError, match="the state"):
            CompiledFold(readers)._kernel.load(random.randbytes(length))


def test_an_empty_text_comes_back_as_an_empty_text() -> None:
    fold = CompiledFold(("payer_type", "payee_type"))
    fold.observe(Account(seq=0, clock_us=START_US, account="a", account_type=""))
    fold.observe(Account(seq=1, clock_us=START_US, account="b", account_type="savings"))
    other = CompiledFold(("payer_type", "payee_type"))
    other.load(fold.state())
    payment = Payment(
        seq=2, clock_us=START_US, ts_us=START_US, tx_id="t", payer="a", payee="b", amount_minor=1, currency="EUR"
    )
    assert other.observe(payment) == fold.observe(payment) == {"payer_type": "", "payee_type": "savings"}


def test_a_large_state_is_the_same_in_whatever_blocks_it_was_made(readers: tuple[str, ...]) -> None:
    journal = hub_journal(3, 700)
    one, other = CompiledFold(readers), CompiledFold(readers)
    one.absorb(to_block(journal))
    for start in range(0, len(journal), 13):
        other.absorb(to_block(journal[start : start + 13]))
    assert one.state() == other.state()
