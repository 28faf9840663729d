"""Answers that cross from the writer's thread into an event loop."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import pytest

from headgate.errors import UnavailableError
from headgate.service.awaiting import Promise, waited_for


class Hand:
    """Takes commands and keeps their promises for the test."""

    def __init__(self) -> None:
        self.taken: list[Promise] = []

    def put(self, command: Any, answer: Promise) -> None:
        if command == "refused":
            raise UnavailableError("not now", repair="Later.")
        self.taken.append(answer)


def test_each_answer_reaches_its_own_request_and_an_error_is_raised_there() -> None:
    hand = Hand()

    async def ask() -> list[Any]:
        asked = [asyncio.ensure_future(waited_for(hand, str(n))) for n in range(50)]  # type: ignore[arg-type]
        await asyncio.sleep(0)

        def answer() -> None:
            for number, promise in enumerate(hand.taken):
                assert promise.set_running_or_notify_cancel()
                if number == 7:
                    promise.set_exception(UnavailableError("the disk", repair="Later."))
                else:
                    promise.set_result(number)

        thread = threading.Thread(target=answer)
        thread.start()
        found = await asyncio.gather(*asked, return_exceptions=True)
        thread.join()
        return found

    for _ in range(2):  # another loop in the same thread
        found = asyncio.run(ask())
        assert isinstance(found[7], UnavailableError)
        assert [n for n in found if not isinstance(n, Exception)] == [n for n in range(50) if n != 7]
        hand.taken.clear()


def test_a_request_that_nobody_waits_for_is_not_decided_and_its_answer_harms_nobody() -> None:
    hand = Hand()

    async def ask() -> None:
        asked = asyncio.ensure_future(waited_for(hand, "one"))  # type: ignore[arg-type]
        await asyncio.sleep(0)
        asked.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asked
        assert not hand.taken[0].set_running_or_notify_cancel()
        hand.taken[0].set_result(1)
        await asyncio.sleep(0)

    asyncio.run(ask())
    hand.taken[0].set_result(2)  # the loop is closed


def test_a_refusal_is_raised_at_once() -> None:
    with pytest.raises(UnavailableError, match="not now"):
        asyncio.run(waited_for(Hand(), "refused"))  # type: ignore[arg-type]
