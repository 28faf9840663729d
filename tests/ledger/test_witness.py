"""Witness and client over real HTTP: one history is co-signed, a rolled-back or forked log is refused in words."""

from __future__ import annotations

import http.client
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

import pytest

from headgate.errors import FileError, LimitError, NoteError, UnavailableError, WitnessError
from headgate.ledger.checkpoint import open_checkpoint
from headgate.ledger.keys import FileSigner, load_key_file
from headgate.ledger.note import COSIGNATURE, ED25519, parse_note, timestamp_of, verify_note
from headgate.ledger.proof import prove_consistency
from headgate.ledger.reader import TileReader, folder_reader
from headgate.ledger.witness import Request, Witness, parse_request
from headgate.ledger.witness_client import WitnessClient, cosigned_by_all, post_to
from headgate.service import witnessing
from headgate.service.witnessing import make_witness, serve_witness, watch, watched, witness_app
from headgate.stores.sqlite_witness import SqliteWitnessState
from tests.ledger.conftest import ORIGIN, SIGNER, Kept, entries, entry

MakeLog = Callable[..., Kept]
KEY = FileSigner("witness.example", COSIGNATURE, b"w" * 32)
NOW = 1_700_000_000


@pytest.fixture
def witness(tmp_path: Path) -> Witness:
    return Witness(KEY, {ORIGIN: [SIGNER.verifier]}, SqliteWitnessState(tmp_path / "witness.db"), lambda: NOW)


def client(witness: Witness) -> WitnessClient:
    def post(body: bytes) -> tuple[int, bytes]:
        answer = witness.add_checkpoint(body)
        return answer.status, answer.body

    return WitnessClient(KEY.verifier, post)


def reader(kept: Kept) -> TileReader:
    return folder_reader(kept.folder, kept.log.size)


def body(kept: Kept, old: int, proof: tuple[bytes, ...] | None = None) -> bytes:
    made = prove_consistency(old, kept.log.size, reader(kept).node) if 0 < old <= kept.log.size else ()
    return Request(old, made if proof is None else proof, (kept.folder / "checkpoint").read_bytes()).written()


def test_a_growing_log_is_cosigned_each_time(make_log: MakeLog, witness: Witness) -> None:
    kept, asks = make_log(), client(witness)
    for start, end in ((0, 1), (1, 256), (256, 257), (257, 700), (700, 700)):
        note = asks.cosigned(kept.add(entries(start, end)), reader(kept))
        signed = open_checkpoint(note, ORIGIN, (SIGNER.verifier, KEY.verifier))
        assert signed.signed_by == (SIGNER.verifier, KEY.verifier)
        assert timestamp_of(signed.note.signatures[-1].signature) == NOW
    assert witness.checkpoint(sha256(ORIGIN.encode()).hexdigest()).body == note


def test_a_client_that_forgot_what_is_known_is_told_and_goes_on(make_log: MakeLog, witness: Witness) -> None:
    kept = make_log(300)
    client(witness).cosigned(kept.add(), reader(kept))
    note = kept.add(entries(300, 600))
    assert client(witness).cosigned(note, reader(kept)) != note


def test_a_log_whose_disk_was_rolled_back_is_told_to_stop(make_log: MakeLog, witness: Witness) -> None:
    kept, earlier = make_log(600), make_log(300, name="earlier")
    client(witness).cosigned(kept.add(), reader(kept))
    with pytest.raises(
        WitnessError, match="co-signed 600 entries of this log, which has 300 now: this disk was rolled"
    ):
        client(witness).cosigned(earlier.add(), reader(earlier))
    earlier.add([entry(5_000)], entries(301, 650))
    with pytest.raises(WitnessError, match="not those that were signed before"):
        client(witness).cosigned(earlier.add(), reader(earlier))


def test_two_histories_of_the_same_size_are_never_cosigned(make_log: MakeLog, witness: Witness) -> None:
    one, other = make_log(9), make_log(8, name="other")
    other.add([entry(4_444)])
    assert witness.add_checkpoint(body(one, 0)).status == 200
    assert witness.add_checkpoint(body(one, 9)).status == 200
    assert witness.add_checkpoint(body(other, 9)).status == 422
    assert witness.add_checkpoint(body(other, 0)).status == 409


