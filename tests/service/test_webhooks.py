"""Webhooks to real receivers that take, fail, hang, drip, redirect and die: at least once, in order, signed."""

from __future__ import annotations

import base64
import json
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from headgate.cases.announcement import Announcement, AnnouncementKind
from headgate.client import verify_webhook
from headgate.errors import FieldError, FileError, NotFoundError, SignatureError, UnavailableError
from headgate.journal.entries import Rates
from headgate.service.webhooks.address import resolved, target_of
from headgate.service.webhooks.courier import Courier
from headgate.service.webhooks.letters import drop, letter_of, send_again
from headgate.service.webhooks.sending import NotTakenError, body_of, id_of, send
from headgate.service.webhooks.signature import headers, secrets_in
from headgate.service.webhooks.subscribers import Subscriber, subscribers_of
from headgate.settings.webhooks import Webhook
from headgate.stores.sqlite import SqliteStore
from headgate.stores.store import Batch

SECRET = "whsec_" + base64.b64encode(b"s" * 32).decode()
T0 = 1_741_104_000_000_000
Answer = Callable[[BaseHTTPRequestHandler, int], None]


def answering(*statuses: int, **more: str) -> Answer:
    """Answer with these statuses one after the other, the last one for ever."""

    def answer(handler: BaseHTTPRequestHandler, number: int) -> None:
        handler.send_response(statuses[min(number, len(statuses) - 1)])
        for name, value in more.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()

    return answer


class Receiver(ThreadingHTTPServer):
    """A receiver on this machine that remembers what came."""

    daemon_threads = True

    def __init__(self, answer: Answer, port: int = 0) -> None:
        self.came: list[tuple[dict[str, str], bytes]] = []
        self.answer = answer
        super().__init__(("127.0.0.1", port), _Handler)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/told?by=headgate"

    @property
    def ids(self) -> list[str]:
        return [each["webhook-id"] for each, _ in self.came]


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        assert isinstance(self.server, Receiver)
        body = self.rfile.read(int(self.headers["content-length"]))
        self.server.came.append(({name.lower(): value for name, value in self.headers.items()}, body))
        self.server.answer(self, len(self.server.came) - 1)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@contextmanager
def receiving(answer: Answer, port: int = 0) -> Iterator[Receiver]:
    receiver = Receiver(answer, port)
    try:
        yield receiver
    finally:
        receiver.shutdown()
        receiver.server_close()


def subscriber(url: str, **more: Any) -> Subscriber:
    quick = {"first_wait_seconds": 0.01, "longest_wait_seconds": 0.05, "timeout_seconds": 2.0}
    webhook = Webhook(**{"name": "bank", "url": url, "secret_env": "S", **quick, **more})
    (found,) = subscribers_of([webhook], {"S": SECRET})
    return found


def announced(number: int, kind: AnnouncementKind = "payment.released") -> Announcement:
    return Announcement(seq=number, place=0, clock_us=T0 + number, kind=kind, subject=f"P-{number}", by="timer")


@pytest.fixture
def outbox(tmp_path: Path) -> Iterator[SqliteStore]:
    """A store with three announcements."""
    with closing(SqliteStore(tmp_path / "headgate.db")) as store:
        entries = [Rates(seq=n, clock_us=T0 + n, base="EUR", currency="USD", rate="0.9") for n in range(3)]
        store.commit(Batch(entries=entries, announcements=[announced(n) for n in range(3)]))
        yield store


