"""The view over the fold's memory gives the answers of a plain list, also after payments left the longest window."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from headgate.facts.book import Book
from headgate.facts.graph import BookView
from headgate.facts.patterns import patterns
from headgate.journal.entries import Payment
from headgate.limits import MAX_WINDOW_US, US_PER_HOUR

WINDOWS = st.sampled_from([US_PER_HOUR, 6 * US_PER_HOUR, MAX_WINDOW_US])


def spread(edges, hours):
    """The same payments with more time between them."""
    start = edges[0].clock_us
    return [edge._replace(clock_us=start + (edge.clock_us - start) * hours) for edge in edges]


def payment_of(edge):
    """What the journal said of a payment."""
    return Payment(
        seq=edge.seq, clock_us=edge.clock_us, ts_us=edge.clock_us, tx_id=edge.tx_id, payer=edge.payer, payee=edge.payee,
        amount_minor=edge.amount, currency="EUR",
    )  # fmt: skip


def remembered(edges):
    """The view of a book that saw all payments but the last, at the last."""
    book = Book(frozenset({"sent", "received", "pair", "before_any"}), "EUR")
    for edge in edges[:-1]:
        book.forget(edge.clock_us)
        book.add_payment(edge, payment_of(edge))
    book.forget(edges[-1].clock_us)
    return BookView(book, edges[-1].clock_us)


@given(data=st.data())
def test_the_view_of_the_memory_is_the_view_of_the_list(graphs, list_view, data):
    edges = spread(data.draw(graphs()), data.draw(st.sampled_from([1, 30, 400, 4000])))
    fast, plain = remembered(edges), list_view(edges[:-1], edges[-1])
    window, limit = data.draw(WINDOWS), data.draw(st.integers(1, 4))
    seq = data.draw(st.integers(0, len(edges)))
    for account in "abcdefz":
        assert list(fast.outs(account, window)) == plain.outs(account, window)
        assert list(fast.ins(account, window)) == plain.ins(account, window)
        assert list(fast.pair(account, "b", window)) == plain.pair(account, "b", window)
        for ask in ("newest_outs", "newest_ins", "newest_in_per_payer", "newest_out_per_payee"):
            assert list(getattr(fast, ask)(account, window, limit)) == getattr(plain, ask)(account, window, limit)
        before = plain.newest_ins_before(account, window, seq, limit)
        assert list(fast.newest_ins_before(account, window, seq, limit)) == before
        assert fast.last_before(account) == plain.last_before(account)


@given(data=st.data())
def test_every_pattern_finds_the_same_in_the_memory_and_in_the_list(graphs, list_view, data):
    edges = spread(data.draw(graphs()), data.draw(st.sampled_from([1, 30, 400, 4000])))
    fast, plain = remembered(edges), list_view(edges[:-1], edges[-1])
    window = data.draw(WINDOWS)
    for pattern in patterns().values():
        assert pattern.find(fast, edges[-1], window, True) == pattern.find(plain, edges[-1], window, True)
