"""What is found of each kind of scheme, and how far two scenarios fire on the same payments."""

from __future__ import annotations

import numpy as np
import pytest

from headgate.scenarios.by_scheme import by_scheme, overlaps

KIND = np.array(["", "ring", "ring", "ring", "cycle"], np.object_)
SCHEME = np.array(["", "r1", "r1", "r2", "c1"], np.object_)


def mask(*rows: int) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    return np.isin(np.arange(5), rows)


def test_recall_is_told_by_kind_in_payments_and_in_schemes() -> None:
    cycle, ring = by_scheme(mask(0, 1, 3), KIND, SCHEME)
    assert (cycle.kind, cycle.payments, cycle.of_payments, cycle.schemes, cycle.of_schemes) == ("cycle", 0, 1, 0, 1)
    assert (ring.payments, ring.of_payments, ring.schemes, ring.of_schemes) == (2, 3, 2, 2)
    assert ring.recall == pytest.approx(2 / 3)


def test_an_overlap_is_a_share_of_the_smaller_and_of_both() -> None:
    pairs = overlaps({"a": mask(0, 1, 2, 3), "b": mask(3), "c": mask(4), "d": mask(2, 4)})
    assert [(pair.first, pair.second) for pair in pairs] == [("c", "d"), ("a", "b"), ("a", "d")]
    found = {(pair.first, pair.second): pair for pair in pairs}
    assert (found["a", "b"].both, found["a", "b"].of_smaller, found["a", "b"].of_union) == (1, 1.0, 0.25)
    assert found["a", "d"].of_smaller == 0.5
    assert ("a", "c") not in found
