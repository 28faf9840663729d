"""The page by which an auditor's own browser verifies the log: the very file that `headgate audit page` writes."""

from __future__ import annotations

import base64
import hashlib
import re
from functools import cache

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from headgate.ledger.auditor import auditor_page


def show(request: Request) -> Response:
    """Answer with the page. It fetches the log from this service and sends nothing."""
    return HTMLResponse(auditor_page(), headers={"Content-Security-Policy": policy()})


@cache
def policy() -> str:
    """Return a policy that lets the page run its own script and style, by their hashes, and nothing else."""
    page = auditor_page()
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src {_hash('script', page)}",
            f"style-src {_hash('style', page)}",
            "connect-src 'self'",
            "form-action 'none'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        )
    )


def _hash(tag: str, page: str) -> str:
    found = re.findall(rf"<{tag}>(.*?)</{tag}>", page, re.DOTALL)
    assert len(found) == 1, "the page carries all of it in one place"
    return f"'sha256-{base64.b64encode(hashlib.sha256(found[0].encode()).digest()).decode()}'"


PAGES = (("GET", "/audit", show),)
