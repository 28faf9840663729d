"""A real browser on a real service: the bank of the service tests behind uvicorn, looked at by Chromium."""

from __future__ import annotations

import importlib.util
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from headgate.service.app import make_app
from headgate.service.opening import opened
from headgate.service.parts import Parts
from headgate.service.people import add_person
from headgate.service.serving import address_of, taken

_SERVICE = Path(__file__).parents[1] / "service" / "conftest.py"
_spec = importlib.util.spec_from_file_location("bank_of_the_service_tests", _SERVICE)
assert _spec is not None
assert _spec.loader is not None
_bank = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(_bank)

rules, told, open_told, bank = _bank.rules, _bank.told, _bank.open_told, _bank.bank
told_payments, replayed_once, home, fresh = _bank.told_payments, _bank.replayed_once, _bank.home, _bank.fresh
Open = Callable[..., Page]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def address(bank: Any) -> Iterator[str]:
    """A service on a free port, in a thread of its own."""
    with served(bank.parts()) as found:
        yield found


@contextmanager
def served(parts: Parts) -> Iterator[str]:
    """The parts of a service behind a real server."""
    with taken("127.0.0.1", 0) as listening:
        config = uvicorn.Config(make_app(parts), lifespan="off", log_level="warning")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        listening.listen()
        thread.start()
        yield address_of(listening)
        server.should_exit = True
        thread.join()


class Looker:
    """Pages of one browser window, and everything that its console complained about."""

    def __init__(self, context: BrowserContext, address: str) -> None:
        self.page = context.new_page()
        self.address = address
        self.complaints: list[str] = []
        self.page.on("console", self._heard)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _heard(self, message: Any) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(message.text)

    def log_in(self, name: str) -> None:
        self.page.goto(f"{self.address}/login")
        self.page.fill("#name", name)
        self.page.fill("#password", _bank.PASSWORD)
        self.page.click("main button")
        self.page.wait_for_url(f"{self.address}/*")

    def go(self, path: str) -> None:
        self.page.goto(f"{self.address}{path}")
        self.page.wait_for_load_state("networkidle")

    def overflow(self) -> int:
        """How many pixels the page is wider than its window."""
        found: int = self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        return found


@pytest.fixture
def look(chromium: Browser, address: str) -> Iterator[Callable[..., Looker]]:
    """Open a window of a width, with or without JavaScript."""
    contexts: list[BrowserContext] = []

    def opened(width: int, *, scripts: bool = True, scheme: Any = "light") -> Looker:
        context = chromium.new_context(
            viewport={"width": width, "height": 900}, java_script_enabled=scripts, color_scheme=scheme
        )
        context.set_default_timeout(15_000)
        contexts.append(context)
        return Looker(context, address)

    yield opened
    for context in contexts:
        context.close()


@pytest.fixture
def audited(chromium: Browser, home: Path, fresh: Iterator[Any]) -> Iterator[Looker]:
    """A window on a served home that has decided 600 payments and is kept by its auditor and an analyst."""
    with opened(home, "127.0.0.1", lambda entries: None) as parts:
        parts.writer.decide([next(fresh) for _ in range(600)]).result(60)
        for name in ("auditor", "analyst"):
            add_person(parts.store, name, name, _bank.PASSWORD, 1)
        assert parts.publishing is not None
        parts.publishing.publish()
        with served(parts) as address:
            context = chromium.new_context()
            context.set_default_timeout(30_000)
            yield Looker(context, address)
            context.close()
