"""The margin of the trees: for a block, and for one payment by the single-row call of LightGBM's C interface.

Encoded facts enter, raw margins (log-odds, before any calibration) leave. A row alone has the same bits as in any
block: each row's leaves are added in the order of the trees.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from typing import Final

import lightgbm as lgb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
from lightgbm.basic import _LIB, LightGBMError, _safe_call

from headgate.errors import ModelError
from headgate.limits import MAX_BLOCK_ROWS

Floats = npt.NDArray[np.float64]

THREADS: Final = 2
_RAW_SCORE: Final = 1  # C_API_PREDICT_RAW_SCORE
_FLOAT64: Final = 1  # C_API_DTYPE_FLOAT64
# The same library by calls that keep the interpreter: letting go of it for ten microseconds means to wait for
# milliseconds where another thread has work.
_KEEPING: Final = ctypes.PyDLL(_LIB._name)


class Trees:
    """The trees of one model, read from LightGBM's text; ModelError where the text is not a model."""

    def __init__(self, text: str) -> None:
        try:
            self._booster = lgb.Booster(model_str=text)
        except LightGBMError as error:
            raise ModelError(
                f"The trees cannot be read: {error}", where="model.txt", repair="Train the model again."
            ) from None
        self.facts: int = self._booster.num_feature()

    def margins(self, encoded: pa.Table) -> Floats:
        """Return the raw margins (rows,) of encoded columns."""
        if not encoded.num_rows:
            return np.empty(0, np.float64)
        parts = [encoded.slice(start, MAX_BLOCK_ROWS) for start in range(0, encoded.num_rows, MAX_BLOCK_ROWS)]
        return np.concatenate([self._predict(part) for part in parts])

    def _predict(self, part: pa.Table) -> Floats:
        margins: Floats = self._booster.predict(part.combine_chunks(), raw_score=True, num_threads=THREADS)
        return margins

    def single(self, address: int) -> Callable[[], float]:
        """Return what gives the raw margin of the one encoded row that stands at an address, whenever it is called."""
        return _SingleRow(self._booster, address).margin

    def contributions(self, row: list[float]) -> list[float]:
        """Return what each fact adds to the margin of one row, in the order of the facts (exact TreeSHAP).

        Source: Lundberg et al., "From local explanations to global understanding with explainable AI for trees", 2020.
        """
        answer = self._booster.predict(np.array([row]), pred_contrib=True, num_threads=1)
        contributions: list[float] = answer[0, :-1].tolist()
        return contributions


class _SingleRow:
    """A prepared call on one place in memory, so that a payment costs no allocation in the library."""

    def __init__(self, booster: lgb.Booster, address: int) -> None:
        self._booster = booster  # the handle lives as long as its owner
        width = booster.num_feature()
        self._length = ctypes.c_int64(0)
        self._result = ctypes.c_double(0.0)
        self._config = ctypes.c_void_p()
        _safe_call(
            _LIB.LGBM_BoosterPredictForMatSingleRowFastInit(
                booster._handle,
                ctypes.c_int(_RAW_SCORE),
                ctypes.c_int(0),
                ctypes.c_int(-1),
                ctypes.c_int(_FLOAT64),
                ctypes.c_int32(width),
                ctypes.c_char_p(b"num_threads=1"),
                ctypes.byref(self._config),
            )
        )
        self._arguments = (
            self._config,
            ctypes.c_void_p(address),
            ctypes.byref(self._length),
            ctypes.byref(self._result),
        )
        self._call = _KEEPING.LGBM_BoosterPredictForMatSingleRowFast

    def margin(self) -> float:
        _safe_call(self._call(*self._arguments))
        return self._result.value

    def __del__(self) -> None:
        if getattr(self, "_config", None):
            _LIB.LGBM_FastConfigFree(self._config)
