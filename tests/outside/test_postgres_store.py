"""The PostgreSQL store on a real server: the law, two writers, killed clients, crashed servers, and errors in words."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import psycopg
import pytest

from headgate.checks.batches import sample_batches
from headgate.checks.journals import random_journal
from headgate.checks.ledger import chains
from headgate.checks.store import contents, expected_contents, keeps
from headgate.drivers.moving import move_closed_days
from headgate.errors import ConflictError, FileError, UnavailableError
from headgate.stores.archive import Archive
from headgate.stores.postgres import PostgresStore
from headgate.stores.postgres_schema import HEAD
from headgate.stores.store import Batch
from headgate.stores.users import User
from headgate.stores.whole import decisions, entries

if TYPE_CHECKING:
    from conftest import Server

pytestmark = pytest.mark.outside
ENTRIES = random_journal(seed=4, payments=120, days=5)
FIRST, SECOND, THIRD = sample_batches(ENTRIES)
Open = Callable[..., PostgresStore]


@pytest.fixture
def opens(url: str, tmp_path: Path) -> Iterator[Open]:
    """Opens the store of this test; every one is closed in the end."""
    opened: list[PostgresStore] = []

    def make(**named: int) -> PostgresStore:
        opened.append(PostgresStore(url, Archive(str(tmp_path / "archive")), **named))
        return opened[-1]

    yield make
    for store in opened:
        store.close()


def test_the_postgres_store_obeys_the_law(url: str, tmp_path: Path) -> None:
    keeps(lambda path: PostgresStore(url, Archive(str(path))), tmp_path / "archive", ENTRIES)


def test_the_ledger_in_postgres_obeys_its_law(url: str, tmp_path: Path) -> None:
    chains(lambda path: PostgresStore(url, Archive(str(path))), tmp_path / "archive")


def test_everything_is_the_same_after_the_server_was_stopped_or_crashed(opens: Open, running: Server) -> None:
    store = opens()
    store.commit(FIRST)
    running.stop()
    with pytest.raises(UnavailableError, match="store cannot be used now"):
        store.commit(SECOND)
    with pytest.raises(UnavailableError):
        store.last_seq()
    running.start()
    assert contents(store) == expected_contents([FIRST])
    store.commit(SECOND)
    running.stop("immediate")
    running.start()
    assert contents(store) == expected_contents([FIRST, SECOND])
    store.commit(THIRD)
    assert contents(opens()) == expected_contents([FIRST, SECOND, THIRD])


class Stopping(list):  # type: ignore[type-arg]
    """Rows of which the last come after something happened to the server or the client."""

    def __init__(self, rows: object, act: Callable[[], None]) -> None:
        super().__init__(rows)  # type: ignore[call-overload]
        self.act = act

    def __iter__(self) -> Iterator[object]:
        rows = list(super().__iter__())
        yield from rows[: len(rows) // 2]
        self.act()
        yield from rows[len(rows) // 2 :]


@pytest.mark.parametrize("part", ["decisions", "cases", "announcements"])
@pytest.mark.parametrize("mode", ["fast", "immediate"])
def test_a_server_that_goes_in_the_middle_of_a_commit_leaves_nothing_of_it(
    part: str, mode: str, opens: Open, running: Server
) -> None:
    store = opens()
    store.commit(FIRST)
    stopping = Stopping(getattr(SECOND, part), lambda: running.stop(mode))
    with pytest.raises(UnavailableError, match="whole or not at all"):
        store.commit(msgspec.structs.replace(SECOND, **{part: stopping}))
    running.start()
    assert contents(store) == expected_contents([FIRST])
    store.commit(SECOND)
    assert contents(store) == expected_contents([FIRST, SECOND])


KILLED = """
import os, signal, sys
import msgspec
from headgate.checks.batches import sample_batches
from headgate.checks.journals import random_journal
from headgate.stores.archive import Archive
from headgate.stores.postgres import PostgresStore

