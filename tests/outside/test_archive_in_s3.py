"""The archive in an object storage that speaks S3: a server of its own, reached by the driver that adopters use."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest
from fsspec.core import url_to_fs

from bench.brokers.process import CACHE, Server, free_ports
from headgate.connectors.dataset import Dataset
from headgate.decisions.record import Decision
from headgate.drivers.backup import backup
from headgate.drivers.control_totals import totals_of
from headgate.drivers.explain import explain
from headgate.drivers.home import Home
from headgate.drivers.moving import move_closed_days
from headgate.drivers.query import query
from headgate.drivers.replay import replay
from headgate.drivers.restore import restore
from headgate.drivers.rules import load_rules
from headgate.errors import FileError, UnavailableError
from headgate.journal.entries import Payment
from headgate.journal.order import order_table
from headgate.journal.schema import to_block
from headgate.limits import US_PER_DAY
from headgate.service.opening import opened
from headgate.stores.archive import Archive
from headgate.stores.whole import blocks

pytestmark = pytest.mark.outside

JARS = CACHE / "s3proxy"
T0 = 1_772_409_600_000_000  # 2026-03-02
LAST_US = T0 + 4 * US_PER_DAY
SETTINGS = """
[archive]
url = "s3://bank-archive/headgate"
keep_days = 1
[archive.options]
endpoint_url = "{url}"
"""
PROPERTIES = """
s3proxy.authorization=aws-v2-or-v4
s3proxy.endpoint={url}
s3proxy.identity=headgate
s3proxy.credential=only-for-this-test
jclouds.provider=filesystem-nio2
jclouds.identity=local
jclouds.credential=local
jclouds.filesystem.basedir={folder}
"""


class Storage:
    """The server, with one bucket in a folder."""

    def __init__(self, folder: Path) -> None:
        assert list(JARS.glob("s3proxy-*.jar")), f"no S3Proxy in {JARS}: run sh tests/outside/install.sh"
        self.url = f"http://127.0.0.1:{free_ports(1)[0]}"
        (folder / "data" / "bank-archive").mkdir(parents=True)
        written = folder / "s3.properties"
        written.write_text(PROPERTIES.format(url=self.url, folder=folder / "data"))
        command = ["java", "-Xmx256m", "-cp", f"{JARS}/*", "org.gaul.s3proxy.Main", "--properties", str(written)]
        self.process = Server(command, folder / "log", lambda: self.names() is not None)

    def names(self) -> list[str]:
        """What is in the bucket."""
        files, root = url_to_fs("s3://bank-archive", endpoint_url=self.url, use_listings_cache=False)
        return sorted(name.removeprefix(f"{root}/") for name in files.find(root))


@pytest.fixture(scope="module")
def storage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Storage]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ACCESS_KEY_ID", "headgate")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "only-for-this-test")
        server = Storage(tmp_path_factory.mktemp("s3"))
        server.process.start()
        yield server
        server.process.stop()


def payment(number: int) -> Payment:
    clock_us = T0 + number * US_PER_DAY // 50
    return Payment(
        seq=0, clock_us=clock_us, tx_id=f"P-{number:05d}", ts_us=clock_us, payer=f"C-{number % 12}",
        payee=f"C-{(number + 1) % 12}", amount_minor=90_000 - number, currency="EUR", rail="transfer", channel="app",
    )  # fmt: skip


@pytest.fixture
def home(tmp_path: Path, storage: Storage) -> Path:
    """A home whose replay and whose archive of then are local, served for two days after it."""
    table, _ = order_table(pa.Table.from_batches([to_block([payment(number) for number in range(60)])]))
    replay(Dataset(folder=tmp_path, journal=table, reference_currency="EUR"), tmp_path / "home", load_rules())
    (tmp_path / "home" / "headgate.toml").write_text(SETTINGS.format(url=storage.url))
    files, root = url_to_fs("s3://bank-archive/headgate", endpoint_url=storage.url)
    if files.exists(root):
        files.rm(root, recursive=True)
    files.put(str(tmp_path / "home" / "archive"), root, recursive=True)  # as the guide says: before the first day moves
    shutil.rmtree(tmp_path / "home" / "archive")
    return tmp_path / "home"


def decide(home: Path, numbers: range) -> list[Decision]:
    clock = [T0]
    made = []
    with opened(home, "127.0.0.1", lambda entries: None, lambda: clock[0]) as parts:
        for number in numbers:
            clock[0] = payment(number).ts_us
            made.append(parts.writer.decide([payment(number)]).result(timeout=60)[0].decision)
    return made


def journal(of: Home) -> list[int]:
    return [seq for block in blocks(of.store) for seq in block.column("seq").to_pylist()]


def test_closed_days_lie_in_the_storage_and_are_read_as_if_they_were_here(
    home: Path, storage: Storage, tmp_path: Path
) -> None:
    made = decide(home, range(60, 160))
    of = Home(home)
    assert move_closed_days(of.store, LAST_US, keep_days=1) > 0
    assert not (home / "archive").exists()
    named = {f"headgate/{kind}/{part.name}.parquet" for part in of.store.parts() for kind in ("journal", "decisions")}
    assert named <= set(storage.names())
    assert not [name for name in storage.names() if name.endswith(".partial")]
    assert journal(of) == list(range(of.store.last_seq() + 1))
    assert query(of, "select count(*), count(distinct tx_id) from payments", 1).rows == [(160, 160)]
    assert totals_of(of.store, "2026-03-03").payments[0].count == 50
    assert of.store.decision(made[0].tx_id) == made[0]
    assert explain(of, made[0].tx_id).same_bits
    backup(of, tmp_path / "backup", now_us=5)
    of.close()
    assert decide(home, range(160, 165))[0].seq > made[-1].seq
    restore(tmp_path / "backup", tmp_path / "restored")
    (tmp_path / "restored" / "headgate.toml").unlink()
    again = Home(tmp_path / "restored")
    assert again.store.decision(made[0].tx_id) == made[0], "its archive has come back into the home"
    again.close()


def test_while_the_storage_is_gone_nothing_leaves_the_store_and_payments_are_decided(
    home: Path, storage: Storage
) -> None:
    made = decide(home, range(60, 160))
    of = Home(home)
    before, parts = list(of.store.tail()), of.store.parts()
    storage.process.stop()
    try:
        with pytest.raises(FileError, match="archive cannot be written"):
            move_closed_days(of.store, LAST_US, keep_days=1)
        with pytest.raises(UnavailableError, match="archive cannot be read now"):
            journal(of)
        assert (list(of.store.tail()), of.store.parts()) == (before, parts)
    finally:
        storage.process.start()
    assert move_closed_days(of.store, LAST_US, keep_days=1) > 0
    assert journal(of) == list(range(of.store.last_seq() + 1))
    assert of.store.decision(made[-1].tx_id) == made[-1]
    of.close()


def test_a_file_that_was_changed_in_the_storage_is_told(home: Path, storage: Storage) -> None:
    decide(home, range(60, 160))
    of = Home(home)
    move_closed_days(of.store, LAST_US, keep_days=1)
    part, archive = of.store.parts()[-1], of.store.archive
    assert archive.sha256("journal", part.name) == part.journal_sha256
    archive.files.pipe_file(archive.path("journal", part.name), b"PAR1 something else PAR1")
    with pytest.raises(FileError):
        journal(of)
    of.close()
    with pytest.raises(FileError, match="archive cannot be opened"):
        Archive("s4://bank-archive/headgate")