@pytest.mark.parametrize(
    ("made", "status"),
    [
        (lambda kept: b"", 400),
        (lambda kept: b"old 01\n\n" + (kept.folder / "checkpoint").read_bytes(), 400),
        (lambda kept: b"old 0\nAAAA\n\n" + (kept.folder / "checkpoint").read_bytes(), 400),
        (lambda kept: b"old 0\n\nno note\n", 400),
        (lambda kept: body(kept, 301, ()), 400),
        (lambda kept: body(kept, 0, (bytes(32),)), 422),
        (lambda kept: body(kept, 5, ()), 409),
        (lambda kept: body(kept, 0).replace(b"\n300\n", b"\n301\n"), 403),
        (lambda kept: body(kept, 0).replace(ORIGIN.encode(), b"another.example"), 404),
    ],
)
def test_a_bad_request_gets_the_status_of_the_specification(
    make_log: MakeLog, witness: Witness, made: Callable[[Kept], bytes], status: int
) -> None:
    kept = make_log(300)
    answer = witness.add_checkpoint(made(kept))
    assert answer.status == status
    if status == 409:
        assert (answer.media_type, answer.body) == ("text/x.tlog.size", b"0\n")
    assert witness.checkpoint(sha256(ORIGIN.encode()).hexdigest()).status == 404


def test_a_log_of_another_key_is_not_cosigned(make_log: MakeLog, witness: Witness) -> None:
    thief = make_log(9, signer=FileSigner(ORIGIN, ED25519, b"t" * 32))
    assert witness.add_checkpoint(body(thief, 0)).status == 403


def test_of_many_that_ask_at_once_with_different_histories_one_is_cosigned(make_log: MakeLog, witness: Witness) -> None:
    base = make_log(4)
    assert witness.add_checkpoint(body(base, 0)).status == 200
    forks = [make_log(4, name=f"fork-{number}") for number in range(6)]
    for number, fork in enumerate(forks):
        fork.add([entry(1_000 + number)] * (number + 1))
    found: list[int] = []
    bodies = [body(fork, 4) for fork in forks]
    threads = [threading.Thread(target=lambda b=b: found.append(int(witness.add_checkpoint(b).status))) for b in bodies]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == [200, 409, 409, 409, 409, 409]


def test_a_witness_remembers_across_a_restart(make_log: MakeLog, tmp_path: Path) -> None:
    kept = make_log(9)
    for expected in (200, 409):
        state = SqliteWitnessState(tmp_path / "state.db")
        again = Witness(KEY, {ORIGIN: [SIGNER.verifier]}, state, lambda: NOW)
        assert again.add_checkpoint(body(kept, 0)).status == expected
        state.close()


def test_a_witness_that_cannot_remember_does_not_sign(make_log: MakeLog, tmp_path: Path) -> None:
    state = SqliteWitnessState(tmp_path / "state.db")
    state._db.execute("PRAGMA query_only = ON")
    witness = Witness(KEY, {ORIGIN: [SIGNER.verifier]}, state, lambda: NOW)
    with pytest.raises(UnavailableError, match="nothing was co-signed"):
        witness.add_checkpoint(body(make_log(9), 0))
    (tmp_path / "letter.db").write_text("Dear reader, this is a letter and no database at all.")
    with pytest.raises(FileError, match="could co-sign another history"):
        SqliteWitnessState(tmp_path / "letter.db")


