"""The pages made from the code are up to date: every command, option and error is in the docs."""

from __future__ import annotations

from pathlib import Path

from headgate.cli._reference import commands_page, errors_page, journal_page, ledger_page
from headgate.ledger import verify

REFERENCE = Path(__file__).parents[2] / "docs" / "reference"


def test_every_command_and_option_is_in_the_docs() -> None:
    written = (REFERENCE / "commands.md").read_text("utf-8")
    assert written == commands_page(), "run `make docs` and commit docs/reference/commands.md"


def test_every_error_is_in_the_docs() -> None:
    written = (REFERENCE / "errors.md").read_text("utf-8")
    assert written == errors_page(), "run `make docs` and commit docs/reference/errors.md"


def test_every_entry_kind_and_column_is_in_the_docs() -> None:
    written = (REFERENCE / "journal.md").read_text("utf-8")
    assert written == journal_page(), "run `make docs` and commit docs/reference/journal.md"


def test_every_kind_and_field_of_the_ledger_is_in_the_docs() -> None:
    written = (REFERENCE / "ledger-entries.md").read_text("utf-8")
    assert written == ledger_page(), "run `make docs` and commit docs/reference/ledger-entries.md"


def test_the_verifier_in_the_docs_is_the_one_of_the_package() -> None:
    written = (REFERENCE.parent / "verify.py").read_bytes()
    assert written == Path(verify.__file__).read_bytes(), "run `make docs` and commit docs/verify.py"
