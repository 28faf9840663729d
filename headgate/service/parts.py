"""What the endpoints of one service may reach, put together once when it starts."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from starlette.requests import Request

from headgate.drivers.rules import Rules
from headgate.service.auth import Auth
from headgate.service.buckets import Buckets
from headgate.service.csrf import Csrf
from headgate.service.inside import Deciding, PublishedLog, Wishes
from headgate.service.intake import Intake
from headgate.service.metrics import Metrics
from headgate.service.streams.running import Streams
from headgate.service.webhooks.courier import Courier
from headgate.settings.document import Settings
from headgate.stores.store import Store

if TYPE_CHECKING:
    from headgate.service.web.render import Pages


class Cookies(msgspec.Struct, frozen=True):
    """Names of the cookies. `__Host-` binds one to this host and to HTTPS, where there is HTTPS."""

    secure: bool

    @property
    def session(self) -> str:
        """The cookie of a login."""
        return "__Host-headgate_session" if self.secure else "headgate_session"

    @property
    def visit(self) -> str:
        """The cookie that ties the login form to a browser."""
        return "__Host-headgate_visit" if self.secure else "headgate_visit"


class Parts(msgspec.Struct, frozen=True, kw_only=True):
    """The parts of a running service.

    `store` is for reading and for logins; payments go to the writer alone. `rules` gives those in force. `vault` is a
    path. `home_name` is the home as it was named at the start. metrics: what is counted where requests are answered;
    figures_inside: what is counted where payments are decided, as text.
    """

    settings: Settings
    store: Store
    vault: Path
    writer: Deciding
    auth: Auth
    buckets: Buckets
    metrics: Metrics
    csrf: Csrf
    intake: Intake
    rules: Callable[[], Rules]
    reference_currency: str
    home_name: str
    cookies: Cookies
    pages: Pages
    streams: Streams = msgspec.field(default_factory=Streams)
    couriers: tuple[Courier, ...] = ()
    publishing: PublishedLog | None = None
    taking: Wishes | None = None
    figures_inside: Callable[[], bytes] = lambda: b""


def parts_of(request: Request) -> Parts:
    """Return the parts of the service that this request came to."""
    parts = request.app.state.parts
    assert isinstance(parts, Parts)
    return parts
