"""What can go wrong, in words for the person who has to repair it.

Every error that a user can meet is one of these classes. Each says what happened, where (file, row, column,
field) and what to do. Nothing here does input or output.
"""

from __future__ import annotations


class HeadgateError(Exception):
    """Base of all errors that headgate explains to a user.

    what: what happened, one sentence. where: the place (file, row, column, field), may be empty.
    repair: what to do about it. `code` is the stable name that services and documents use.
    """

    code = "error"
    http_status = 400
    exit_code = 2

    def __init__(self, what: str, *, where: str = "", repair: str) -> None:
        self.what = what
        self.where = where
        self.repair = repair
        super().__init__(self.paragraph())

    def __reduce__(self) -> tuple[object, ...]:  # for another process, whatever a class wants to be made of
        return Exception.__new__, (type(self), self.paragraph()), self.__dict__

    def paragraph(self) -> str:
        """The error as one paragraph: what, where, how to repair."""
        place = f" ({self.where})" if self.where else ""
        return f"{self.what}{place}. {self.repair}"


class FieldError(HeadgateError):
    """A value of a field is missing, malformed or out of its limits."""

    code = "field"
    http_status = 422


class UnknownFieldError(HeadgateError):
    """A field that headgate does not know was given."""

    code = "unknown-field"
    http_status = 422


class RefusedFieldError(HeadgateError):
    """A field that the charter refuses (special categories, locations, messages, …) was given."""

    code = "refused-field"
    http_status = 422


class CharterError(HeadgateError):
    """The charter file itself is malformed or tries to allow what headgate never allows."""

    code = "charter"


class UnknownFactError(HeadgateError):
    """A name is not a fact of the grammar."""

    code = "unknown-fact"
    http_status = 422


class ConditionError(HeadgateError):
    """A scenario condition is outside the closed expression grammar."""

    code = "condition"


class ScenarioError(HeadgateError):
    """A scenario file is malformed or one of its examples fails."""

    code = "scenario"


class QueryError(HeadgateError):
    """A question over a home is no single SELECT, names what does not exist, or reaches a bound."""

    code = "query"
    http_status = 422


class ConflictError(HeadgateError):
    """The same id came again with other content, or a state changed meanwhile."""

    code = "conflict"
    http_status = 409


class OrderError(HeadgateError):
    """Entries are not in the order of the journal, or their clocks run backwards."""

    code = "order"


class FarFutureError(HeadgateError):
    """A payment claims a time too far ahead of the clock."""

    code = "far-future"
    http_status = 422


class LimitError(HeadgateError):
    """A bound of limits.py was exceeded."""

    code = "limit"
    http_status = 413


class FileError(HeadgateError):
    """A file or folder cannot be read or written, or is not what it should be."""

    code = "file"


class DatasetError(HeadgateError):
    """A dataset folder lacks something that the command needs."""

    code = "dataset"


class SnapshotError(HeadgateError):
    """A snapshot is damaged, of another version, or not a snapshot."""

    code = "snapshot"


class ModelError(HeadgateError):
    """A model cannot be trained or loaded."""

    code = "model"


class PolicyError(HeadgateError):
    """The policy file is malformed or out of its bounds."""

    code = "policy"


class RolloutError(HeadgateError):
    """The rollout file is malformed, or names what is not there."""

    code = "rollout"


class NotFoundError(HeadgateError):
    """What was asked for does not exist."""

    code = "not-found"
    http_status = 404
    exit_code = 1


class AuthError(HeadgateError):
    """Nobody is logged in, or the credentials are wrong."""

    code = "auth"
    http_status = 401


class ExpiredKeyError(HeadgateError):
    """The key was good, and its time is over."""

    code = "expired-key"
    http_status = 401


class ForbiddenError(HeadgateError):
    """The role of this user does not allow this."""

    code = "forbidden"
    http_status = 403


class ScopeError(HeadgateError):
    """The role of this key would allow this, but the key was made for other operations."""

    code = "scope"
    http_status = 403


class UnavailableError(HeadgateError):
    """The service cannot decide now; the caller's own fallback applies."""

    code = "unavailable"
    http_status = 503
    fallback_action = ""  # what the settings of the service want done meanwhile, where they were told
    fallback_sentence = ""


class BrokerError(HeadgateError):
    """A broker (Kafka, NATS) cannot be used now; it is tried again by itself."""

    code = "broker"
    http_status = 503


class MalformedError(HeadgateError):
    """The body of a request is not what it should be: not JSON, not UTF-8, or not an object or a list."""

    code = "malformed"


class MethodError(HeadgateError):
    """The address exists, but not with this HTTP method."""

    code = "method"
    http_status = 405


class TooManyError(HeadgateError):
    """Too many attempts in too short a time."""

    code = "too-many"
    http_status = 429


class RateError(HeadgateError):
    """A key sends more than it may in a second."""

    code = "rate"
    http_status = 429
    retry_after_seconds = 1


class SignatureError(HeadgateError):
    """A webhook was not signed with the secret that was agreed, or is too old."""

    code = "signature"
    http_status = 401
    exit_code = 1


class LedgerError(HeadgateError):
    """A log, or a part of one, is not what was signed: an entry, a tile, a checkpoint or a proof."""

    code = "ledger"
    http_status = 503
    exit_code = 1


class NoteError(LedgerError):
    """A signed note is malformed, or no key that is trusted here signed it."""

    code = "note"
    http_status = 403


class WitnessError(LedgerError):
    """A witness refused to co-sign, cannot be reached, or knows another history of the log."""

    code = "witness"


class RolledBackError(WitnessError):
    """A witness, or the published log, knows another or a longer history of the log than its store has."""

    code = "rolled-back"


class LegalHoldError(HeadgateError):
    """A legal hold forbids this erasure until it expires or is lifted."""

    code = "legal-hold"
    http_status = 409
    exit_code = 1


class LawError(HeadgateError):
    """A part breaks one of the laws of `headgate.checks`."""

    code = "law"
    exit_code = 1


def nearest(name: str, known: list[str] | tuple[str, ...]) -> str:
    """Return a clause that suggests the nearest known name, or an empty string when none is near."""
    import difflib

    close = difflib.get_close_matches(name, known, n=1, cutoff=0.6)
    return f"Did you mean {close[0]!r}? " if close else ""
