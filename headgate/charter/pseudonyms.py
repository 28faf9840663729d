"""The vault: account and party ids stand for random pseudonyms, so that erasure erases.

It is the only place where an id and its pseudonym meet; journal, store, pages and exports hold pseudonyms alone.
A name leaves it for a purpose of the charter only, and the access is on disk before the name is returned.

Order of writes: a new pseudonym is committed here before anything that mentions it is committed elsewhere. A crash
between the two leaves a pseudonym that nothing mentions, which harms nobody; the other order would leave a journal
that no case worker could ever resolve.
"""

from __future__ import annotations

import base64
import secrets
import sqlite3
import time
from collections.abc import Callable, Collection, Iterable, Sequence
from pathlib import Path

import msgspec

from headgate.charter.at_hand import AtHand
from headgate.charter.reveals import check_reveal
from headgate.charter.vault_file import opened_vault
from headgate.errors import FieldError, NotFoundError, UnavailableError
from headgate.limits import MAX_ID_CHARS
from headgate.statements import inserts, lists
from headgate.stores.sqlite_open import Connect, settle

_TOKEN_BYTES = 5  # 40 bits are 8 base32 characters; a rare clash draws again
_DRAWS = 100


class Access(msgspec.Struct, frozen=True, kw_only=True):
    """One look at a name: when (microseconds UTC), by whom, for which purpose of the charter, at which pseudonym."""

    number: int
    clock_us: int
    actor: str
    purpose: str
    pseudonym: str
    note: str


