"""Tokens that tie a form to the browser that was given it (CSRF), and the check of where a request comes from.

A token is an HMAC over the browser's own secret cookie, with a key that lives as long as this process. Forms of
another site can neither read the cookie nor make the token.
"""

from __future__ import annotations

import hashlib
import hmac
from urllib.parse import urlsplit

from starlette.requests import Request

from headgate.errors import ForbiddenError

FIELD = "csrf"


class Csrf:
    """Makes and checks tokens. key: 32 random bytes of this process."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def token(self, secret: str) -> str:
        """Return the token for the browser that holds the cookie value `secret`."""
        return hmac.new(self._key, secret.encode(), hashlib.sha256).hexdigest()

    def check(self, request: Request, secret: str | None, given: object) -> None:
        """Raise ForbiddenError unless the request comes from a form that this service made for this browser."""
        if not _same_site(request):
            raise ForbiddenError(
                "This form was sent by another site", repair="Open the workbench itself and try there."
            )
        expected = self.token(secret) if secret else ""
        if not secret or not isinstance(given, str) or not hmac.compare_digest(expected.encode(), given.encode()):
            raise ForbiddenError(
                "This form is too old or was not made for you",
                repair="Go back, load the page again and repeat; nothing was changed.",
            )


def _same_site(request: Request) -> bool:
    """Whether the browser says that the form is our own; a browser that says nothing is left to the token."""
    origin = request.headers.get("origin")
    if origin is not None and origin != "null":
        return urlsplit(origin).netloc == request.headers.get("host", "")
    return origin is None and request.headers.get("sec-fetch-site") in (None, "same-origin", "none")
