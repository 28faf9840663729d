"""A small bank on the real store and the real pipeline: quiet payments, then two chains of mules and a cycle."""

from __future__ import annotations

import shutil
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import msgspec
import pyarrow as pa
import pytest
import uvicorn
from argon2 import PasswordHasher
from starlette.testclient import TestClient

from headgate.cases.grouping import CaseState
from headgate.charter.pseudonyms import Vault
from headgate.connectors.dataset import Dataset
from headgate.decisions.decide import DecisionState
from headgate.drivers.pipeline import Pipeline
from headgate.drivers.replay import replay
from headgate.drivers.rules import Rules, load_rules
from headgate.errors import UnavailableError
from headgate.facts.engine import Engine
from headgate.journal.entries import Payment
from headgate.journal.order import order_table
from headgate.journal.schema import to_block
from headgate.service import passwords
from headgate.service.app import make_app
from headgate.service.around import Folded
from headgate.service.auth import Auth
from headgate.service.buckets import Buckets
from headgate.service.csrf import Csrf
from headgate.service.inside import Inside
from headgate.service.intake import Intake
from headgate.service.metrics import Metrics
from headgate.service.parts import Cookies, Parts
from headgate.service.people import make_key
from headgate.service.roles import ROLES
from headgate.service.serving import taken
from headgate.service.web.render import Pages
from headgate.service.writer import Writer
from headgate.settings.document import Settings
from headgate.stores.sqlite import SqliteStore
from headgate.stores.users import User
from tests.service.wired import Wired

T0 = 1_741_104_000_000_000
MINUTE_US = 60_000_000
PASSWORD = "a long enough sentence"
# A service hashes at a cost that would make hundreds of tests slow; one test asks a fresh process for that cost.
passwords._HASHER = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
passwords._DUMMY = passwords.hash_password("nobody's password")
HASH = passwords.hash_password(PASSWORD)
POLICY = """
[budget]
cases_per_day = 10
largest_share = 1.0
"""


def payment(number: int, payer: str, payee: str, amount_minor: int, ts_us: int, **more: str) -> Payment:
    return Payment(
        seq=0, clock_us=0, tx_id=f"P-{number:04d}", ts_us=ts_us, payer=payer, payee=payee, amount_minor=amount_minor,
        currency="EUR", rail=more.get("rail", "transfer"), channel="app",
    )  # fmt: skip


def story() -> list[Payment]:
    """Sixty quiet payments over two days, then two chains of four accounts and a cycle of three."""
    quiet = [(f"C-{n % 7}", f"SHOP-{n % 3}", 2_000 + 13 * n) for n in range(60)]
    chains = [(f"{name}-{n}", f"{name}-{n + 1}", 91_000 - 900 * n) for name in ("M", "N") for n in range(3)]
    cycle = [("K-0", "K-1", 70_000), ("K-1", "K-2", 69_000), ("K-2", "K-0", 68_500)]
    rows = [*quiet, *chains, *cycle]
    return [payment(n, payer, payee, amount, T0 + 45 * n * MINUTE_US) for n, (payer, payee, amount) in enumerate(rows)]


class NoLog:
    folder = Path("log")

    def published(self, size: int) -> bytes:
        raise UnavailableError("No log is published", repair="Publish one.")


class NoWishes:
    trouble = ""


class Bank:
    """A store, a vault and a writer in one folder, with a clock that the test moves."""

    payment = staticmethod(payment)
    story = staticmethod(story)

    def __init__(self, folder: Path, rules: Rules) -> None:
        self.folder = folder
        self.rules = rules
        self.now_us = T0
        self.log: list[str] = []
        self.open()

    def open(self) -> None:
        self.store = SqliteStore(self.folder / "headgate.db")
        self.vault = Vault(self.folder / "vault.db")
        self.wired: Wired | None = None
        self.writer = Writer(
            self.store, self.vault, self.folded, lambda: self.now_us, self.log.append, answered=self.answered
        )

    def answered(self) -> None:
        if self.wired is not None:
            self.wired.inner.flush()

    def close(self) -> None:
        self.writer.stop()
        if self.wired is not None:
            self.wired.close()
        self.vault.close()
        self.store.close()

    def folded(self) -> Folded:
        """Both folds over the journal of the store, from its first entry."""
        decisions = DecisionState(self.rules.policy)
        pipeline = Pipeline(Engine(self.rules.facts), self.rules.scenarios, None, decisions, CaseState())
        for entry in self.store.tail():
            pipeline.step(entry)
        return Folded(pipeline)

    def tell(self, payments: list[Payment]) -> None:
        """Let payments arrive, each at its own time."""
        for each in payments:
            self.now_us = max(self.now_us, each.ts_us)
            self.writer.decide([each]).result(timeout=60)

    def parts(self, settings: Settings | None = None) -> Parts:
        """What answers requests, at the other end of a wire."""
        if self.wired is None:
            self.wired = Wired(Inside(self.writer, NoLog(), NoWishes(), lambda: b""))
        return Parts(
            settings=settings or Settings(),
            store=self.store,
            vault=self.folder / "vault.db",
            writer=self.wired.far.writer,
            auth=Auth(self.store, lambda: self.now_us),
            metrics=Metrics(),
            buckets=Buckets((settings or Settings()).limits, lambda: self.now_us / 1e6),
            csrf=Csrf(b"k" * 32),
            intake=Intake(lambda: self.rules.charter),
            rules=lambda: self.rules,
            reference_currency="EUR",
            home_name="home",
            cookies=Cookies((settings or Settings()).server.https),
            pages=Pages(),
        )

    @contextmanager
    def serving(self, settings: Settings | None = None, listening: socket.socket | None = None) -> Iterator[str]:
        """A real server over a socket; its address."""
        with listening or taken("127.0.0.1", 0) as held:
            config = uvicorn.Config(
                make_app(self.parts(settings)), lifespan="off", log_level="warning", access_log=False
            )
            server = uvicorn.Server(config)
            thread = threading.Thread(target=server.run, kwargs={"sockets": [held]})
            thread.start()
            while not server.started:
                time.sleep(0.005)
            try:
                yield f"http://127.0.0.1:{held.getsockname()[1]}"
            finally:
                server.should_exit = True
                thread.join()


