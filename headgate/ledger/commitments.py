"""Keyed commitments: HMAC-SHA-256 in the place of a value, with a key for each data subject and period.

Whoever has the value and the key can show that the value was logged; without the key the commitment says nothing, not
even to one who guesses the value. Erasing the key erases: proofs of the log stay valid, the value cannot be shown.

Where keys live: in one folder, `subject-keys.db` (mode 600) with `backup.key` beside it. A backup of this folder as
files must not be made. `backup` writes the keys encrypted under backup.key; every erasure replaces backup.key, so that
backups made before it cannot be opened any more, and a new backup has to be made at once. Keep a copy of backup.key,
if any, where it can be destroyed too (a key module); whoever loses it loses values, never proofs.

Two processes may use one folder. Drawing, holding, erasing and backing up each take the one right to write first.
Order of an erasure: backup.key is replaced, then rows are deleted and overwritten. A crash between the two leaves old
backups unreadable and the erasure to be asked for again; the other order would leave a backup that still opens.
"""

from __future__ import annotations

import hmac
import secrets
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final, NamedTuple

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from headgate.errors import FileError, LegalHoldError, NotFoundError, UnavailableError
from headgate.ledger.key_store import opened_keys, write_private
from headgate.limits import MAX_LEGAL_HOLD_US, MAX_REMEMBERED_KEYS
from headgate.statements import inserts, lists

_KEY_BYTES: Final = 32
_NONCE_BYTES: Final = 12
_MAGIC: Final = b"headgate subject keys 1\n"
_Rows = msgspec.msgpack.Decoder(tuple[list[tuple[str, str, bytes]], list[tuple[str, str, str, int]]])


class LegalHold(NamedTuple):
    """Why, by whom and until when (microseconds UTC) the keys of a subject may not be erased."""

    reason: str
    person: str
    until_us: int


