"""Users, logins and keys. Who was let in or out is left for the ledger in the same transaction."""

from __future__ import annotations

from typing import Any

from headgate.errors import NotFoundError
from headgate.ledger.entries import encode_entry
from headgate.ledger.kinds import Entry as LedgerEntry
from headgate.ledger.kinds import KeyChanged, RoleChanged
from headgate.stores.database import Database
from headgate.stores.tables_ledger import tell
from headgate.stores.users import NOBODY, ApiKey, By, User, WebSession


class UserTables:
    """See `stores.store.Users`."""

    _database: Database

    def add_user(self, user: User, by: By = NOBODY) -> None:
        """Add a user; ConflictError when the name is taken. by: who does it."""
        said = RoleChanged(**_who(user.name, by), before="", after=user.role, reason="added")
        self._write("INSERT INTO users VALUES (?, ?, ?, ?, ?)", *_user_row(user), said=said)

    def replace_user(self, user: User, by: By = NOBODY) -> None:
        """Change a user; NotFoundError when there is none of that name. by: who does it."""
        before = self.user(user.name)
        reason = "disabled" if user.disabled else "changed"
        old, new = "" if before is None else before.role, "" if user.disabled else user.role
        changed = self._write(
            "UPDATE users SET role = ?, password_hash = ?, created_us = ?, disabled = ? WHERE name = ?",
            *_user_row(user)[1:],
            user.name,
            said=RoleChanged(**_who(user.name, by), before=old, after=new, reason=reason),
        )
        _must_exist(changed, "user", user.name)

    def user(self, name: str) -> User | None:
        """A user by name, or None."""
        row = self._database.one("SELECT * FROM users WHERE name = ?", (name,))
        return None if row is None else _user(row)

    def users(self) -> tuple[User, ...]:
        """Every user by name."""
        return tuple(map(_user, self._database.read("SELECT * FROM users ORDER BY name")))

    def add_web_session(self, session: WebSession) -> None:
        """Keep a login, and forget those that had expired when it began."""
        with self._database.transaction() as db:
            db.execute("DELETE FROM web_sessions WHERE expires_us <= ?", (session.created_us,))
            row = (session.token_hash, session.user, session.created_us, session.expires_us)
            db.execute("INSERT INTO web_sessions VALUES (?, ?, ?, ?)", row)

    def web_session(self, token_hash: str, now_us: int) -> WebSession | None:
        """The login behind a token hash, or None when there is none or it has expired."""
        row = self._database.one(
            "SELECT * FROM web_sessions WHERE token_hash = ? AND expires_us > ?", (token_hash, now_us)
        )
        if row is None:
            return None
        return WebSession(token_hash=row[0], user=row[1], created_us=row[2], expires_us=row[3])

    def end_web_session(self, token_hash: str) -> None:
        """Forget a login; nothing happens when there is none."""
        self._write("DELETE FROM web_sessions WHERE token_hash = ?", token_hash)

    def end_web_sessions_of(self, user: str) -> None:
        """Forget every login of a user."""
        self._write("DELETE FROM web_sessions WHERE login = ?", user)

    def note_login_failure(self, user: str, now_us: int) -> None:
        """Remember a wrong password."""
        self._write("INSERT INTO login_attempts(login, clock_us) VALUES (?, ?)", user, now_us)

    def login_failures(self, user: str, since_us: int) -> int:
        """How many wrong passwords there were after a clock."""
        row = self._database.one(
            "SELECT count(*) FROM login_attempts WHERE login = ? AND clock_us > ?", (user, since_us)
        )
        assert row is not None
        return int(row[0])

    def clear_login_failures(self, user: str) -> None:
        """Forget the wrong passwords of a user, after a right one."""
        self._write("DELETE FROM login_attempts WHERE login = ?", user)

    def add_api_key(self, key: ApiKey, by: By = NOBODY) -> None:
        """Keep a key; ConflictError when its name is taken. by: who does it."""
        said = KeyChanged(**_who(key.name, by), before="", after=key.role, reason="added")
        self._write("INSERT INTO api_keys VALUES (?, ?, ?, ?, ?, ?, ?)", *_key_row(key), said=said)

    def api_key(self, key_hash: str) -> ApiKey | None:
        """The key behind a hash, or None when there is none or it is disabled."""
        row = self._database.one("SELECT * FROM api_keys WHERE key_hash = ? AND disabled = 0", (key_hash,))
        return None if row is None else _api_key(row)

    def api_keys(self) -> tuple[ApiKey, ...]:
        """Every key by name."""
        return tuple(map(_api_key, self._database.read("SELECT * FROM api_keys ORDER BY name")))

    def disable_api_key(self, name: str, by: By = NOBODY) -> None:
        """Take a key out of use; NotFoundError when there is none of that name. by: who does it."""
        said = KeyChanged(**_who(name, by), before=name, after="", reason="disabled")
        _must_exist(self._write("UPDATE api_keys SET disabled = 1 WHERE name = ?", name, said=said), "key", name)

    def _write(self, sql: str, *arguments: object, said: LedgerEntry | None = None) -> int:
        with self._database.transaction() as db:
            changed = db.execute(sql, arguments)
            if said is not None and changed:
                db.take_turn()
                tell(db, encode_entry(said))
            return changed


def _who(name: str, by: By) -> dict[str, Any]:
    """What every change of a user or key says; its clock is that of its writer, who logs it."""
    return {"at_us": 0, "name": name, "person": by.person, "approved_by": by.approved_by}


def _user_row(user: User) -> tuple[object, ...]:
    return (user.name, user.role, user.password_hash, user.created_us, int(user.disabled))


def _key_row(key: ApiKey) -> tuple[object, ...]:
    known_by = (key.key_hash, key.name, key.role)
    return (*known_by, key.created_us, int(key.disabled), " ".join(key.scopes), key.expires_us)


def _user(row: tuple[Any, ...]) -> User:
    name, role, password_hash, created_us, disabled = row
    return User(name=name, role=role, password_hash=password_hash, created_us=created_us, disabled=bool(disabled))


def _api_key(row: tuple[Any, ...]) -> ApiKey:
    key_hash, name, role, created_us, disabled, scopes, expires_us = row
    return ApiKey(
        key_hash=key_hash,
        name=name,
        role=role,
        created_us=created_us,
        disabled=bool(disabled),
        scopes=tuple(scopes.split()),
        expires_us=expires_us,
    )


def _must_exist(changed: int, noun: str, name: str) -> None:
    if not changed:
        raise NotFoundError(f"There is no {noun} {name!r}.", where=noun, repair="Check the name.")
