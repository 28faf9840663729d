"""The law of streams on the brokers that come with headgate; both run as processes of their own."""

from __future__ import annotations

from typing import Any

import pytest

from headgate.checks.delivers import delivers

pytestmark = pytest.mark.outside


def test_a_stream_delivers_what_the_law_demands(side: Any) -> None:
    delivers(side)
