"""Problems of the service become the errors of headgate again: the same class, with what, where and repair."""

from __future__ import annotations

import msgspec

from headgate.client.connections import Answer
from headgate.errors import HeadgateError, RateError, UnavailableError
from headgate.service.problems import Problem, kinds, type_of


def error_of(answer: Answer) -> HeadgateError:
    """Return the error that an answer with a status of 400 or more stands for."""
    try:
        problem = msgspec.json.decode(answer.body, type=Problem)
    except msgspec.MsgspecError:
        return _bare(answer)
    kind = next((each for each in kinds() if type_of(each) == problem.type), HeadgateError)
    error = kind(problem.detail.rstrip("."), where=problem.where, repair=problem.repair)
    if isinstance(error, UnavailableError) and problem.fallback is not None:
        error.fallback_action = problem.fallback.action
        error.fallback_sentence = problem.fallback.sentence
    if isinstance(error, RateError) and answer.retry_after.isdigit():
        error.retry_after_seconds = int(answer.retry_after)
    return error


def unreached(error: Exception) -> UnavailableError:
    """Return the error for a service that gives no answer at all; it has no fallback: yours applies."""
    return UnavailableError(
        f"The service gives no answer: {error or type(error).__name__}",
        where="connection",
        repair="Use your own fallback for now; check the address, the network and whether it runs.",
    )


def _bare(answer: Answer) -> HeadgateError:
    what = f"Something on the way answered {answer.status} without saying why"
    repair = "Look at what stands between this program and the service."
    kind = UnavailableError if answer.status >= 500 or answer.status == 429 else HeadgateError
    return kind(what, where="connection", repair=repair)
