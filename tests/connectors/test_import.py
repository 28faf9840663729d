"""An import writes every good row, names every bad one, and shows its map before it writes."""

from __future__ import annotations

import csv
import gzip
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result

from headgate.cli.import_ import command
from headgate.connectors.dataset import read_dataset
from headgate.connectors.importing import write_folder
from headgate.errors import DatasetError, FieldError, FileError, HeadgateError, RefusedFieldError, UnknownFieldError

HEADER = "id,time,from,to,amount,ccy,type,fraud"
GOOD = "t1,2026-03-01T10:00:00,a,b,12.50,EUR,app,0"


def run(*arguments: str) -> Result:
    return CliRunner().invoke(command, list(arguments), catch_exceptions=False, standalone_mode=False)


def source(folder: Path, *lines: str, header: str = HEADER) -> Path:
    path = folder / "payments.csv"
    path.write_text("\n".join((header, *lines)) + "\n", "utf-8")
    return path


def imported(folder: Path, *lines: str, header: str = HEADER, options: tuple[str, ...] = ("--yes",)) -> dict[str, Any]:
    path = source(folder, *lines, header=header)
    result = run(str(path), "--out", str(folder / "world"), "--json", "--overwrite", *options)
    assert result.return_value == 0, result.output
    report: dict[str, Any] = json.loads(result.stdout)
    return report


def test_a_good_file_becomes_a_dataset_folder_that_reads_back(tmp_path: Path) -> None:
    report = imported(tmp_path, GOOD, "t2,2026-03-01T11:00:00Z,b,c,3,EUR,app,1")
    dataset = read_dataset(tmp_path / "world")
    assert (report["rows_read"], report["written"], report["rejects"]) == (2, 2, [])
    assert dataset.payments == 2
    assert dataset.labels == {"t1": 0, "t2": 1}


@pytest.mark.parametrize(
    ("line", "column", "reason"),
    [
        ("t2,2026-03-01T10:00:00,a,b,NaN,EUR,app,0", "amount", "not a finite number"),
        ("t2,2026-03-01T10:00:00,a,b,-3,EUR,app,0", "amount", "negative"),
        ("t2,2026-03-01T10:00:00,a,b,1e30,EUR,app,0", "amount", "overflows"),
        ("t2,2026-03-01T10:00:00,a,b,abc,EUR,app,0", "amount", "not a number"),
        ("t2,2026-03-01T10:00:00,a,b,3,EUX,app,0", "ccy", "not an ISO 4217"),
        ("t2,2026-03-01T10:00:00,a,a,3,EUR,app,0", "to", "its own payee"),
        ("t2,2026-03-01T10:00:00,,b,3,EUR,app,0", "from", "is empty"),
        (f"t2,2026-03-01T10:00:00,{'x' * 200},b,3,EUR,app,0", "from", "200 characters"),
        ("t2,yesterday,a,b,3,EUR,app,0", "time", "not a time"),
        ("t2,2500-01-01,a,b,3,EUR,app,0", "time", "outside 1970 to 2100"),
        ("t1,2026-03-01T10:00:00,a,b,12.50,EUR,app,0", "id", "the same content"),
        ("t1,2026-03-01T10:00:00,a,b,13.50,EUR,app,0", "id", "other content"),
        ("t2,2026-03-01T10:00:00,a,b,3,EUR", "", "6 fields instead of 8"),
        ('t2,2026-03-01T10:00:00,"a"x,b,3,EUR,app,0', "", "malformed CSV"),
    ],
)
def test_a_bad_row_is_named_with_line_column_and_reason(tmp_path: Path, line: str, column: str, reason: str) -> None:
    report = imported(tmp_path, GOOD, line)
    (reject,) = report["rejects"]
    assert (reject["file"], reject["line"], reject["column"]) == ("payments.csv", 3, column)
    assert reason in reject["reason"]
    assert report["rows_read"] == report["written"] + len(report["rejects"])
    with (tmp_path / "world" / "rejects.csv").open(encoding="utf-8") as stream:
        assert [row["reason"] for row in csv.DictReader(stream)] == [reject["reason"]]


def test_the_map_is_shown_and_nothing_is_written_until_it_is_accepted(tmp_path: Path) -> None:
    path = source(tmp_path, GOOD)
    result = run(str(path), "--out", str(tmp_path / "world"))
    assert result.return_value == 2
    assert 'payer = "from"' in result.stderr
    assert not (tmp_path / "world").exists()


def test_the_map_that_was_written_imports_the_same_again(tmp_path: Path) -> None:
    first = imported(tmp_path, GOOD)
    (tmp_path / "map.toml").write_text((tmp_path / "world" / "map.toml").read_text("utf-8"), "utf-8")
    again = imported(tmp_path, GOOD, options=("--map", str(tmp_path / "map.toml")))
    assert again == first


def test_a_refused_column_is_set_apart_and_cannot_be_mapped(tmp_path: Path) -> None:
    report = imported(tmp_path, GOOD + ",Kiel", header=HEADER + ",Location")
    assert any("'Location'" in sentence and "location trail" in sentence for sentence in report["set_apart"])
    (tmp_path / "map.toml").write_text(
        'currency = "EUR"\n[columns]\nts = "time"\npayer = "from"\npayee = "to"\n'
        'amount = "amount"\nchannel = "Location"\n'
    )
    with pytest.raises(RefusedFieldError, match="refuses the column 'Location'"):
        imported(tmp_path, GOOD + ",Kiel", header=HEADER + ",Location", options=("--map", str(tmp_path / "map.toml")))