class SubjectKeys:
    """The keys of all data subjects (pseudonyms), by period such as `2026-11`.

    folder: made with mode 700 when missing. clock_us: microseconds UTC. token: random bytes. Raises FileError.
    """

    def __init__(
        self, folder: Path, *, clock_us: Callable[[], int], token: Callable[[int], bytes] = secrets.token_bytes
    ) -> None:
        self._folder, self._clock_us, self._token = folder, clock_us, token
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._path, self._version = folder / "subject-keys.db", 0
        self._open()
        self._backup_key = folder / "backup.key"
        if not self._backup_key.exists():
            with self._alone():
                if not self._backup_key.exists():
                    self._replace_backup_key()

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def reopen(self) -> None:
        """Close the file after a failure, and begin again with what is in it."""
        self._db.close()
        self._open()

    def commit(self, subject: str, period: str, value: bytes) -> str:
        """Return the commitment (64 hex digits) to a value; a subject's key for the period is drawn when missing."""
        with self.together() as commit:
            return commit(subject, period, value)

    @contextmanager
    def together(self, period: str = "", subjects: Iterable[str] = ()) -> Iterator[Callable[[str, str, bytes], str]]:
        """Give `commit` for many values: all keys that it draws are on disk when this ends.

        Nothing that was committed to inside may leave before. Keys in memory are dropped when another program wrote.
        subjects: whose keys for the period are fetched and drawn at once, which costs less than one by one.
        """
        self._look_for_erasures()
        try:
            with self._db:
                self._fetch(
                    period, [each for each in dict.fromkeys(subjects) if (each, period) not in self._remembered]
                )
                yield self._committed
        except BaseException:
            self._remembered.clear()  # keys that were drawn are gone
            raise

    def _fetch(self, period: str, subjects: Sequence[str]) -> None:
        """Remember the keys of subjects for a period; those that are missing are drawn."""
        if len(self._remembered) + len(subjects) >= MAX_REMEMBERED_KEYS:
            self._remembered.clear()
        found = self._keys(period, subjects)
        missing = [subject for subject in subjects if subject not in found]
        if missing:
            found |= self._drawn(period, missing)
        self._remembered.update(((subject, period), _prepared(key)) for subject, key in found.items())

    def _drawn(self, period: str, subjects: Sequence[str]) -> dict[str, bytes]:
        """Draw keys, by few statements; where another process drew one meanwhile, it is that one."""
        drawn = {subject: self._token(_KEY_BYTES) for subject in subjects}
        rows = ((subject, period, key) for subject, key in drawn.items())
        there = 0
        for sql, arguments, many in inserts("OR IGNORE INTO subject_keys", rows):
            there += many - self._db.execute(sql, arguments).rowcount
        return self._keys(period, subjects) if there else drawn

    def _keys(self, period: str, subjects: Sequence[str]) -> dict[str, bytes]:
        found: dict[str, bytes] = {}
        for marks, some in lists(subjects):
            sql = f"SELECT subject, content FROM subject_keys WHERE period = ? AND subject IN {marks}"
            found.update(self._db.execute(sql, (period, *some)))
        return found

    def _committed(self, subject: str, period: str, value: bytes) -> str:
        key = self._remembered.get((subject, period))
        if key is None:
            self._fetch(period, (subject,))
            key = self._remembered[subject, period]
        return _commitment(key, value)

    def _look_for_erasures(self) -> None:
        (version,) = self._db.execute("PRAGMA data_version").fetchone()
        if version != self._version:
            self._remembered.clear()
            self._version = version

    def _open(self) -> None:
        self._db = opened_keys(self._path)
        self._remembered: dict[tuple[str, str], hmac.HMAC] = {}
        self._version = 0

    def opens(self, commitment: str, subject: str, period: str, value: bytes) -> bool:
        """Return whether the commitment is to this value. Raises NotFoundError when the key was erased."""
        key = self._key(subject, period)
        if key is None:
            raise NotFoundError(
                f"There is no key of {subject!r} for {period}: it was erased, or never drawn",
                where="subject-keys.db",
                repair="The entry is still proved; its value cannot be shown any more, by nobody.",
            )
        return hmac.compare_digest(_commitment(_prepared(key), value), commitment)

    def erase(self, subject: str, periods: Sequence[str] | None = None) -> tuple[str, ...]:
        """Erase the keys of a subject (all, or those of some periods) and return the periods that are gone.

        Raises LegalHoldError while a legal hold forbids it. Backups made before cannot be opened afterwards.
        """
        with self._alone():
            self._check_free(subject)
            gone = tuple(period for period in self.periods(subject) if periods is None or period in periods)
            if gone:
                self._remembered.clear()
                self._replace_backup_key()
                pairs = [(subject, period) for period in gone]
                self._db.executemany("DELETE FROM subject_keys WHERE subject = ? AND period = ?", pairs)
        self._overwrite()
        return gone

    def hold(self, subject: str, reason: str, person: str, until_us: int) -> None:
        """Forbid erasing a subject's keys until then, or lift a hold with until_us 0. Raises LegalHoldError."""
        if until_us and (not reason or not self._clock_us() < until_us <= self._clock_us() + MAX_LEGAL_HOLD_US):
            raise LegalHoldError(
                "A legal hold needs a reason and an expiry within ten years from now",
                where="legal hold",
                repair="Say who asked for it and until when; it can be renewed.",
            )
        with self._alone():
            self._db.execute("DELETE FROM legal_holds WHERE subject = ?", (subject,))
            if until_us:
                self._db.execute("INSERT INTO legal_holds VALUES (?, ?, ?, ?)", (subject, reason, person, until_us))

    def periods(self, subject: str) -> tuple[str, ...]:
        """Return the periods for which there is a key of a subject, in order."""
        rows = self._db.execute("SELECT period FROM subject_keys WHERE subject = ? ORDER BY period", (subject,))
        return tuple(row[0] for row in rows)

    def held(self, subject: str) -> LegalHold | None:
        """Return the legal hold on a subject that is in force now, or None."""
        sql = "SELECT reason, person, until_us FROM legal_holds WHERE subject = ? AND until_us > ?"
        row = self._db.execute(sql, (subject, self._clock_us())).fetchone()
        return None if row is None else LegalHold(*row)

    def backup(self, target: Path) -> None:
        """Write all keys and holds, encrypted under backup.key, into a file of mode 600.

        No erasure comes between reading keys and backup.key, so that no backup opens with keys that were erased.
        """
        with self._alone():
            keys = self._db.execute("SELECT * FROM subject_keys").fetchall()
            holds = self._db.execute("SELECT * FROM legal_holds").fetchall()
            secret = self._backup_key.read_bytes()
        nonce = self._token(_NONCE_BYTES)
        sealed = AESGCM(secret).encrypt(nonce, msgspec.msgpack.encode((keys, holds)), _MAGIC)
        write_private(target, _MAGIC + nonce + sealed)

    def restore(self, source: Path) -> int:
        """Take keys and holds of a backup into an empty file and return how many keys. Raises FileError."""
        data, start = source.read_bytes(), len(_MAGIC) + _NONCE_BYTES
        try:
            plain = AESGCM(self._backup_key.read_bytes()).decrypt(data[len(_MAGIC) : start], data[start:], _MAGIC)
        except (InvalidTag, ValueError) as error:
            raise FileError(
                "This backup of keys cannot be opened: it was changed, or an erasure came after it",
                where=str(source),
                repair="Take the backup made after the last erasure, with the backup.key of then.",
            ) from error
        keys, holds = _Rows.decode(plain)
        with self._alone():
            if self._db.execute("SELECT count(*) FROM subject_keys").fetchone()[0]:
                where = str(self._folder)
                raise FileError("There are keys here already", where=where, repair="Restore into a new folder.")
            self._db.executemany("INSERT INTO subject_keys VALUES (?, ?, ?)", keys)
            self._db.executemany("INSERT INTO legal_holds VALUES (?, ?, ?, ?)", holds)
        return len(keys)

    def _key(self, subject: str, period: str) -> bytes | None:
        sql = "SELECT content FROM subject_keys WHERE subject = ? AND period = ?"
        row = self._db.execute(sql, (subject, period)).fetchone()
        return None if row is None else bytes(row[0])

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Hold the one right to write, of all processes, from before the first look on. Raises UnavailableError."""
        try:
            self._db.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            raise UnavailableError(
                f"The subjects' keys are in use by another process: {error}",
                where=str(self._path),
                repair="Try again; nothing was changed.",
            ) from error
        with self._db:
            yield

    def _overwrite(self) -> None:
        """Take what was erased out of the write-ahead log too. Raises UnavailableError while another reads."""
        (busy, *_) = self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        if busy:
            raise UnavailableError(
                "The keys are erased, but another process keeps the file in which they stood from being overwritten",
                where=str(self._path),
                repair="Ask for the same erasure again in a moment.",
            )

    def _check_free(self, subject: str) -> None:
        held = self.held(subject)
        if held is not None:
            raise LegalHoldError(
                f"A legal hold of {held.person} forbids erasing this subject's keys: {held.reason}",
                where=f"until {held.until_us} (microseconds UTC)",
                repair="Wait until it expires, or have it lifted by who set it.",
            )

    def _replace_backup_key(self) -> None:
        write_private(self._backup_key, self._token(_KEY_BYTES))


def _prepared(key: bytes) -> hmac.HMAC:
    return hmac.new(key, digestmod="sha256")


def _commitment(key: hmac.HMAC, value: bytes) -> str:
    """A key is set up once and copied for each value: that is most of what a code costs."""
    code = key.copy()
    code.update(value)
    return code.hexdigest()
