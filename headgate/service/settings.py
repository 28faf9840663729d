"""The settings of one service, read from `service.toml` in its home; without the file the defaults hold.

Text goes in, checked values come out.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final, Literal

import msgspec

from headgate.errors import FieldError, FileError, nearest
from headgate.limits import MAX_TEXT_CHARS
from headgate.service.problems import Fallback

FILE: Final = "service.toml"
LOOPBACK: Final = ("127.0.0.1", "localhost", "[::1]")

Sentence = Annotated[str, msgspec.Meta(min_length=1, max_length=MAX_TEXT_CHARS)]


SENTENCES: Final[dict[str, str]] = {
    "hosts": "Names under which browsers and programs may reach it, besides the loopback names.",
    "https": "Whether a proxy in front speaks HTTPS to the browser; then cookies are sent over HTTPS only.",
    "fallback_action": "What callers are told to do by themselves while headgate cannot decide: "
    "`allow`, `step_up`, `review` or `hold`.",
    "fallback_sentence": "The same in words.",
}


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a service behaves towards the outside; SENTENCES says what each setting does."""

    hosts: tuple[str, ...] = ()
    https: bool = False
    fallback_action: Literal["allow", "step_up", "review", "hold"] = "step_up"
    fallback_sentence: Sentence = (
        "headgate cannot decide now. Apply your own limits, ask the payer to confirm, and send the payment again later."
    )

    @property
    def fallback(self) -> Fallback:
        """The advice as it stands in a 503 answer."""
        return Fallback(action=self.fallback_action, sentence=self.fallback_sentence)

    @property
    def known_hosts(self) -> list[str]:
        """Every name under which the service answers."""
        return [*LOOPBACK, *self.hosts]


def load_settings(home: Path) -> Settings:
    """Return the settings of a home. FileError or FieldError with the place when the file is not good."""
    path = home / FILE
    if not path.exists():
        return Settings()
    try:
        return msgspec.toml.decode(path.read_bytes(), type=Settings)
    except OSError as error:
        raise FileError(f"The settings cannot be read: {error}", where=str(path), repair="Check the file.") from error
    except msgspec.DecodeError as error:
        raise FieldError(f"The settings are not good: {error}", where=str(path), repair=_repair(str(error))) from error


def _repair(message: str) -> str:
    known = Settings.__struct_fields__
    quoted = message.partition("`")[2].partition("`")[0]
    return f"{nearest(quoted, known)}The settings are {', '.join(known)}."