@contextmanager
def told_by(outbox: SqliteStore, whom: Subscriber, log: list[str] | None = None) -> Iterator[Courier]:
    courier = Courier(whom, outbox, lambda: time.time_ns() // 1000, [].append if log is None else log.append)
    courier.start()
    try:
        yield courier
    finally:
        courier.stop()
        courier.join()


def wait_until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + 30
    while not true():
        assert time.monotonic() < end, "it did not happen in 30 seconds"
        time.sleep(0.005)


def test_every_announcement_is_told_once_in_order_and_signed(outbox: SqliteStore) -> None:
    with receiving(answering(204)) as receiver, told_by(outbox, subscriber(receiver.url)):
        wait_until(lambda: outbox.heard("bank") == (2, 0))
    assert receiver.ids == ["hg-0-0", "hg-1-0", "hg-2-0"]
    for given, body in receiver.came:
        assert verify_webhook(given, body, SECRET).id == given["webhook-id"]
        assert given["content-type"] == "application/json"
    told = json.loads(receiver.came[0][1])
    assert (told["type"], told["timestamp"]) == ("payment.released", "2025-03-04T16:00:00Z")
    assert told["data"] == {"seq": 0, "place": 0, "clock_us": T0, "subject": "P-0", "by": "timer"}


def test_a_subscriber_is_told_only_what_it_asked_for_and_passes_over_the_rest(outbox: SqliteStore) -> None:
    with receiving(answering(200)) as receiver, told_by(outbox, subscriber(receiver.url, kinds=("case.opened",))):
        wait_until(lambda: outbox.heard("bank") == (2, 0))
        assert receiver.came == []


def test_a_failure_is_tried_again_before_the_next_one_is_told(outbox: SqliteStore) -> None:
    with receiving(answering(500, 404, 302, 200)) as receiver, told_by(outbox, subscriber(receiver.url)) as courier:
        wait_until(lambda: outbox.heard("bank") == (2, 0))
        assert receiver.ids == ["hg-0-0"] * 4 + ["hg-1-0", "hg-2-0"]
        assert (courier.attempts, courier.told, courier.letters) == (6, 3, 0)
        assert outbox.dead_letters() == ()
        wait_until(lambda: courier.behind_seconds == 0.0)


def test_a_redirect_is_not_followed(outbox: SqliteStore) -> None:
    with receiving(answering(200)) as other, receiving(answering(307, Location=other.url)) as receiver:
        with pytest.raises(NotTakenError, match="answered 307"):
            send(subscriber(receiver.url), announced(1), time.time())
        assert other.came == []


def test_what_is_never_taken_becomes_a_dead_letter_and_the_next_is_told(outbox: SqliteStore) -> None:
    def picky(handler: BaseHTTPRequestHandler, number: int) -> None:
        handler.send_response(500 if handler.headers["webhook-id"] == "hg-1-0" else 200)
        handler.end_headers()

    log: list[str] = []
    with receiving(picky) as receiver, told_by(outbox, subscriber(receiver.url, attempts=3), log):
        wait_until(lambda: outbox.heard("bank") == (2, 0))
    assert receiver.ids == ["hg-0-0"] + ["hg-1-0"] * 3 + ["hg-2-0"]
    (letter,) = outbox.dead_letters("bank")
    assert (letter.announcement.id, letter.attempts, letter.last_error) == ("1.0", 3, "it answered 500")
    assert log == ["The webhook bank did not take 1.0: it answered 500"]


@pytest.mark.parametrize("drip", [b"", b"x"])
def test_a_receiver_that_hangs_or_drips_is_left_when_the_time_is_over(drip: bytes) -> None:
    release = threading.Event()

    def hang(handler: BaseHTTPRequestHandler, number: int) -> None:
        while not release.wait(0.05):
            handler.wfile.write(drip)

    with receiving(hang) as receiver:
        began = time.monotonic()
        with pytest.raises(NotTakenError, match=r"no answer within 0\.3 seconds"):
            send(subscriber(receiver.url, timeout_seconds=0.3), announced(1), time.time())
        assert time.monotonic() - began < 5
        release.set()


def test_an_answer_that_asks_to_wait_is_waited_for_up_to_the_longest_wait(outbox: SqliteStore) -> None:
    courier = Courier(subscriber("http://127.0.0.1:9/", longest_wait_seconds=7), outbox, lambda: T0, print)
    assert courier._pause(1, 3) == 3
    assert courier._pause(1, 60) == 7
    with receiving(answering(429, Retry_After="3")) as receiver, pytest.raises(NotTakenError) as refused:
        send(subscriber(receiver.url), announced(1), time.time())
    assert refused.value.wait_seconds == 3


def test_the_waits_double_with_a_share_of_chance(outbox: SqliteStore) -> None:
    whom = subscriber("http://127.0.0.1:9/", first_wait_seconds=1.0, longest_wait_seconds=60)
    courier = Courier(whom, outbox, lambda: T0, print)
    for attempt, most in ((1, 1), (2, 2), (3, 4), (7, 60), (100, 60)):
        pauses = [courier._pause(attempt, 0) for _ in range(50)]
        assert most / 2 <= min(pauses) < max(pauses) <= most


RECEIVER = """
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
class Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers["content-length"]))
        print(self.headers["webhook-id"], flush=True)
        self.send_response(200)
        self.end_headers()
    def log_message(self, *args):
        pass
HTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
"""


def process(port: int) -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, "-c", RECEIVER, str(port)], stdout=subprocess.PIPE, text=True)


