"""The margin of the trees: for a block, and for one payment, by the kernel, with the bits that LightGBM gives.

Encoded facts enter, raw margins (log-odds, before any calibration) leave, or what each fact adds to one. A row alone
has the same bits as in any block: each row's leaves are added in the order of the trees.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from headgate.errors import ModelError
from headgate.kernel import _kernel as kernel
from headgate.limits import MAX_BLOCK_ROWS
from headgate.models.encoding import rows_of

Floats = npt.NDArray[np.float64]


class Trees:
    """The trees of one model, read from LightGBM's text.

    ModelError, with the line and what is wrong there, where the text is damaged or holds trees that are not read here:
    of several classes, averaged, or with linear leaves.
    """

    def __init__(self, text: str) -> None:
        try:
            self.held = kernel.Trees(text)
        except ValueError as error:
            raise ModelError(
                f"The trees cannot be read: {error}", where="model.txt", repair="Train the model again."
            ) from None
        self.facts: int = self.held.facts

    def margins(self, encoded: pa.Table) -> Floats:
        """Return the raw margins (rows,) of encoded columns; null is missing, as NaN."""
        margins = np.empty(encoded.num_rows, np.float64)
        for start in range(0, encoded.num_rows, MAX_BLOCK_ROWS):
            rows = rows_of(encoded.slice(start, MAX_BLOCK_ROWS))
            margins[start : start + len(rows)] = np.frombuffer(self.held.margins(rows), np.float64)
        return margins

    def single(self, row: kernel.Row) -> Callable[[], float]:
        """Return what gives the raw margin of the one encoded row that the kernel holds, whenever it is called."""
        return partial(self.held.margin, row)

    def contributions(self, row: kernel.Row) -> list[float]:
        """Return what each fact adds to the margin of the row that the kernel holds, in the order of the facts.

        These are Shapley values where a fact that is not known takes each side of a split as often as the rows of
        training did (path-dependent TreeSHAP); `headgate/kernel/shapley.hpp` names the sources.
        """
        return self.held.contributions(row)
