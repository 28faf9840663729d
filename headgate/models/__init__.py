"""The model: a score for a payment, learnt from the outcomes of earlier payments, with reasons in words.

Facts and known labels enter as columns. Scores belong to payments; nothing here scores or ranks an account or a
person, and a column that the charter refuses cannot be learnt from. `fit` and `predict` are for notebooks.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

# The threads of the learner wait asleep, unless told otherwise: spinning takes the processor from the service beside,
# and on a busy machine makes training many times slower. It has to be said before the learner is loaded.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

if TYPE_CHECKING:
    from headgate.models.fitting import Scores as Scores
    from headgate.models.fitting import fit as fit
    from headgate.models.fitting import predict as predict

__all__ = ["Scores", "fit", "predict"]


def __getattr__(name: str) -> object:
    """Load the learner when it is asked for; who needs a value of this room only does not wait for it."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from headgate.models import fitting

    return getattr(fitting, name)