class Deadly(list):
    def __iter__(self):
        yield from list.__getitem__(self, slice(0, len(self) // 2))
        os.kill(os.getpid(), signal.SIGKILL)

store = PostgresStore(os.environ["URL"], Archive("archive"))
second = sample_batches(random_journal(seed=4, payments=120, days=5))[1]
store.commit(msgspec.structs.replace(second, **{sys.argv[1]: Deadly(getattr(second, sys.argv[1]))}))
"""


@pytest.mark.parametrize("part", ["decisions", "cases"])
def test_a_client_killed_in_the_middle_of_a_commit_leaves_nothing_of_it(part: str, opens: Open, url: str) -> None:
    store = opens()
    store.commit(FIRST)
    command = [sys.executable, "-c", KILLED, part]
    ended = subprocess.run(command, env={**os.environ, "URL": url}, check=False, capture_output=True)
    assert ended.returncode == -signal.SIGKILL, ended.stderr
    store.commit(SECOND)
    assert contents(store) == expected_contents([FIRST, SECOND])


def test_of_two_writers_at_the_same_moment_one_loses(opens: Open) -> None:
    one, two = opens(), opens()
    other = Batch(entries=[msgspec.structs.replace(entry, clock_us=entry.clock_us + 1) for entry in FIRST.entries])
    answers: list[object] = []

    def write(store: PostgresStore, batch: Batch, together: threading.Barrier) -> None:
        together.wait()
        try:
            answers.append(store.commit(batch))
        except ConflictError as error:
            answers.append(error.what)

    together = threading.Barrier(2)
    threads = [threading.Thread(target=write, args=(*pair, together)) for pair in ((one, FIRST), (two, other))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert sorted(map(str, answers)) == ["None", "The journal already has other entries from seq 0 on."]
    assert one.last_seq() == two.last_seq() == FIRST.entries[-1].seq


def test_a_second_writer_waits_while_the_first_has_its_turn_and_no_longer_than_it_should(opens: Open) -> None:
    one, two = opens(), opens(wait_ms=50)

    def refused() -> None:
        with pytest.raises(UnavailableError, match="lock timeout"):
            two.commit(FIRST)

    one.commit(msgspec.structs.replace(FIRST, decisions=Stopping(FIRST.decisions, refused)))
    two.commit(SECOND)
    assert contents(one) == expected_contents([FIRST, SECOND])


def test_a_full_disk_is_told_and_what_was_there_stays(opens: Open, url: str) -> None:
    """A trigger stands for the full disk: the server's own error 53100, in the middle of a commit."""
    store = opens()
    store.commit(FIRST)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION USING "
            "ERRCODE = '53100', MESSAGE = 'could not extend file: No space left on device'; END $$"
        )
        connection.execute("CREATE TRIGGER no_room BEFORE INSERT ON cases EXECUTE FUNCTION full_disk()")
        with pytest.raises(UnavailableError, match=r"No space left on device.*has room"):
            store.commit(SECOND)
        connection.execute("DROP TRIGGER no_room ON cases")
    assert contents(store) == expected_contents([FIRST])
    store.commit(SECOND)
    assert contents(store) == expected_contents([FIRST, SECOND])


def test_a_server_that_may_only_be_read_is_unavailable_for_writing(opens: Open, url: str) -> None:
    store = opens()
    with psycopg.connect(url, autocommit=True) as connection:
        name = url.rpartition("/")[2]
        connection.execute(f'ALTER DATABASE "{name}" SET default_transaction_read_only = on'.encode())
    reading = opens()
    with pytest.raises(UnavailableError, match="read-only transaction"):
        reading.add_user(User(name="ana", role="analyst", password_hash="h", created_us=1))
    assert store.users() == ()


def test_a_server_that_answers_before_it_has_synced_is_refused(opens: Open, url: str) -> None:
    opens().close()
    with psycopg.connect(url, autocommit=True) as connection:
        name = url.rpartition("/")[2]
        connection.execute(f'ALTER DATABASE "{name}" SET synchronous_commit = off'.encode())
    with pytest.raises(FileError, match="synchronous_commit = on"):
        opens()


def test_tables_of_a_newer_program_are_refused_and_those_of_this_one_are_made_once(opens: Open, url: str) -> None:
    opens().commit(FIRST)
    assert opens().last_seq() == FIRST.entries[-1].seq
    with psycopg.connect(url, autocommit=True) as connection:
        assert connection.execute("SELECT version_num FROM headgate_version").fetchall() == [(HEAD,)]
        connection.execute("UPDATE headgate_version SET version_num = '9999'")
    with pytest.raises(FileError, match=r"newer headgate: its schema is 9999"):
        opens()


OPENED = """
import os
from headgate.stores.archive import Archive
from headgate.stores.postgres import PostgresStore
print(PostgresStore(os.environ["URL"], Archive("archive")).last_seq())
"""


def test_programs_and_threads_that_open_an_empty_store_at_once_make_it_once(opens: Open, url: str) -> None:
    made: list[PostgresStore] = []
    command = [sys.executable, "-c", OPENED]
    programs = [
        subprocess.Popen(command, env={**os.environ, "URL": url}, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        for _ in range(3)
    ]
    threads = [threading.Thread(target=lambda: made.append(opens())) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert [store.last_seq() for store in made] == [-1, -1, -1]
    for each in programs:
        said, trouble = each.communicate(timeout=60)
        assert said == b"-1\n", trouble.decode()


def test_tables_that_are_somebody_elses_are_told_in_words(opens: Open, url: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE TABLE journal(mine int)")
    with pytest.raises(FileError, match="database or schema of its own"):
        opens()


def test_no_error_shows_the_password_or_the_address(url: str, running: Server, tmp_path: Path) -> None:
    archive = Archive(str(tmp_path))
    wrong = url.replace("cret", "cure")
    gone = url.replace(f":{running.port}/", ":1/")
    nowhere = url.replace("127.0.0.1", "nowhere.invalid")
    for given in (wrong, gone, nowhere, f"{url}-missing"):
        with pytest.raises(UnavailableError) as caught:
            PostgresStore(given, archive, connect_seconds=2)
        said = str(caught.value)
        assert not {"cret", "cure", "127.0.0.1", "nowhere", str(running.port)} & set(said.replace(":", " ").split())
        assert "cret" not in said
        assert "127.0.0.1" not in said
        assert caught.value.__cause__ is None
        assert caught.value.__suppress_context__


def test_closed_days_move_out_of_postgres_too(opens: Open) -> None:
    store = opens()
    for batch in (FIRST, SECOND, THIRD):
        store.commit(batch)
    moved = move_closed_days(store, ENTRIES[-1].clock_us, keep_days=1)
    assert moved > 0
    assert next(store.tail()).seq == moved
    assert list(entries(store)) == ENTRIES
    assert list(decisions(store)) == [each for batch in (FIRST, SECOND, THIRD) for each in batch.decisions]
    assert store.payment(FIRST.decisions[0].tx_id) == ENTRIES[FIRST.decisions[0].seq]


def test_thirty_commits_are_each_on_disk_when_they_are_answered(opens: Open, running: Server) -> None:
    store = opens()
    for entry in ENTRIES[:30]:
        store.commit(Batch(entries=[entry]))
    running.stop("immediate")
    running.start()
    assert list(store.tail()) == ENTRIES[:30]
