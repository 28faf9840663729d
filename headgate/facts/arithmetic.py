"""The last step of every fact that is not an integer: exact integers in, one conversion each, then + - * / sqrt.

n payments, S the sum of their amounts, Q the sum of the squares of their amounts, x the amount judged.
"""

from __future__ import annotations

from math import sqrt


def mean(n: int, s: int) -> float | None:
    """float(S) / float(n); None for no payment."""
    return float(s) / float(n) if n else None


def deviation(n: int, s: int, q: int) -> float | None:
    """Population standard deviation sqrt(float(n*Q - S*S)) / float(n); None below two payments."""
    return sqrt(float(n * q - s * s)) / float(n) if n >= 2 else None


def z(n: int, s: int, q: int, x: int) -> float | None:
    """float(n*x - S) / sqrt(float(n*Q - S*S)); None below two payments or where all amounts are equal."""
    spread = n * q - s * s
    return float(n * x - s) / sqrt(float(spread)) if n >= 2 and spread else None


def ratio(part: int, whole: int) -> float | None:
    """float(part) / float(whole); None unless the whole is above zero."""
    return float(part) / float(whole) if whole > 0 else None