@pytest.fixture(scope="session")
def rules(tmp_path_factory: pytest.TempPathFactory) -> Rules:
    policy = tmp_path_factory.mktemp("rules") / "policy.toml"
    policy.write_text(POLICY)
    return load_rules(policy=policy)


@pytest.fixture(scope="session")
def told(tmp_path_factory: pytest.TempPathFactory, rules: Rules) -> Path:
    """A folder in which the story has been told; copied for each test that wants it."""
    bank = Bank(tmp_path_factory.mktemp("told"), rules)
    bank.writer.start()
    bank.tell(story())
    for role in ROLES:
        bank.store.add_user(User(name=role, role=role, password_hash=HASH, created_us=T0))
    bank.close()
    return bank.folder


@pytest.fixture
def empty_bank(tmp_path: Path, rules: Rules) -> Iterator[Bank]:
    bank = Bank(tmp_path, rules)
    bank.writer.start()
    yield bank
    bank.close()


@pytest.fixture(scope="session")
def open_told(told: Path, rules: Rules) -> Callable[[Path], Bank]:
    """Open a bank to which the story was told, in a folder of its own."""

    def opened(folder: Path) -> Bank:
        for path in told.iterdir():
            (folder / path.name).write_bytes(path.read_bytes())
        bank = Bank(folder, rules)
        bank.now_us = bank.store.last_clock_us()
        bank.writer.start()
        return bank

    return opened


@pytest.fixture
def bank(tmp_path: Path, open_told: Callable[[Path], Bank]) -> Iterator[Bank]:
    bank = open_told(tmp_path)
    yield bank
    bank.close()


@pytest.fixture
def client(bank: Bank) -> TestClient:
    """A browser without a login; redirects are shown, not followed."""
    return TestClient(make_app(bank.parts()), base_url="http://127.0.0.1", follow_redirects=False)


@pytest.fixture
def api(bank: Bank, client: TestClient) -> Callable[..., httpx.Response]:
    """Call the API with a key of a role."""
    keys = {role: make_key(bank.store, f"{role}-key", role, T0) for role in ROLES}

    def call(method: str, path: str, role: str = "gateway", **more: object) -> httpx.Response:
        return client.request(method, path, headers={"Authorization": f"Bearer {keys[role]}"}, **more)  # type: ignore[arg-type]

    return call


@pytest.fixture(scope="session")
def told_payments() -> list[Payment]:
    return story()


@pytest.fixture(scope="session")
def replayed_once(tmp_path_factory: pytest.TempPathFactory, rules: Rules, told_payments: list[Payment]) -> Path:
    folder = tmp_path_factory.mktemp("for-the-ledger")
    placed = [msgspec.structs.replace(each, clock_us=each.ts_us) for each in told_payments]
    table, _ = order_table(pa.Table.from_batches([to_block(placed)]))
    replay(Dataset(folder=folder, journal=table, reference_currency="EUR"), folder / "home", rules, from_share=0.5)
    return folder / "home"


@pytest.fixture
def home(tmp_path: Path, replayed_once: Path) -> Path:
    shutil.copytree(replayed_once, tmp_path / "home")
    return tmp_path / "home"


@pytest.fixture
def fresh(told_payments: list[Payment]) -> Iterator[Payment]:
    """Payments that were never sent before."""

    def made() -> Iterator[Payment]:
        for number, payment in enumerate(told_payments * 9):
            yield msgspec.structs.replace(payment, tx_id=f"F-{number}", ts_us=time.time_ns() // 1000)

    return made()
