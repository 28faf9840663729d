"""Subscribers: what the settings say about a webhook, checked, with its secret and its address.

Settings, environment and files come in; values with everything that a delivery needs go out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

import msgspec

from headgate.cases.announcement import ANNOUNCEMENTS, AnnouncementKind
from headgate.errors import FieldError, FileError, nearest
from headgate.service.webhooks.address import Target, target_of
from headgate.service.webhooks.signature import secrets_in
from headgate.settings.webhooks import Webhook


class Subscriber(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who is told: the settings, the keys that sign, the address, and the kinds that it wants."""

    settings: Webhook
    keys: tuple[bytes, ...]
    target: Target
    kinds: frozenset[AnnouncementKind]

    @property
    def name(self) -> str:
        """The name under which it is remembered how far it has heard."""
        return self.settings.name


def subscribers_of(webhooks: Iterable[Webhook], environ: Mapping[str, str]) -> tuple[Subscriber, ...]:
    """Return the subscribers of the settings. FieldError or FileError with the place of what is wrong."""
    found = tuple(_subscriber(each, environ) for each in webhooks)
    names = [each.name for each in found]
    for name in names:
        if names.count(name) > 1:
            raise FieldError(
                f"Two webhooks are called {name!r}", where="[[webhooks]]", repair="Give each a name of its own."
            )
    return found


def _subscriber(webhook: Webhook, environ: Mapping[str, str]) -> Subscriber:
    where = f"[[webhooks]] {webhook.name}"
    for kind in webhook.kinds:
        if kind not in ANNOUNCEMENTS:
            known = tuple(ANNOUNCEMENTS)
            raise FieldError(
                f"There is no announcement {kind!r}",
                where=f"{where}, kinds",
                repair=f"{nearest(kind, known)}Use some of {', '.join(known)}.",
            )
    return Subscriber(
        settings=webhook,
        keys=secrets_in(_secret(webhook, environ, where), where),
        target=target_of(webhook.url, f"{where}, url"),
        kinds=frozenset(kind for kind in ANNOUNCEMENTS if not webhook.kinds or kind in webhook.kinds),
    )


def _secret(webhook: Webhook, environ: Mapping[str, str], where: str) -> str:
    if bool(webhook.secret_env) == bool(webhook.secret_file):
        raise FieldError(
            "A webhook has one place for its secret", where=where, repair="Set either `secret_env` or `secret_file`."
        )
    if webhook.secret_env:
        return environ.get(webhook.secret_env, "")
    try:
        return Path(webhook.secret_file).read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError) as error:
        raise FileError(
            f"The secret of a webhook cannot be read: {error}", where=where, repair="Check `secret_file`."
        ) from error
