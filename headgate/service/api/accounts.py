"""Facts of accounts: who holds them (by id), since when, of which type, in which country."""

from __future__ import annotations

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from headgate.errors import (
    FieldError,
    LimitError,
    MalformedError,
    RefusedFieldError,
    UnavailableError,
    UnknownFieldError,
)
from headgate.journal.entries import Account
from headgate.service.commands.accounts import Accounts
from headgate.service.commands.once import Told
from headgate.service.operations import Operation
from headgate.service.parts import parts_of
from headgate.service.telling import told
from headgate.service.wire import Accounts as AccountsIn


class AccountOut(msgspec.Struct, frozen=True, kw_only=True):
    """Facts that count from `clock_us` on. `account` is the pseudonym under which the account appears."""

    account: str
    clock_us: int
    repeated: bool = False

    @classmethod
    def of(cls, told: Told) -> AccountOut:
        """Return the answer for an entry."""
        entry = told.entry
        assert isinstance(entry, Account)
        return cls(account=entry.account, clock_us=entry.clock_us, repeated=told.repeated)


async def accounts(request: Request) -> Response:
    """Take the facts of one account or a list; a list is taken whole or not at all."""
    return await told(request, parts_of(request).intake.accounts, Accounts, AccountOut.of)


OPERATIONS = (
    Operation(
        method="POST",
        path="/v1/accounts",
        name="tellAccounts",
        summary="Tell facts of an account",
        text="They replace what was told about the account before, all of it, so a repetition is harmless. A party "
        "links the accounts of one holder, so that moving money between them is known as such; it is never scored.",
        endpoint=accounts,
        takes=AccountsIn,
        example={
            "account": "DE-4711",
            "party": "K-99",
            "opened_at": "2019-05-02T00:00:00Z",
            "account_type": "private",
            "account_country": "DE",
        },
        gives={201: AccountOut, 200: AccountOut | list[AccountOut]},
        answer=AccountOut(account="A-K3J5Q2XZ", clock_us=1_741_104_300_000_000),
        errors=(MalformedError, FieldError, UnknownFieldError, RefusedFieldError, LimitError, UnavailableError),
    ),
)
