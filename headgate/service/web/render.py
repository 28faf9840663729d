"""Fills templates. Values go in, HTML comes out; everything is escaped, and nothing is kept."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse

from headgate import __version__
from headgate.service.auth import Caller
from headgate.service.parts import parts_of
from headgate.service.roles import allows
from headgate.service.web.words import FILTERS

FOLDER: Final = Path(__file__).parent
STATIC: Final = FOLDER / "static"


class Pages:
    """The templates of the workbench, loaded once."""

    def __init__(self) -> None:
        self._templates = Environment(
            loader=FileSystemLoader(FOLDER / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.filters |= FILTERS

    def show(self, request: Request, template: str, status: int = 200, **values: Any) -> HTMLResponse:
        """Return a page for whoever asks, with the token for its forms."""
        caller: Caller | None = getattr(request.state, "caller", None)
        html = self._templates.get_template(template).render(
            user=caller,
            may=lambda path: allows(caller.role if caller else None, "GET", path),
            here=request.url.path,
            version=__version__,
            csrf=parts_of(request).csrf.token(caller.secret) if caller else values.pop("csrf", ""),
            **values,
        )
        return HTMLResponse(html, status)
