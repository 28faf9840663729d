from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest

from headgate.charter.pseudonyms import Vault
from headgate.drivers.door import admit, admit_entry
from headgate.journal.entries import Account, Entry, Outcome, Payment, Rates, Session
from headgate.journal.schema import BLOCK_SCHEMA, from_block, to_block


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    return Vault(tmp_path / "vault.db")


def entries() -> list[Entry]:
    return [
        Account(seq=0, clock_us=0, account="ann", party="pia", joint_parties=("pia", "pat"), account_type="current"),
        Rates(seq=1, clock_us=0, base="EUR", currency="USD", rate="0.9"),
        Session(seq=2, clock_us=1, session_id="s", account="ann", event="login"),
        Payment(
            seq=3, clock_us=2, tx_id="t", ts_us=2, payer="ann", payee="bob", amount_minor=5, currency="EUR"
        ),
        Outcome(
            seq=4, clock_us=9, outcome_id="o", tx_id="t", payer="ann", payee="bob", amount_minor=5, currency="EUR",
            payment_clock_us=2, outcome="fraud", source="label",
        ),
    ]  # fmt: skip


def test_no_account_and_no_party_passes_the_door(vault: Vault) -> None:
    table = admit(pa.Table.from_batches([to_block(entries())]), vault)
    assert table.schema == BLOCK_SCHEMA
    cells = {str(cell) for row in table.to_pylist() for cell in (*row.values(), *(row["joint_parties"] or ()))}
    assert not cells & {"ann", "bob", "pia", "pat"}
    assert {vault.known("ann"), vault.known("bob"), vault.known("pia", "P"), vault.known("pat", "P")} <= cells


def test_everything_else_passes_unchanged(vault: Vault) -> None:
    before = pa.Table.from_batches([to_block(entries())])
    after = admit(before, vault)
    renamed = ["payer", "payee", "account", "party", "joint_parties"]
    assert after.drop_columns(renamed).equals(before.drop_columns(renamed))


def test_one_entry_passes_the_door_as_a_table_does(vault: Vault) -> None:
    table = admit(pa.Table.from_batches([to_block(entries())]), vault)
    assert [admit_entry(entry, vault) for entry in entries()] == from_block(table)


def test_the_same_randomness_gives_the_same_pseudonyms(tmp_path: Path) -> None:
    def run(name: str) -> pa.Table:
        draws = iter(bytes([n] * 5) for n in range(100))
        vault = Vault(tmp_path / name, token=lambda size: next(draws))
        return admit(pa.Table.from_batches([to_block(entries())]), vault)

    assert run("one.db").equals(run("two.db"))