def test_seconds_that_are_declared_milliseconds_are_called_so(tmp_path: Path) -> None:
    (tmp_path / "map.toml").write_text(
        '[columns]\nts = "time"\npayer = "from"\npayee = "to"\namount = "amount"\n'
        'currency = "ccy"\n[time]\nunit = "ms"\n'
    )
    with pytest.raises(DatasetError, match='looks like seconds, not milliseconds: set unit = "s"'):
        imported(tmp_path, "t1,1767225600,a,b,1,EUR,app,0", options=("--map", str(tmp_path / "map.toml")))


@pytest.mark.parametrize(
    ("time", "micros"),
    [
        ("1767225600", 1767225600_000_000),
        ("1767225600123", 1767225600_123_000),
        ("20260101", 1767225600_000_000),
        ("01/01/2026 00:00", 1767225600_000_000),
        ("77880", 77880_000_000),
    ],
)
def test_the_unit_or_format_of_times_is_guessed(tmp_path: Path, time: str, micros: int) -> None:
    imported(tmp_path, f"t1,{time},a,b,1,EUR,app,0")
    assert read_dataset(tmp_path / "world").journal.column("clock_us")[0].as_py() == micros


def test_unknown_label_values_are_taken_as_not_labelled_and_said(tmp_path: Path) -> None:
    imported(tmp_path, GOOD, "t2,2026-03-01T11:00:00,b,c,3,EUR,app,2")
    assert read_dataset(tmp_path / "world").labels == {"t1": 0}


def test_decimal_commas_and_minor_units_are_read(tmp_path: Path) -> None:
    imported(tmp_path, 't1,2026-03-01T10:00:00,a,b,"1.234,50",EUR,app,0')
    assert read_dataset(tmp_path / "world").journal.column("amount_minor")[0].as_py() == 123450


def test_parquet_and_gzip_sources_are_read(tmp_path: Path) -> None:
    table = pa.table({"Time": [10, 20], "Source": ["a", "b"], "Target": ["b", "c"], "Amount": [1.25, 2.0]})
    pq.write_table(table, tmp_path / "one.parquet")
    with gzip.open(tmp_path / "two.csv.gz", "wt", encoding="utf-8") as stream:
        stream.write("Time,Source,Target,Amount\n30,c,d,4\n")
    result = run(
        str(tmp_path / "one.parquet"), str(tmp_path / "two.csv.gz"), "--out", str(tmp_path / "world"),
        "--yes", "--currency", "XXX",
    )  # fmt: skip
    assert result.return_value == 0
    assert read_dataset(tmp_path / "world").journal.column("tx_id").to_pylist() == [
        "one-000000001",
        "one-000000002",
        "two-000000002",
    ]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"\xff\xfe\x00bad", "not text in UTF-8"),
        (b"id,id,time\n", "more than once"),
        (b"id,time,from,to,amount\nt1,2026-01-01,a,b,1\n", "No currency column"),
        (b"id,when,who\nt1,2026-01-01,a\n", "No column was found for 'ts'"),
        (b"id,time,from,to,amount,ccy\n", "None of the 0 rows"),
    ],
)
def test_a_file_that_cannot_be_imported_is_refused_in_words(tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "odd.csv"
    path.write_bytes(content)
    with pytest.raises(HeadgateError, match=words):
        run(str(path), "--out", str(tmp_path / "world"), "--yes")
    assert not (tmp_path / "world").exists()


def test_a_missing_file_and_a_broken_parquet_file_are_refused(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="cannot be opened"):
        run(str(tmp_path / "none.csv"), "--out", str(tmp_path / "w"), "--yes")
    (tmp_path / "bad.parquet").write_bytes(b"PAR1")
    with pytest.raises(FileError, match="cannot be read as Parquet"):
        run(str(tmp_path / "bad.parquet"), "--out", str(tmp_path / "w"), "--yes")


def test_a_map_with_wrong_names_is_refused_with_the_nearest(tmp_path: Path) -> None:
    path = tmp_path / "map.toml"
    path.write_text('[columns]\npayr = "from"\n')
    with pytest.raises(UnknownFieldError, match="Did you mean 'payer'"):
        imported(tmp_path, GOOD, options=("--map", str(path)))
    path.write_text('[columns]\npayer = "frm"\n')
    with pytest.raises(DatasetError, match="Did you mean 'from'"):
        imported(tmp_path, GOOD, options=("--map", str(path)))
    path.write_text("colums = 3\n")
    with pytest.raises(UnknownFieldError, match="is not understood"):
        imported(tmp_path, GOOD, options=("--map", str(path)))
    path.write_text("not toml at all [")
    with pytest.raises(FileError, match="cannot be read"):
        imported(tmp_path, GOOD, options=("--map", str(path)))


def test_an_unknown_currency_on_the_command_line_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FieldError, match="Did you mean 'EUR'"):
        imported(tmp_path, GOOD, options=("--yes", "--currency", "EURO"))


def test_a_folder_with_content_is_kept_unless_told_and_a_failed_write_leaves_it_whole(tmp_path: Path) -> None:
    imported(tmp_path, GOOD)
    path = source(tmp_path, GOOD)
    with pytest.raises(FileError, match="not empty"):
        run(str(path), "--out", str(tmp_path / "world"), "--yes")

    def disk_full(folder: Path) -> None:
        (folder / "half").write_text("x")
        raise OSError(28, "No space left on device")

    with pytest.raises(FileError, match="No space left on device"):
        write_folder(tmp_path / "world", disk_full, overwrite=True)
    assert read_dataset(tmp_path / "world").payments == 1
    assert not (tmp_path / "world.partial").exists()


def test_an_unwritable_folder_is_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    path = source(tmp_path, GOOD)
    with pytest.raises(FileError, match="cannot be written"):
        run(str(path), "--out", str(tmp_path / "file" / "world"), "--yes")