class Vault:
    """A file of mode 600 that maps ids to pseudonyms such as `A-K3J5Q2XZ`.

    path: the SQLite file, made when missing. purposes: what the charter allows a reveal for. token: source of random
    bytes. clock_us: microseconds UTC. connect: what opens the file. Raises FileError when the
    file cannot be opened or is not a vault.
    """

    def __init__(
        self,
        path: Path,
        *,
        purposes: Collection[str] = (),
        token: Callable[[int], bytes] = secrets.token_bytes,
        clock_us: Callable[[], int] = lambda: time.time_ns() // 1000,
        connect: Connect = sqlite3.connect,
    ) -> None:
        self.path = path
        self._purposes = tuple(purposes)
        self._token = token
        self._clock_us = clock_us
        self._connect = connect
        self._db = opened_vault(path, connect)
        self._at_hand = AtHand()
        self._version = 0

    def reopen(self) -> None:
        """Close the file and open it again, with all that is in doubt after a failure written anew.

        Raises FileError where it cannot be opened, UnavailableError where it cannot be written.
        """
        self._db.close()
        self._at_hand.forget()
        self._db = opened_vault(self.path, self._connect)
        settle(self._db, self.path.name)

    def close(self) -> None:
        """Close the file; the vault cannot be used afterwards."""
        self._db.close()

    def pseudonym(self, account: str) -> str:
        """Return the pseudonym of an account id, drawn now when it has none."""
        return self.pseudonyms((account,))[account]

    def pseudonyms(self, ids: Iterable[str], prefix: str = "A") -> dict[str, str]:
        """Return the pseudonym of every id, in one transaction; the prefix is `A` for accounts, `P` for parties.

        The same text as an account and as a party gets two. Raises FieldError for an empty or overlong id.
        """
        self._at_hand.make_room()
        names = self._at_hand.of(prefix)
        found = {identity: names.get(identity, "") for identity in ids}
        if "" in found.values():
            found |= self._looked_up([identity for identity, pseudonym in found.items() if not pseudonym], prefix)
        return found

    def pair(self, payer: str, payee: str) -> tuple[str, str]:
        """Return the pseudonyms of two accounts, as `pseudonyms` gives them."""
        names = self._at_hand.of("A")
        one, other = names.get(payer), names.get(payee)
        if one is None or other is None:
            found = self.pseudonyms((payer, payee))
            return found[payer], found[payee]
        return one, other

    def name(self, ids: Iterable[str], prefix: str = "A") -> None:
        """Draw the pseudonym of every id that has none, in one transaction; what can be no id is left out."""
        self._at_hand.make_room()
        names = self._at_hand.of(prefix)
        new = [identity for identity in ids if identity not in names and can_be(identity)]
        if new:
            self._looked_up(new, prefix)

    def _looked_up(self, ids: Sequence[str], prefix: str) -> dict[str, str]:
        """Return the pseudonyms of ids from the file, in one transaction, and remember them."""
        for identity in ids:
            _check_id(identity)
        try:
            with self._db:
                known = self._assigned(ids, prefix)
                new = [identity for identity in dict.fromkeys(ids) if identity not in known]
                found = known | self._drawn(new, prefix)
        except sqlite3.OperationalError as error:
            raise _unavailable(self.path, error) from error
        self._at_hand.of(prefix).update(found)
        return found

    def look_for_erasures(self) -> None:
        """Drop the pseudonyms in memory when another program wrote to the file, for it may have erased a name.

        Whoever keeps a vault open for long calls this before each group of entries.
        """
        (version,) = self._db.execute("PRAGMA data_version").fetchone()
        if version != self._version:
            self._at_hand.forget()
            self._version = version

    def known(self, account: str, prefix: str = "A") -> str | None:
        """Return the pseudonym of an id, or None when it has none or was forgotten."""
        row = self._db.execute("SELECT pseudonym FROM names WHERE prefix = ? AND id = ?", (prefix, account)).fetchone()
        return None if row is None else str(row[0])

    def reveal(self, pseudonym: str, purpose: str, actor: str, note: str = "") -> str:
        """Return the id behind a pseudonym; the access is committed to disk before this returns.

        Raises FieldError for a purpose that the charter does not have or an empty actor, NotFoundError for a
        pseudonym that nobody has or whose id was forgotten (that attempt is recorded too).
        """
        check_reveal(purpose, self._purposes, actor)
        self._record(pseudonym, purpose, actor, note)
        row = self._db.execute("SELECT id FROM names WHERE pseudonym = ?", (pseudonym,)).fetchone()
        if row is None:
            raise NotFoundError(
                f"No id stands behind {pseudonym!r}.",
                where="vault",
                repair="Check the pseudonym; after an erasure there is nothing left to reveal.",
            )
        return str(row[0])

    def forget(self, account: str, prefix: str = "A") -> bool:
        """Erase the link of an id; True when there was one.

        The pseudonym stays in journal and cases, where it now stands for nobody. Pages of the file are overwritten.
        """
        try:
            with self._db:
                erased = self._db.execute("DELETE FROM names WHERE prefix = ? AND id = ?", (prefix, account)).rowcount
            self._at_hand.of(prefix).pop(account, None)
            self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        except sqlite3.OperationalError as error:
            raise _unavailable(self.path, error) from error
        return bool(erased)

    def accesses(self) -> tuple[Access, ...]:
        """Every look at a name, oldest first."""
        rows = self._db.execute(
            "SELECT number, clock_us, actor, purpose, pseudonym, note FROM accesses ORDER BY number"
        )
        return tuple(
            Access(number=n, clock_us=clock, actor=actor, purpose=purpose, pseudonym=pseudonym, note=note)
            for n, clock, actor, purpose, pseudonym, note in rows
        )

    def __len__(self) -> int:
        return int(self._db.execute("SELECT count(*) FROM names").fetchone()[0])

    def _assigned(self, ids: Sequence[str], prefix: str) -> dict[str, str]:
        """Return the pseudonyms of those ids that have one."""
        found: dict[str, str] = {}
        for marks, some in lists(ids):
            sql = f"SELECT id, pseudonym FROM names WHERE prefix = ? AND id IN {marks}"
            found.update(self._db.execute(sql, (prefix, *some)))
        return found

    def _drawn(self, ids: Sequence[str], prefix: str) -> dict[str, str]:
        """Draw a pseudonym for every id; one that is taken already is drawn again."""
        found: dict[str, str] = {}
        for _ in range(_DRAWS):
            left = [identity for identity in ids if identity not in found]
            if not left:
                return found
            drawn = {identity: self._pseudonym(prefix) for identity in left}
            rows = ((prefix, identity, pseudonym) for identity, pseudonym in drawn.items())
            taken = 0
            for sql, arguments, many in inserts("INTO names", rows, "ON CONFLICT(pseudonym) DO NOTHING"):
                taken += many - self._db.execute(sql, arguments).rowcount
            found |= self._assigned(left, prefix) if taken else drawn
        raise UnavailableError(
            f"No free pseudonym in {_DRAWS} draws.", where="vault", repair="Check the source of randomness."
        )

    def _pseudonym(self, prefix: str) -> str:
        return f"{prefix}-{base64.b32encode(self._token(_TOKEN_BYTES)).decode()}"

    def _record(self, pseudonym: str, purpose: str, actor: str, note: str) -> None:
        try:
            with self._db:
                self._db.execute(
                    "INSERT INTO accesses(clock_us, actor, purpose, pseudonym, note) VALUES (?, ?, ?, ?, ?)",
                    (self._clock_us(), actor, purpose, pseudonym, note),
                )
        except sqlite3.OperationalError as error:
            raise _unavailable(self.path, error) from error


def can_be(identity: str) -> bool:
    """Whether a text can be the id of an account or a party."""
    return 0 < len(identity) <= MAX_ID_CHARS


def _check_id(identity: str) -> None:
    if not can_be(identity):
        raise FieldError(
            f"An account id has {len(identity)} characters.",
            where="account",
            repair=f"Give between 1 and {MAX_ID_CHARS} characters.",
        )


def _unavailable(path: Path, error: sqlite3.Error) -> UnavailableError:
    return UnavailableError(
        f"The vault cannot be written: {error}",
        where=path.name,
        repair="Free disk space or end what locks the file, then repeat; nothing was changed.",
    )
