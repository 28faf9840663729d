"""Dead letters: what a subscriber did not take after the last attempt; a person sends it again or drops it."""

from __future__ import annotations

from collections.abc import Sequence

from headgate.cases.announcement import DeadLetter
from headgate.errors import NotFoundError, UnavailableError, nearest
from headgate.service.webhooks.sending import NotTakenError, send
from headgate.service.webhooks.subscribers import Subscriber
from headgate.stores.store import Announcements


def letter_of(outbox: Announcements, subscriber: str, announcement_id: str) -> DeadLetter:
    """Return one letter. NotFoundError where there is none."""
    letters = {each.announcement.id: each for each in outbox.dead_letters(subscriber)}
    if announcement_id not in letters:
        raise NotFoundError(
            f"There is no dead letter {announcement_id!r} of {subscriber!r}",
            where="dead letters",
            repair=f"{nearest(announcement_id, tuple(letters))}`headgate webhooks dead` lists them.",
        )
    return letters[announcement_id]


def send_again(
    outbox: Announcements, subscribers: Sequence[Subscriber], letter: DeadLetter, now_seconds: float
) -> None:
    """Try a letter once more; take it off the list when it is taken.

    Raises NotFoundError for a subscriber that the settings no longer name, UnavailableError when it is not taken.
    """
    known = {each.name: each for each in subscribers}
    if letter.subscriber not in known:
        raise NotFoundError(
            f"The settings name no webhook {letter.subscriber!r}",
            where="[[webhooks]]",
            repair=f"{nearest(letter.subscriber, tuple(known))}Write it into headgate.toml again, or drop the letter.",
        )
    try:
        send(known[letter.subscriber], letter.announcement, now_seconds)
    except NotTakenError as error:
        raise UnavailableError(
            f"The webhook {letter.subscriber!r} did not take it: {error}",
            where=letter.announcement.id,
            repair="The letter stays on the list: repair the receiver and try again.",
        ) from error
    drop(outbox, letter)


def drop(outbox: Announcements, letter: DeadLetter) -> None:
    """Take a letter off the list. NotFoundError where somebody was faster."""
    outbox.remove_dead_letter(letter.subscriber, (letter.announcement.seq, letter.announcement.place))
