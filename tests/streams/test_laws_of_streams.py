"""The law of streams on the brokers that come with headgate; both run as processes of their own."""

from __future__ import annotations

from typing import Any

import pytest

from headgate.checks.delivers import delivers

pytestmark = pytest.mark.outside


def test_a_stream_delivers_what_the_law_demands(side: Any) -> None:
    delivers(side)


def test_a_stream_says_how_many_messages_wait_at_the_broker(small: Any) -> None:
    small.feed("payments", [f"{number}".encode() for number in range(35)])
    stream = small.open()
    left, wrong = 35, []
    while left:
        left -= len(stream.poll(1.0))
        wrong += [stream.behind() - left] if left < 35 else []
    stream.close()
    assert wrong == [0] * len(wrong)
    assert len(wrong) > 3


def test_what_a_member_of_nats_leaves_behind_comes_at_once_to_the_next(patient: Any) -> None:
    """The server has a standing request of whoever leaves, and what is given back must not go to it."""
    bodies = {f"{number}".encode() for number in range(700)}
    patient.feed("payments", sorted(bodies))
    for _ in range(5):
        stream = patient.open()
        came: set[bytes] = set()
        for _ in range(20):
            came |= {message.body for message in stream.poll(0.5)}
            if came == bodies:
                break
        stream.close()
        assert came == bodies
