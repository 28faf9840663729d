"""The page that says what this system judges, what it never does, and what the charter refuses."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from headgate.service.parts import parts_of


def boundaries(request: Request) -> Response:
    """Show the boundaries and the charter in force; open to everybody."""
    parts = parts_of(request)
    return parts.pages.show(
        request,
        "boundaries.html",
        purposes=parts.charter.purposes,
        refusals=parts.charter.refusals,
        charter_hash=parts.charter.content_hash[:16],
    )


PAGES = (("GET", "/boundaries", boundaries),)
