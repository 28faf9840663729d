"""A minute of the soak; `make soak` takes twenty."""

from __future__ import annotations

import pytest

from torture.soak import RATE, soak


@pytest.mark.outside
def test_a_served_home_takes_a_minute_of_load_without_a_refusal() -> None:
    found = soak(1)
    assert found.wrong == []
    assert found.requests >= RATE * 50