def test_a_receiver_that_is_killed_is_told_the_rest_when_it_is_back(outbox: SqliteStore) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    first = process(port)
    with told_by(outbox, subscriber(f"http://127.0.0.1:{port}/", attempts=100)) as courier:
        assert first.stdout is not None
        heard = [first.stdout.readline().strip() for _ in range(3)]
        first.kill()
        first.communicate()
        entries = [Rates(seq=n, clock_us=T0 + n, base="EUR", currency="USD", rate="0.9") for n in (3, 4)]
        outbox.commit(Batch(entries=entries, announcements=[announced(n) for n in (3, 4)]))
        before = courier.attempts
        wait_until(lambda: courier.attempts > before + 2)
        assert courier.behind_seconds > 0
        second = process(port)
        assert second.stdout is not None
        while heard[-1] != "hg-4-0":
            heard.append(second.stdout.readline().strip())
        wait_until(lambda: outbox.heard("bank") == (4, 0))
    second.kill()
    second.communicate()
    assert list(dict.fromkeys(heard)) == [f"hg-{n}-0" for n in range(5)]  # one may come twice: its answer was lost
    assert outbox.dead_letters() == ()


def test_a_courier_goes_on_where_its_subscriber_has_heard(outbox: SqliteStore) -> None:
    outbox.note_heard("bank", (0, 0))
    with receiving(answering(200)) as receiver, told_by(outbox, subscriber(receiver.url)):
        wait_until(lambda: outbox.heard("bank") == (2, 0))
    assert receiver.ids == ["hg-1-0", "hg-2-0"]


def test_stopping_while_a_subscriber_is_down_loses_nothing(outbox: SqliteStore) -> None:
    with told_by(outbox, subscriber("http://127.0.0.1:9/", first_wait_seconds=60, longest_wait_seconds=60)) as courier:
        wait_until(lambda: courier.attempts == 1)
    assert outbox.heard("bank") == (-1, -1)
    assert outbox.dead_letters() == ()


def test_a_dead_letter_is_sent_again_or_dropped_by_a_person(outbox: SqliteStore) -> None:
    with told_by(outbox, subscriber("http://127.0.0.1:9/", attempts=1)):
        wait_until(lambda: len(outbox.dead_letters()) == 3)
    with receiving(answering(500, 200)) as receiver:
        whom = (subscriber(receiver.url),)
        letter = letter_of(outbox, "bank", "1.0")
        with pytest.raises(UnavailableError, match="answered 500"):
            send_again(outbox, whom, letter, time.time())
        send_again(outbox, whom, letter, time.time())
    assert [each.announcement.id for each in outbox.dead_letters()] == ["0.0", "2.0"]
    with pytest.raises(NotFoundError, match=r"Did you mean '2\.0'"):
        letter_of(outbox, "bank", "2.1")
    with pytest.raises(NotFoundError, match="name no webhook 'bank'"):
        send_again(outbox, (), letter_of(outbox, "bank", "2.0"), time.time())
    drop(outbox, letter_of(outbox, "bank", "2.0"))
    assert [each.announcement.id for each in outbox.dead_letters()] == ["0.0"]


