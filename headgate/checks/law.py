"""How a law says that it is broken: by its name, what is wrong, where, and how to repair it."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from headgate.errors import HeadgateError, LawError


class Law(NamedTuple):
    """A law by its name, with what whoever breaks it can do."""

    name: str
    repair: str

    def broken(self, what: str, where: str) -> LawError:
        """Return the error that this law is broken."""
        return LawError(f"The law {self.name!r} is broken: {what}", where=where, repair=self.repair)

    def require(self, holds: bool, what: str, where: str) -> None:
        """Raise LawError unless it holds."""
        if not holds:
            raise self.broken(what, where)

    def must_raise(self, kind: type[HeadgateError], act: Callable[[], object], what: str) -> None:
        """Raise LawError unless the act is refused with an error of this kind."""
        try:
            act()
        except kind:
            return
        raise self.broken(what, kind.__name__)
