"""Take one entry or a list by HTTP, whole or not at all: read, counted against the rate of its key, and told."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from starlette.requests import Request
from starlette.responses import Response

from headgate.service.awaiting import waited_for
from headgate.service.commands.command import Command
from headgate.service.commands.once import Told
from headgate.service.guard import count_entries
from headgate.service.operations import one_or_list
from headgate.service.parts import parts_of

Given = TypeVar("Given")


async def told(
    request: Request,
    read: Callable[[bytes], tuple[bool, Sequence[Given]]],
    command: Callable[[Sequence[Given]], Command[list[Told]]],
    answer: Callable[[Told], Any],
) -> Response:
    """Return the answer to a request that tells entries. Raises what reading, the rate and the writer raise."""
    single, given = read(await request.body())
    count_entries(request, len(given))
    taken = await waited_for(parts_of(request).writer, command(given))
    return one_or_list(single, [answer(each) for each in taken])