def test_a_signature_is_the_one_of_the_published_scheme() -> None:
    """The example of the specification's own libraries."""
    (key,) = secrets_in("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "here")
    signed = headers([key], "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}')
    assert signed["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_only_a_good_and_fresh_signature_passes() -> None:
    body, now = body_of(announced(1)), int(time.time())
    (key,), (other,) = secrets_in(SECRET, "here"), secrets_in("whsec_" + base64.b64encode(b"o" * 24).decode(), "here")
    good = headers([other, key], id_of(announced(1)), now, body)
    assert verify_webhook({name.title(): value for name, value in good.items()}, body, SECRET).subject == "P-1"
    wrong: list[tuple[dict[str, str], bytes]] = [
        (good, body + b" "),
        (good | {"webhook-id": "hg-2-0"}, body),
        (headers([key], "hg-1-0", now - 301, body), body),
        (headers([key], "hg-1-0", now + 305, body), body),
        (headers([other], "hg-1-0", now, body), body),
        (good | {"webhook-timestamp": "soon"}, body),
        ({name: value for name, value in good.items() if name != "webhook-signature"}, body),
        (good | {"webhook-signature": "v2,x v1,é"}, body),
    ]
    for given, told in wrong:
        with pytest.raises(SignatureError):
            verify_webhook(given, told, SECRET)


@pytest.mark.parametrize(
    "url",
    ["http://bank.example/", "https://user:word@bank.example/", "http://10.0.0.1/", "https://", "http://127.0.0.1:x/"],
)
def test_a_url_that_may_not_be_is_refused(url: str) -> None:
    with pytest.raises(FieldError, match="https url"):
        target_of(url, "here")


@pytest.mark.parametrize(
    ("host", "private", "reached"),
    [
        ("127.0.0.1", False, True),
        ("localhost", False, True),
        ("[::1]", False, True),
        ("10.1.2.3", False, False),
        ("10.1.2.3", True, True),
        ("192.168.0.1", False, False),
        ("169.254.169.254", False, False),
        ("0.0.0.0", False, False),
        ("[::ffff:10.0.0.1]", False, False),
        ("224.0.0.1", True, False),
        ("93.184.216.34", False, True),
    ],
)
def test_private_networks_are_reached_only_where_the_settings_allow_it(host: str, private: bool, reached: bool) -> None:
    target = target_of(f"https://{host}/", "here")
    if reached:
        assert resolved(target, private_networks=private)
    else:
        with pytest.raises(OSError, match="private network"):
            resolved(target, private_networks=private)


def test_what_is_wrong_with_a_webhook_of_the_settings_is_said_at_the_start(tmp_path: Path) -> None:
    def with_settings(**more: Any) -> Webhook:
        return Webhook(**{"name": "bank", "url": "https://bank.example/", "secret_env": "S", **more})

    good = {"S": SECRET}
    with pytest.raises(FieldError, match=r"Did you mean 'payment\.held'"):
        subscribers_of([with_settings(kinds=("payment.hold",))], good)
    with pytest.raises(FieldError, match="Two webhooks"):
        subscribers_of([with_settings(), with_settings()], good)
    with pytest.raises(FieldError, match="one place for its secret"):
        subscribers_of([with_settings(secret_file="x")], good)
    for bad in ("", "whsec_!", "s" * 32, "whsec_c2hvcnQ="):
        with pytest.raises(FieldError, match="secret"):
            subscribers_of([with_settings()], {"S": bad})
    with pytest.raises(FileError, match="cannot be read"):
        subscribers_of([with_settings(secret_env="", secret_file=str(tmp_path / "none"))], {})
    (tmp_path / "secret").write_text(f"{SECRET}\n{SECRET}\n")
    (found,) = subscribers_of([with_settings(secret_env="", secret_file=str(tmp_path / "secret"))], {})
    assert found.keys == (b"s" * 32, b"s" * 32)
