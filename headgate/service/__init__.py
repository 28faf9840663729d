"""The service: HTTP API and workbench over one writer that owns the state."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path


def run(
    home: Path,
    host: str = "127.0.0.1",
    port: int = 8321,
    on_ready: Callable[[str], None] = lambda address: None,
    tick: Callable[[int], None] = lambda entries: None,
) -> None:
    """Serve a home until SIGINT or SIGTERM.

    on_ready hears the address when the service answers; tick hears of journal entries while the state is folded.
    Raises FieldError for an address that cannot be had, NotFoundError where there is no home.
    """
    from headgate.service.serving import serve

    serve(home, host, port, on_ready, tick)
