"""What the short way for many messages takes from the client of nats-py: its bytes, and names without a promise."""

from __future__ import annotations

import asyncio

import pytest
from nats.aio.client import Client
from nats.errors import MaxPayloadError

from headgate.connectors.nats_client import ManyClient, answer


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """What clients hand to their connection."""
    commands: list[bytes] = []

    async def keep(self: Client, command: bytes) -> None:
        commands.append(command)

    async def nothing(self: Client) -> None:
        return

    monkeypatch.setattr(Client, "is_connected", True)
    monkeypatch.setattr(Client, "_send_command", keep)
    monkeypatch.setattr(Client, "_flush_pending", nothing)
    return commands


@pytest.mark.parametrize("headers", [{"Nats-Msg-Id": "decisions-P-1"}, {"Nats-Msg-Id": "x", "why": "größer, 3 €"}])
def test_a_publication_is_what_the_client_would_write(sent: list[bytes], headers: dict[str, str]) -> None:
    asyncio.run(Client().publish("out", b'{"a":1}', "in.7", headers))
    assert sent == [ManyClient().publication("out", "in.7", tuple(headers.items()), b'{"a":1}')]


def test_a_word_is_what_the_client_would_write(sent: list[bytes]) -> None:
    asyncio.run(Client().publish("$JS.ACK.S.c.1.2.3.4.5", b"+ACK"))
    assert sent == [answer(b"$JS.ACK.S.c.1.2.3.4.5", b"+ACK")]


def test_many_commands_leave_in_order_and_in_few_pieces(sent: list[bytes]) -> None:
    commands = [answer(b"to", b"%d" % number * 1000) for number in range(1000)]
    asyncio.run(ManyClient().send(commands))
    assert b"".join(sent) == b"".join(commands)
    assert len(sent) < 20


def test_what_is_too_large_is_refused_before_anything_is_sent() -> None:
    client = ManyClient()
    client.publication("out", "in", (), bytes(client.max_payload))
    with pytest.raises(MaxPayloadError):
        client.publication("out", "in", (), bytes(client.max_payload + 1))


def test_a_header_cannot_begin_another_command() -> None:
    with pytest.raises(AssertionError, match="line break"):
        ManyClient().publication("out", "in", (("a", "b\r\nPUB x 0"),), b"")


def test_messages_are_heard_plainly_and_an_error_of_who_hears_is_told_like_that_of_a_callback() -> None:
    told: list[Exception] = []
    heard: list[tuple[bytes, bytes, bytes]] = []

    async def tell(error: Exception) -> None:
        told.append(error)

    async def run() -> None:
        client = ManyClient()
        client._error_cb = tell
        client._plainly = {1: lambda *message: heard.append(message), 2: lambda *message: int(message[2])}
        await client._ps.parse(b"MSG a 1 r 2\r\nhi\r\nMSG b 2 2\r\nno\r\nMSG c 1 1\r\n")
        await client._ps.parse(b"!\r\n")

    asyncio.run(run())
    assert heard == [(b"a", b"r", b"hi"), (b"c", b"", b"!")]
    assert [type(error) for error in told] == [ValueError]
