"""What the sections of all brokers have in common: which of their settings name a topic that is read or written."""

from __future__ import annotations

import msgspec


class Streams(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A section whose topics (subjects) are named by what they hold; an empty name turns one off."""

    def taken(self) -> dict[str, str]:
        """Return which are read, by what they hold."""
        return self._named("accounts", "sessions", "payments", "statuses", "outcomes")

    def given(self) -> dict[str, str]:
        """Return which are written, by what they hold."""
        return self._named("decisions", "announcements", "dead_letters")

    def _named(self, *held: str) -> dict[str, str]:
        return {name: topic for name in held if (topic := getattr(self, name))}
