"""The door of a home: account and party ids go in, pseudonyms come out.

Everything behind the door (facts, decisions, cases, pages, exports) sees pseudonyms only. New pseudonyms are
committed in the vault before this returns, so before anything that mentions them is written.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, TypeVar

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from headgate.charter.pseudonyms import Vault
from headgate.journal.entries import Entry, Payment
from headgate.journal.schema import BLOCK_SCHEMA

ACCOUNT_FIELDS: Final = ("payer", "payee", "account")
PARTY_FIELDS: Final = ("party",)
PARTY_LIST_FIELDS: Final = ("joint_parties",)

AnyEntry = TypeVar("AnyEntry", bound=Entry)


def admit(journal: pa.Table, vault: Vault) -> pa.Table:
    """Return a journal table (`BLOCK_SCHEMA`) with pseudonyms in the place of account and party ids."""
    table = journal
    for names, prefix in ((ACCOUNT_FIELDS, "A"), (PARTY_FIELDS, "P")):
        known = vault.pseudonyms(_ids(journal, names), prefix)
        for name in names:
            table = _with_column(table, name, _renamed(table.column(name), known))
    for name in PARTY_LIST_FIELDS:
        table = _with_column(table, name, _renamed_lists(table.column(name), vault))
    return table


def admit_entry(entry: AnyEntry, vault: Vault) -> AnyEntry:
    """Return one entry with pseudonyms in the place of account and party ids."""
    if isinstance(entry, Payment):
        payer, payee = vault.pair(entry.payer, entry.payee)
        return msgspec.structs.replace(entry, payer=payer, payee=payee)
    changed: dict[str, str | tuple[str, ...]] = {}
    for names, prefix in ((ACCOUNT_FIELDS, "A"), (PARTY_FIELDS, "P")):
        for name in names:
            identity = getattr(entry, name, None)
            if identity is not None:
                changed[name] = vault.pseudonyms((identity,), prefix)[identity]
    for name in PARTY_LIST_FIELDS:
        parties = getattr(entry, name, ())
        if parties:
            known = vault.pseudonyms(parties, "P")
            changed[name] = tuple(known[party] for party in parties)
    return msgspec.structs.replace(entry, **changed)


def name_all(entries: Iterable[Entry], vault: Vault) -> None:
    """Draw the pseudonyms of every account and party of these entries, in two transactions for all of them."""
    vault.look_for_erasures()
    accounts: dict[str, None] = {}
    parties: dict[str, None] = {}
    for entry in entries:
        if isinstance(entry, Payment):
            accounts[entry.payer] = accounts[entry.payee] = None
            continue
        accounts |= dict.fromkeys(_named(entry, ACCOUNT_FIELDS))
        parties |= dict.fromkeys((*_named(entry, PARTY_FIELDS), *_listed(entry)))
    vault.name(accounts)
    vault.name(parties, "P")


def _named(entry: Entry, names: Iterable[str]) -> list[str]:
    return [identity for name in names if (identity := getattr(entry, name, None)) is not None]


def _listed(entry: Entry) -> tuple[str, ...]:
    return tuple(party for name in PARTY_LIST_FIELDS for party in getattr(entry, name, ()))


def _ids(journal: pa.Table, names: Iterable[str]) -> list[str]:
    """Distinct ids in order of first appearance, so that injected randomness gives the same names in any run."""
    chunks = [chunk for name in names for chunk in journal.column(name).chunks]
    ids: list[str] = pc.unique(pa.chunked_array(chunks, pa.utf8()).drop_null()).to_pylist()
    return ids


def _renamed(column: pa.ChunkedArray, known: dict[str, str]) -> pa.Array:
    coded = column.combine_chunks().dictionary_encode()
    names = pa.array([known[identity] for identity in coded.dictionary.to_pylist()], pa.utf8())
    return names.take(coded.indices)


def _renamed_lists(column: pa.ChunkedArray, vault: Vault) -> pa.Array:
    if column.null_count == len(column):
        return column.combine_chunks()
    lists = column.to_pylist()
    known = vault.pseudonyms((party for parties in lists for party in parties or ()), "P")
    renamed = [None if parties is None else [known[party] for party in parties] for parties in lists]
    return pa.array(renamed, column.type)


def _with_column(table: pa.Table, name: str, values: pa.Array) -> pa.Table:
    place = table.schema.get_field_index(name)
    return table.set_column(place, BLOCK_SCHEMA.field(name), values)
