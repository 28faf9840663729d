"""A served home with a witness over real HTTP: its checkpoints are co-signed, a rolled-back disk stops it in words."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import uvicorn

from headgate.drivers.log_keys import log_keys
from headgate.drivers.paths import Paths
from headgate.errors import RolledBackError, UnavailableError
from headgate.journal.entries import Payment
from headgate.ledger import verify
from headgate.ledger.entries import decode_entry
from headgate.ledger.keys import FileSigner
from headgate.ledger.kinds import LogClosed
from headgate.ledger.note import COSIGNATURE
from headgate.ledger.witness import Witness
from headgate.ledger.witness_client import post_to
from headgate.service.opening import opened
from headgate.service.parts import Parts
from headgate.service.publishing import size_of
from headgate.service.serving import taken
from headgate.service.witnessing import witness_app
from headgate.settings.ledger import LedgerSettings
from headgate.stores.sqlite import SqliteStore
from headgate.stores.sqlite_witness import SqliteWitnessState

KEY = FileSigner("witness.example", COSIGNATURE, b"w" * 32)


@pytest.fixture
def watched(home: Path, tmp_path: Path) -> Iterator[str]:
    """The address of a witness that watches the log of the home, which names it in its settings."""
    log = log_keys(Paths(home), LedgerSettings(), begun=False).verifiers[0]
    state = SqliteWitnessState(tmp_path / "witness.db")
    witness = Witness(KEY, {log.name: [log]}, state, lambda: int(time.time()))
    with taken("127.0.0.1", 0) as held:
        url = f"http://127.0.0.1:{held.getsockname()[1]}"
        name_witness(home, url)
        server = uvicorn.Server(uvicorn.Config(witness_app(witness), lifespan="off", log_level="warning"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [held]})
        thread.start()
        while not server.started:
            time.sleep(0.005)
        yield url
        server.should_exit = True
        thread.join()
    state.close()


def name_witness(home: Path, url: str) -> None:
    text = f'[ledger]\nwitnesses = [{{url = "{url}", key = "{KEY.verifier.text()}"}}]\n'
    (home / "headgate.toml").write_text(text)


def serving(home: Path) -> Any:
    return opened(home, "127.0.0.1", lambda entries: None)


def sound(home: Path, parts: Parts) -> bool:
    """Whether the published log verifies, with the cosignature of the witness, up to the last entry of the store."""
    head = parts.store.ledger_head()
    assert head is not None
    try:
        if size_of((home / "log" / "checkpoint").read_bytes()) < head.size:
            return False
        text = (home / "log" / "vkeys").read_text().split()[0]
        keys = {**verify.parse_key(text), **verify.parse_key(KEY.verifier.text())}
        return verify.verify(verify.Log(str(home / "log")), keys, text.split("+")[0], witnesses=1)[1] == []
    except (FileNotFoundError, verify.Fault):  # it is being published
        return False


def wait_for(holds: Callable[[], bool]) -> None:
    ends = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < ends
        time.sleep(0.02)


def test_what_is_published_is_cosigned_and_a_disk_that_was_rolled_back_is_not_served(
    home: Path, watched: str, fresh: Iterator[Payment]
) -> None:
    with serving(home) as parts:
        parts.writer.decide([next(fresh)]).result(60)
        wait_for(partial(sound, home, parts))
    shutil.copytree(home, home.with_name("older"))
    with serving(home) as parts:
        parts.writer.decide([next(fresh)]).result(60)
        wait_for(partial(sound, home, parts))
    with pytest.raises(RolledBackError, match=r"witness\.example co-signed .* this disk was rolled back"):
        serving(home.with_name("older")).__enter__()


def test_a_witness_that_knows_more_than_a_running_service_stops_it(
    home: Path, watched: str, fresh: Iterator[Payment]
) -> None:
    with serving(home) as parts:
        parts.writer.decide([next(fresh)]).result(60)
        wait_for(partial(sound, home, parts))
    shutil.copytree(home, home.with_name("other"))
    name_witness(home.with_name("other"), "http://127.0.0.1:9")
    with serving(home.with_name("other")) as behind:
        with serving(home) as parts:
            parts.writer.decide([next(fresh)]).result(60)
            wait_for(partial(sound, home, parts))
        behind.publishing._witnesses[0]._post = post_to(watched)
        wait_for(lambda: not behind.writer.ready)
        with pytest.raises(UnavailableError, match=r"another history|rolled back"):
            behind.writer.decide([next(fresh)])


def test_a_witness_that_does_not_answer_hinders_nothing(home: Path, fresh: Iterator[Payment]) -> None:
    name_witness(home, "http://127.0.0.1:9")
    with serving(home) as parts:
        parts.writer.decide([next(fresh)]).result(60)
        assert parts.writer.ready
    text = (home / "log" / "vkeys").read_text().split()[0]
    assert verify.verify(verify.Log(str(home / "log")), verify.parse_key(text), text.split("+")[0])[1] == []


def test_the_last_checkpoint_of_a_service_is_cosigned_before_it_ends(
    home: Path, watched: str, fresh: Iterator[Payment]
) -> None:
    with serving(home) as parts:
        parts.writer.decide([next(fresh)]).result(60)
    note = (home / "log" / "checkpoint").read_bytes()
    text = (home / "log" / "vkeys").read_text().split()[0]
    keys = {**verify.parse_key(text), **verify.parse_key(KEY.verifier.text())}
    assert verify.verify(verify.Log(str(home / "log")), keys, text.split("+")[0], witnesses=1)[1] == []
    store = SqliteStore(home / "headgate.db")
    head = store.ledger_head()
    assert head is not None
    last = decode_entry(store.ledger_leaves(head.size - 1, head.size)[0])
    store.close()
    assert (size_of(note), type(last)) == (head.size, LogClosed)
