"""All sections as one value, read from `headgate.toml` and the environment; without either the defaults hold.

Text goes in, checked values come out; a setting that is wrong stops the start with its place and its repair.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, get_args, get_origin

import msgspec

from headgate.errors import FieldError, FileError, nearest
from headgate.settings.archive import ArchiveSettings
from headgate.settings.kafka import Kafka
from headgate.settings.ledger import LedgerSettings
from headgate.settings.limits import Limits
from headgate.settings.log import LogSettings
from headgate.settings.nats import Nats
from headgate.settings.server import Server
from headgate.settings.snapshots import Snapshots
from headgate.settings.store import StoreSettings
from headgate.settings.training import Training
from headgate.settings.webhooks import Webhook

FILE: Final = "headgate.toml"
PREFIX: Final = "HEADGATE_"
_BETWEEN: Final = "__"  # HEADGATE_SERVER__HTTPS is the setting `https` of the section `[server]`


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Every setting by section. The description of each setting is declared where the setting is."""

    archive: ArchiveSettings = ArchiveSettings()
    server: Server = Server()
    snapshots: Snapshots = Snapshots()
    kafka: Kafka = Kafka()
    ledger: LedgerSettings = LedgerSettings()
    nats: Nats = Nats()
    limits: Limits = Limits()
    log: LogSettings = LogSettings()
    webhooks: tuple[Webhook, ...] = ()
    store: StoreSettings = StoreSettings()
    training: Training = Training()


def load_settings(home: Path, environ: Mapping[str, str]) -> Settings:
    """Return the settings of a home, those of the environment laid over those of the file.

    Raises FileError for a file that cannot be read, FieldError with the place for a setting that is wrong.
    """
    path = home / FILE
    written = _read(path) if path.exists() else {}
    settings = _checked(written, str(path))
    named = {name: text for name, text in environ.items() if name.startswith(PREFIX) and _BETWEEN in name}
    for name, text in sorted(named.items()):
        section, setting = name.removeprefix(PREFIX).lower().split(_BETWEEN, 1)
        written = {**written, section: {**written.get(section, {}), setting: _value(text)}}
        settings = _checked(written, f"environment variable {name}")
    return settings


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise FileError(f"The settings cannot be read: {error}", where=str(path), repair="Check the file.") from error
    except tomllib.TOMLDecodeError as error:
        raise FieldError(f"The settings are no TOML: {error}", where=str(path), repair="Repair that line.") from error


def _value(text: str) -> Any:
    """A value of TOML (`true`, `3`, `["a"]`), or the text itself where it is none."""
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text


def _checked(written: Mapping[str, Any], where: str) -> Settings:
    try:
        return msgspec.convert(written, Settings)
    except msgspec.ValidationError as error:
        message = str(error).replace("`$.", "`").replace("$.", "")
        raise FieldError(f"A setting is wrong: {message}", where=where, repair=_repair(str(error), written)) from error


def _repair(message: str, written: Mapping[str, Any]) -> str:
    """Name what there is: the settings of the section that is meant, or the sections."""
    section = message.rpartition("`$.")[2].partition(".")[0].strip("`")
    known = _names(section) or Settings.__struct_fields__
    quoted = message.partition("`")[2].partition("`")[0]
    what = f"settings of [{section}]" if _names(section) else "sections"
    return f"{nearest(quoted, known)}The {what} are {', '.join(known)}."


def _names(section: str) -> tuple[str, ...]:
    shape = sections().get(section.partition("[")[0])
    return shape.__struct_fields__ if shape else ()


def sections() -> dict[str, type[msgspec.Struct]]:
    """Return the shape of each section by its name; one that may come several times is named by one of it."""
    types = {field.name: field.type for field in msgspec.structs.fields(Settings)}
    return {name: get_args(kind)[0] if get_origin(kind) is tuple else kind for name, kind in types.items()}
