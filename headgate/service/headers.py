"""Headers that every answer carries: what a browser may load, and that nothing of it is kept.

The policy allows files of this service only: no inline script or style, no frame, no other site.
"""

from __future__ import annotations

from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}


_RAW = tuple((name.lower().encode(), value.encode()) for name, value in HEADERS.items())
_RAW_AND_UNKEPT = (*_RAW, (b"cache-control", b"no-store"))


_POLICY: Final = b"content-security-policy"


class SecurityHeaders:
    """ASGI middleware that adds the headers; only static files may be kept by a browser.

    A page that carries its own script brings its own policy, which names that script by its hash.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                kept = scope["path"].startswith("/static/")
                added = _RAW if kept else _RAW_AND_UNKEPT
                if any(name == _POLICY for name, _ in message["headers"]):
                    added = tuple(each for each in added if each[0] != _POLICY)
                message["headers"] = [*message["headers"], *added]
            await send(message)

        await self._app(scope, receive, send_with_headers if scope["type"] == "http" else send)
