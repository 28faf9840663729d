"""The section `[archive]`: where older days lie, and how many days stay in the store."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from headgate.limits import MAX_KEEP_DAYS


class ArchiveSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where older days of the journal and of the decisions lie, as Parquet."""

    url: Annotated[
        str,
        Meta(
            description="A folder, or a URL of an object storage whose fsspec driver is installed "
            "(`s3://bucket/folder` needs `s3fs`); empty for the folder `archive` in the home."
        ),
    ] = ""
    keep_days: Annotated[
        int, Meta(ge=0, le=MAX_KEEP_DAYS, description="How many closed UTC days stay in the store.")
    ] = 7
    options: Annotated[
        dict[str, str | int | bool],
        Meta(description="What the driver of the storage takes, such as `endpoint_url` for `s3fs`."),
    ] = {}
