"""Pseudonyms in memory, by prefix and id, so that a known account costs no look at the vault; they are bounded."""

from __future__ import annotations

from collections import defaultdict

from headgate.limits import MAX_REMEMBERED_NAMES


class AtHand:
    """Names that were looked up. Whoever erases one, or hears that another program may have, has to say so here."""

    def __init__(self) -> None:
        self._names: defaultdict[str, dict[str, str]] = defaultdict(dict)

    def of(self, prefix: str) -> dict[str, str]:
        """Return what is known of a prefix, id to pseudonym, as it stands and grows."""
        return self._names[prefix]

    def make_room(self) -> None:
        """Forget everything where there is too much of it; for whoever is about to add."""
        if sum(map(len, self._names.values())) > MAX_REMEMBERED_NAMES:
            self.forget()

    def forget(self) -> None:
        """Forget everything."""
        self._names.clear()
