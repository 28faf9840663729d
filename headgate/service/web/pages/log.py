"""The published log as files at the paths of tlog-tiles; open to everybody: it holds commitments and no values."""

from __future__ import annotations

import re
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from headgate.errors import NotFoundError
from headgate.ledger.publish import KEYS
from headgate.ledger.tiles import CHECKPOINT
from headgate.service.parts import parts_of

_TEXTS: Final = (CHECKPOINT, KEYS)
_TILE: Final = re.compile(r"tile/(entries|[0-9]{1,2})/(x[0-9]{3}/)*[0-9]{3}(\.p/[0-9]{1,3})?")


def show(request: Request) -> Response:
    """Answer with one file of the log."""
    path, parts = request.path_params["path"], parts_of(request)
    publishing = parts.publishing
    known = path in _TEXTS or _TILE.fullmatch(path)
    if publishing is None or not parts.settings.ledger.serve or not known:
        raise _none(path)
    try:
        content = (publishing.folder / path).read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        raise _none(path) from None
    kind = "text/plain; charset=utf-8" if path in _TEXTS else "application/octet-stream"
    keep = "no-cache" if path in _TEXTS else "max-age=604800, immutable"
    return Response(content, headers={"Content-Type": kind, "Cache-Control": keep})


def _none(path: str) -> NotFoundError:
    return NotFoundError(
        f"There is no file {path[:100]!r} in the log", repair="Begin with /log/checkpoint; it says the size."
    )


PAGES = (("GET", "/log/{path:path}", show),)
