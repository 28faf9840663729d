"""Settings that hold for every test: no deadlines (machines differ), and the same random examples each run."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

settings.register_profile(
    "headgate", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow], max_examples=60
)
settings.load_profile("headgate")
