"""Put an account on a list of the policy, or take it off: by one person, and on a deny list by two.

What a person asks for is an action of the journal under their name; where it needs nobody else, the `list` entry that
takes effect follows at once, and else when another person approves, by an action of their own. The account is a
pseudonym in both. The same request again finds its action and does nothing twice.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple

import msgspec

from headgate.errors import ConflictError, FieldError, ForbiddenError, NotFoundError, nearest
from headgate.journal.entries import Action, Entry, ListChange, ListEntry
from headgate.service.commands.act import taken
from headgate.service.commands.person import person_action
from headgate.service.commands.stage import Stage

LIST: Final = "list"
CHANGE: Final = "change_list"
PROPOSE: Final = "propose_list_change"
APPROVE: Final = "approve_list_change"


class Wish(NamedTuple):
    """What is to change: the subject of the action that asks for it."""

    list_name: str
    change: ListChange
    account: str
    expires_us: int | None

    def subject(self) -> str:
        """Return it as one text."""
        return msgspec.json.encode(self).decode()


class Changed(NamedTuple):
    """What a person asked for, and who approved it; without `approved_by` and `effective` it waits."""

    asked: Action
    wish: Wish
    approved_by: str
    effective: bool


class ChangeList:
    """Ask for a change of a list. entry: with the account by the id of the caller, and the person as its actor."""

    def __init__(self, change_id: str, entry: ListEntry) -> None:
        self._id, self._entry = change_id, entry
        self._asked: Action | None = None
        self._known = False

    def entries(self) -> Iterable[Entry]:
        """The account, so that one that is new is named."""
        return (self._entry,)

    def check(self, stage: Stage) -> None:
        """Raise NotFoundError for an unknown list, FieldError, or ConflictError for an id with other content."""
        lists = stage.pipeline.decisions.policy.lists
        names = (*lists.stop, *lists.deny, *lists.allow)
        if self._entry.list_name not in names:
            raise NotFoundError(
                f"There is no list {self._entry.list_name!r}",
                where="list",
                repair=f"{nearest(self._entry.list_name, names)}The policy names {', '.join(names)}.",
            )
        placed = stage.admit(self._entry)
        known = stage.entry("action", self._id)
        two = placed.change == "add" and placed.list_name in lists.deny
        move = PROPOSE if two else CHANGE
        asked = person_action(self._id, placed.actor, move, LIST, _wish(placed).subject(), placed.reason)
        if isinstance(known, Action) and known.action in (CHANGE, PROPOSE):
            asked = msgspec.structs.replace(asked, action=known.action)  # the policy may have changed since
        if known is not None and not _same(known, asked):
            raise taken(asked)
        if known is None and placed.expires_us is not None and placed.expires_us <= stage.clock_us:
            raise FieldError("It would have expired already", where="expires_at", repair="Give a time to come.")
        stage.pipeline.check(asked)
        stage.pipeline.check(placed)
        self._asked, self._known = asked, known is not None

    def fold(self, stage: Stage) -> Changed:
        """Return the change; it waits where it needs another person."""
        assert self._asked is not None
        if not self._known:
            stage.fold(self._asked)
            if self._asked.action == CHANGE:
                stage.fold(_entry(self._asked, None))
        return _standing(self._asked, stage)


class ApproveChange:
    """Let a change of a list take effect that another person asked for."""

    def __init__(self, change_id: str, actor: str, reason: str) -> None:
        self._id, self._actor, self._reason = change_id, actor, reason
        self._asked: Action | None = None
        self._known = False

    def entries(self) -> Iterable[Entry]:
        """It names no account by an id of the caller."""
        return ()

    def check(self, stage: Stage) -> None:
        """Raise NotFoundError, ForbiddenError for who asked for it, ConflictError where nothing waits."""
        asked = stage.entry("action", self._id)
        if not isinstance(asked, Action) or asked.action not in (CHANGE, PROPOSE):
            raise NotFoundError(f"There is no change {self._id!r} of a list", where="change_id", repair="Check the id.")
        if asked.actor == self._actor:
            raise ForbiddenError(
                f"{self._actor!r} asked for this change, and may not approve it",
                repair="Another person with the role supervisor approves it.",
            )
        approval, known = self._approval(asked), stage.entry("action", _approval_id(self._id))
        if known is not None and not _same(known, approval):
            raise taken(approval)
        if asked.action == CHANGE:
            raise ConflictError(
                f"The change {self._id!r} needs nobody else", where="change_id", repair="It has taken effect already."
            )
        stage.pipeline.check(approval)
        self._asked, self._known = asked, known is not None

    def fold(self, stage: Stage) -> Changed:
        """Return the change, which has taken effect."""
        assert self._asked is not None
        if not self._known:
            stage.fold(self._approval(self._asked))
            stage.fold(_entry(self._asked, self._actor))
        return _standing(self._asked, stage)

    def _approval(self, asked: Action) -> Action:
        return person_action(_approval_id(self._id), self._actor, APPROVE, LIST, asked.subject, self._reason)


class ReadLists:
    """Which accounts stand on which lists now. Nothing changes by asking."""

    def entries(self) -> Iterable[Entry]:
        """It names no account."""
        return ()

    def check(self, stage: Stage) -> None:
        """Nothing can be wrong with it."""

    def fold(self, stage: Stage) -> tuple[tuple[str, str, int | None], ...]:
        """Return (list, pseudonym, expires_us), without those that are over."""
        return tuple(stage.pipeline.decisions.listed(stage.clock_us))


def _standing(asked: Action, stage: Stage) -> Changed:
    approval = stage.entry("action", _approval_id(asked.action_id))
    by = approval.actor if isinstance(approval, Action) else ""
    return Changed(asked, _parsed(asked), by, asked.action == CHANGE or bool(by))


def _entry(asked: Action, second: str | None) -> ListEntry:
    wish = _parsed(asked)
    return ListEntry(
        seq=0,
        clock_us=0,
        list_name=wish.list_name,
        change=wish.change,
        account=wish.account,
        reason=asked.reason,
        expires_us=wish.expires_us,
        actor=asked.actor,
        second_actor=second,
    )


def _wish(placed: ListEntry) -> Wish:
    return Wish(placed.list_name, placed.change, placed.account, placed.expires_us)


def _parsed(asked: Action) -> Wish:
    return msgspec.json.decode(asked.subject, type=Wish)


def _approval_id(change_id: str) -> str:
    return f"{change_id}/approved"


def _same(known: Entry, action: Action) -> bool:
    assert isinstance(known, Action)
    return msgspec.structs.replace(known, seq=0, clock_us=0) == action
