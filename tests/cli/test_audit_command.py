"""`headgate audit`: exports that are checked without the log, the standing report, and the page."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from headgate.cli import root
from headgate.errors import FieldError, FileError, HeadgateError, LedgerError
from headgate.ledger.entries import encode_entry
from headgate.ledger.keys import FileSigner
from headgate.ledger.kinds import (
    AccountRead,
    CaseDecided,
    Entry,
    LogClosed,
    LogOpened,
    Refused,
    Reveal,
    ScenarioChanged,
)
from headgate.ledger.log import Log
from headgate.ledger.looked_for import RULES
from headgate.ledger.note import ED25519
from headgate.ledger.publish import Publisher
from headgate.stores.sqlite_ledger import SqliteLedgerFile

SIGNER = FileSigner("ledger.bank.example", ED25519, b"k" * 32)
MONDAY_NOON = 1_767_614_400_000_000  # 2026-01-05 12:00 UTC
HOUR = 3_600_000_000
DAY = 24 * HOUR
PERIOD = ("--from", "2026-01-01", "--to", "2026-02-01")
OPENED = LogOpened(at_us=MONDAY_NOON, origin="ledger.bank.example", keys=(), engine="test")


def ran(*arguments: str) -> Result:
    return CliRunner().invoke(root, ["audit", *arguments], standalone_mode=False)


def look(at_us: int, person: str = "ana", case: str = "C-1", kind: type[Reveal | AccountRead] = Reveal) -> Entry:
    return kind(at_us=at_us, person=person, purpose="investigation", case=case, account="5f" * 32)


def change(at_us: int, before: str, after: str) -> Entry:
    return ScenarioChanged(
        at_us=at_us, name="mule", person="eve", approved_by="bob", before=before, after=after, reason="x"
    )


@pytest.fixture
def make(tmp_path: Path) -> Callable[..., str]:
    """A function that publishes a log of these entries and returns its folder."""

    def made(*entries: Entry, name: str = "log") -> str:
        store = SqliteLedgerFile(tmp_path / f"{name}.db")
        Log(SIGNER.verifier.name, (SIGNER,), None).append([encode_entry(each) for each in entries], store)
        Publisher(store, tmp_path / name, (SIGNER.verifier,)).publish()
        return str(tmp_path / name)

    return made


def found(log: str, *options: str) -> list[tuple[str, list[int]]]:
    done = ran("report", log, "--json", *options)
    assert done.exception is None
    told = json.loads(done.output)["findings"]
    assert done.return_value == (1 if told else 0)
    return [(each["rule"], each["entries"]) for each in told]


def quiet(*more: Entry) -> list[Entry]:
    return [OPENED, *more]


@pytest.mark.parametrize(
    ("entries", "expected"),
    [
        (quiet(look(MONDAY_NOON), CaseDecided(at_us=MONDAY_NOON + HOUR, case="C-1", person="ana", approved_by="bob",
                                              outcome="confirmed")), []),
        (quiet(look(MONDAY_NOON, case="")), [("reveal_without_decision", [1])]),
        (quiet(*(look(MONDAY_NOON + number, kind=AccountRead) for number in range(21)),
               *(look(MONDAY_NOON + 21 + number, "bob", kind=AccountRead) for number in range(6))),
         [("looks_more_than_peers", list(range(1, 22)))]),
        (quiet(*(look(MONDAY_NOON + number, kind=AccountRead) for number in range(21)),
               *(look(MONDAY_NOON + 21 + number, "bob", kind=AccountRead) for number in range(7))), []),
        (quiet(change(MONDAY_NOON, "a", "b"), change(MONDAY_NOON + HOUR, "b", "a")), [("changed_back", [1, 2])]),
        (quiet(change(MONDAY_NOON, "a", "b"), change(MONDAY_NOON + HOUR, "b", "c")), []),
        (quiet(look(MONDAY_NOON + 10 * HOUR, kind=AccountRead)), [("looks_out_of_hours", [1])]),
        (quiet(Refused(at_us=MONDAY_NOON, from_us=1, until_us=2, requests=3, reason="")), [("refused", [1])]),
        (quiet(CaseDecided(at_us=MONDAY_NOON, case="C-1", person="ana", approved_by="ana", outcome="dismissed")),
         [("decided_alone", [1])]),
        (quiet(LogClosed(at_us=MONDAY_NOON + 25 * HOUR, reason="")), [("silent", [0, 1])]),
        ([OPENED, OPENED], [("opened_and_closed", [0, 1])]),
        ([OPENED, LogClosed(at_us=MONDAY_NOON, reason=""), look(MONDAY_NOON, kind=AccountRead)],
         [("opened_and_closed", [2])]),
    ],
)  # fmt: skip
def test_each_rule_finds_its_entries_and_leaves_what_is_usual(
    make: Callable[..., str], entries: list[Entry], expected: list[tuple[str, list[int]]]
) -> None:
    assert found(make(*entries)) == expected


def test_a_reveal_is_found_only_when_the_time_for_a_decision_is_over(make: Callable[..., str]) -> None:
    later = [AccountRead(at_us=MONDAY_NOON + days * DAY, person="b", purpose="", case="C-2", account="5f" * 32)
             for days in (7, 14, 21, 28)]  # fmt: skip
    assert found(make(*quiet(look(MONDAY_NOON), *later)), "--silent-hours", "999") == []
    late = [*later, AccountRead(at_us=later[0].at_us + 28 * DAY, person="b", purpose="", case="C-2", account="5f" * 32)]
    log = make(*quiet(look(MONDAY_NOON), *late), name="late")
    assert found(log, "--silent-hours", "999") == [("reveal_without_decision", [1])]
    assert found(log, "--silent-hours", "999", "--decision-days", "40") == []


def test_working_hours_are_those_of_the_adopters_zone_and_days(make: Callable[..., str]) -> None:
    log = make(*quiet(look(MONDAY_NOON + 7 * HOUR + HOUR // 2, kind=AccountRead)))  # 19:30 UTC, 20:30 in Berlin
    assert found(log) == []
    assert found(log, "--zone", "Europe/Berlin") == [("looks_out_of_hours", [1])]
    assert found(log, "--zone", "Europe/Berlin", "--hours", "8", "21") == []
    saturday = make(*quiet(look(MONDAY_NOON + 5 * DAY, kind=AccountRead)), name="saturday")
    assert found(saturday, "--weekends", "--silent-hours", "999") == []
    assert found(saturday, "--silent-hours", "999") == [("looks_out_of_hours", [1])]
    assert isinstance(ran("report", log, "--zone", "Mars/Base").exception, FieldError)


def test_the_report_is_told_as_text_and_as_a_page_that_escapes_what_people_wrote(
    make: Callable[..., str], tmp_path: Path
) -> None:
    log = make(*quiet(look(MONDAY_NOON, person="<b>ana", case="")))
    done = ran("report", log, "--html", str(tmp_path / "report.html"))
    assert done.return_value == 1
    assert "reveal_without_decision: <b>ana revealed a name without naming a case (entries 1)." in done.output
    page = (tmp_path / "report.html").read_text("utf-8")
    assert "&lt;b&gt;ana revealed" in page
    assert "<b>ana" not in page
    assert all((rule.__doc__ or "?").split(",")[0].replace("'", "&#39;") in page for rule in RULES)


@pytest.fixture
def exported(make: Callable[..., str], tmp_path: Path) -> tuple[str, Path]:
    log = make(*quiet(*(look(MONDAY_NOON + n, ("ana", "bob")[n % 2], f"C-{n % 3}") for n in range(600))))
    assert ran("export", log, *PERIOD, "--purpose", "audit", "--out", str(tmp_path / "out")).exception is None
    return log, tmp_path / "out"


def test_an_export_holds_the_period_and_is_checked_without_the_log(exported: tuple[str, Path]) -> None:
    log, out = exported
    summary = json.loads((out / "summary.json").read_bytes())
    assert (summary["entries"], summary["by_person"]) == (601, {"ana": 300, "bob": 300})
    alone = ran("check", str(out))
    assert alone.return_value is None
    assert "All 601 entries are in the log ledger.bank.example of 601 entries" in alone.output
    assert "Not proved: that nothing was left out" in alone.output
    assert "Nothing was left out." in ran("check", str(out), "--log", log, "--key", SIGNER.verifier.text()).output


@pytest.mark.parametrize(
    ("options", "count"),
    [
        (("--person", "ana"), 300),
        (("--case", "C-1", "--person", "ana", "--person", "bob"), 200),
        (("--kind", "log_opened"), 1),
        (("--with-purpose", "investigation"), 600),
        (("--with-purpose", "curiosity"), 0),
    ],
)
def test_filters_choose_entries(
    exported: tuple[str, Path], tmp_path: Path, options: tuple[str, ...], count: int
) -> None:
    out = str(tmp_path / "some")
    done = ran("export", exported[0], *PERIOD, "--purpose", "audit", "--out", out, "--json", *options)
    assert json.loads(done.output)["entries"] == count
    assert ran("check", out, "--log", exported[0]).exception is None


def test_every_changed_byte_of_a_small_export_is_found(make: Callable[..., str], tmp_path: Path) -> None:
    log, out = make(*quiet(look(MONDAY_NOON), look(MONDAY_NOON))), tmp_path / "out"
    assert ran("export", log, *PERIOD, "--purpose", "audit", "--out", str(out)).exception is None
    for name in ("entries.jsonl", "checkpoint", "vkeys"):
        whole = (out / name).read_bytes()
        for at in range(len(whole) - (name == "vkeys")):  # the last newline of a list of keys says nothing
            (out / name).write_bytes(whole[:at] + bytes((whole[at] ^ 1,)) + whole[at + 1 :])
            assert isinstance(ran("check", str(out)).exception, HeadgateError), f"byte {at} of {name}"
        (out / name).write_bytes(whole)
    assert ran("check", str(out)).exception is None


def test_an_entry_that_was_left_out_is_found_by_the_log(exported: tuple[str, Path], tmp_path: Path) -> None:
    log, out = exported
    some = tmp_path / "some"
    done = ran("export", log, *PERIOD, "--purpose", "audit", "--person", "ana", "--out", str(some))
    assert done.exception is None
    summary = (some / "summary.json").read_text("utf-8")
    (out / "summary.json").write_text(summary)
    assert isinstance(ran("check", str(out)).exception, LedgerError)
    hidden = json.loads(summary)
    hidden["asked"]["persons"] = []
    (some / "summary.json").write_text(json.dumps(hidden))
    assert ran("check", str(some)).exception is None
    left = ran("check", str(some), "--log", log).exception
    assert "301 entries were left out" in str(left) or "300 entries were left out" in str(left)


def test_bad_input_is_told(exported: tuple[str, Path], tmp_path: Path) -> None:
    log, out = exported
    new = ("--out", str(tmp_path / "new"))
    assert isinstance(ran("export", log, *PERIOD, "--purpose", " ", *new).exception, FieldError)
    backwards = ("--from", "2026-02-01", "--to", "2026-01-01")
    assert isinstance(ran("export", log, *backwards, "--purpose", "x", *new).exception, FieldError)
    assert isinstance(ran("export", log, *PERIOD, "--purpose", "x", "--out", str(out)).exception, FileError)
    assert isinstance(ran("check", str(tmp_path / "none")).exception, FileError)
    other = FileSigner("ledger.bank.example", ED25519, b"x" * 32).verifier.text()
    assert isinstance(ran("check", str(out), "--key", other).exception, LedgerError)
    bundle = Path(log) / "tile/entries/000"
    bundle.write_bytes(bundle.read_bytes().replace(b"ana", b"bob", 1))
    refused = ran("export", log, *PERIOD, "--purpose", "x", *new).exception
    assert isinstance(refused, LedgerError)
    assert "do not agree" in str(refused)
    assert not (tmp_path / "new").exists()
    assert CliRunner().invoke(root, ["audit", "export", log, *PERIOD]).exit_code == 2


def test_the_page_is_one_file_that_connects_to_its_own_server_only(tmp_path: Path) -> None:
    assert ran("page", str(tmp_path / "auditor.html")).exception is None
    page = (tmp_path / "auditor.html").read_text("utf-8")
    assert "connect-src 'self'" in page
    assert "http:" not in page
    assert "src=" not in page