@pytest.mark.parametrize(
    ("status", "content", "told"),
    [
        (200, b"nothing", "no signature"),
        (200, b"\xff", "no signature"),
        (200, KEY.cosign("other text\n", 5).line().encode(), "did not answer with a valid cosignature"),
        (200, SIGNER.cosign("x\n", 5).line().encode(), "did not answer with a valid cosignature"),
        (409, b"many\n", "409 without a size"),
        (500, b"broken", r"refused \(500\): broken"),
    ],
)
def test_a_wrong_answer_of_a_witness_is_told(make_log: MakeLog, status: int, content: bytes, told: str) -> None:
    kept = make_log(3)
    with pytest.raises(WitnessError, match=told):
        WitnessClient(KEY.verifier, lambda body: (status, content)).cosigned(kept.add(), reader(kept))


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    """The witness of a folder, answering on this machine."""
    ready, address = threading.Event(), [""]
    servers = []
    real = witnessing.ReadyServer

    class Stoppable(real):
        def __init__(self, *arguments: object) -> None:
            super().__init__(*arguments)
            servers.append(self)

    def told(where: str) -> None:
        address[0] = where
        ready.set()

    witnessing.ReadyServer = Stoppable
    thread = threading.Thread(target=serve_witness, args=(folder, "127.0.0.1", 0, told))
    thread.start()
    try:
        assert ready.wait(20)
        yield address[0]
    finally:
        witnessing.ReadyServer = real
        servers[0].should_exit = True
        thread.join()


def test_two_institutions_watch_each_other_over_http(make_log: MakeLog, tmp_path: Path) -> None:
    kept, folders = make_log(300), (tmp_path / "first", tmp_path / "second")
    keys = [make_witness(folder, f"{folder.name}.example") for folder in folders]
    for folder in folders:
        watch(folder, SIGNER.verifier)
        watch(folder, SIGNER.verifier)
    assert watched(folders[0]) == {ORIGIN: [SIGNER.verifier]}
    with serving(folders[0]) as one, serving(folders[1]) as two:
        asks = [WitnessClient(key, post_to(address)) for key, address in zip(keys, (one, two), strict=True)]
        note = cosigned_by_all(kept.add(), asks, reader(kept))
        assert verify_note(parse_note(note), keys) == tuple(keys)
        seen = timestamp_of(parse_note(note).signatures[-1].signature)
        assert abs(seen - time.time()) < 600
        monitor = f"{one}/{sha256(ORIGIN.encode()).hexdigest()}/checkpoint"
        with urllib.request.urlopen(monitor) as answer:
            assert verify_note(parse_note(answer.read()), keys[:1]) == (keys[0],)
        connection = http.client.HTTPConnection(one.removeprefix("http://"))
        connection.request("POST", "/add-checkpoint", b"x" * (witnessing.MOST_BYTES + 1))
        assert connection.getresponse().status == 413
        connection.close()
    with pytest.raises(WitnessError, match="cannot be reached"):
        asks[0].cosigned(kept.add(), reader(kept))


def test_a_folder_and_an_address_that_are_none_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(FileError, match="no folder of a witness"):
        watched(tmp_path)
    with pytest.raises(WitnessError, match="is no address"):
        post_to("ftp://witness.example")
    key = make_witness(tmp_path / "w", "witness.example")
    assert load_key_file(tmp_path / "w" / "key").verifier == key
    with pytest.raises(FileError, match="cannot be written"):
        make_witness(tmp_path / "w", "witness.example")
    (tmp_path / "w" / "logs").write_text("nonsense\n")
    with pytest.raises(NoteError, match="no verifier key"):
        watched(tmp_path / "w")
    (tmp_path / "w" / "logs").write_text("")
    monkeypatch.setattr(witnessing, "MAX_WITNESSED_LOGS", 0)
    with pytest.raises(LimitError, match="Run a second witness"):
        watch(tmp_path / "w", SIGNER.verifier)


def test_the_example_request_of_the_specification_is_read() -> None:
    proof = "PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=\njrJZDmY8Y7SyJE0MWLpLozkIVMSMZcD5kvuKxPC3swk=\n"
    text = f"old 20852014\n{proof}\nrest"
    request = parse_request(text.encode())
    assert request is not None
    assert (request.old_size, len(request.proof), request.checkpoint) == (20_852_014, 2, b"rest")
    assert request.written() == text.encode()


def test_the_application_has_the_two_routes_of_the_specification(witness: Witness) -> None:
    assert [route.path for route in witness_app(witness).routes] == ["/add-checkpoint", "/{origin_hash}/checkpoint"]
