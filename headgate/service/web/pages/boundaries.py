"""The page that says what this system judges, what it never does, and what the charter refuses."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from headgate.service.parts import parts_of


def boundaries(request: Request) -> Response:
    """Show the boundaries and the charter in force; open to everybody."""
    parts = parts_of(request)
    charter = parts.rules().charter
    return parts.pages.show(
        request,
        "boundaries.html",
        purposes=charter.purposes,
        refusals=charter.refusals,
        charter_hash=charter.content_hash[:16],
    )


PAGES = (("GET", "/boundaries", boundaries),)
