"""The outbox: announcements of the store are published in their order, and how far is remembered in the store.

Words and ids are those of the webhooks. What a crash leaves between publishing and remembering is published again under
the same id.
"""

from __future__ import annotations

from headgate.connectors.stream import Out, Stream
from headgate.limits import MAX_ANNOUNCEMENTS
from headgate.service.webhooks.sending import body_of, id_of
from headgate.stores.store import Store


class Outbox:
    """What one subscriber is told; its name is remembered with how far it has heard."""

    def __init__(self, store: Store, subscriber: str) -> None:
        self._store = store
        self._subscriber = subscriber

    def tell(self, stream: Stream) -> int:
        """Publish what the subscriber has not heard, up to a limit; return how many announcements that were.

        Raises BrokerError when the stream cannot, UnavailableError when the store cannot.
        """
        after = self._store.heard(self._subscriber)
        told = list(self._store.announcements(after, MAX_ANNOUNCEMENTS))
        if told:
            stream.publish([Out("announcements", id_of(each), body_of(each)) for each in told])
            self._store.note_heard(self._subscriber, (told[-1].seq, told[-1].place))
        return len(told)
