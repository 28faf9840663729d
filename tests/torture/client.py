"""A client that never forgets: it sends payments, outcomes and actions, and writes down what was acknowledged."""

from __future__ import annotations

import os
import select
import signal
import socket
from random import Random
from time import monotonic

from headgate.journal.entries import Payment
from headgate.service.wire import OutcomeIn
from torture.life import Plan, Reply, Request, receive, send

ACCOUNTS = [f"DE-{n}" for n in range(30)]


class Client:
    """`acknowledged`: request id to its first reply. `asked`: every request by id."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.asked: dict[int, Request] = {}
        self.acknowledged: dict[int, Reply] = {}
        self.refused = 0
        self.contradictions: list[str] = []

    def converse(self, pid: int, wire: socket.socket, plan: Plan) -> None:
        """Send until all is answered or the other side is dead; then it is killed, if it still lives."""
        ends = monotonic() + plan.after_seconds if plan.kind == "time" else None
        waiting = [self.asked[name] for name in self._unanswered()] + self._news(plan) + self._again()
        open_ids = {request.id for request in waiting}
        try:
            for request in waiting:
                send(wire, request)
            while open_ids:
                left = 60.0 if ends is None else max(0.0, ends - monotonic())
                if not select.select([wire], [], [], left)[0]:
                    break
                reply = receive(wire, Reply)
                if reply is None:
                    break
                open_ids.discard(reply.id)
                self._note(reply)
        except ConnectionError:
            pass
        os.kill(pid, signal.SIGKILL)
        while (late := receive(wire, Reply)) is not None:
            self._note(late)

    def _note(self, reply: Reply) -> None:
        if reply.error == "unavailable":
            self.refused += 1
            return
        first = self.acknowledged.setdefault(reply.id, reply)
        if first.records != reply.records or first.error != reply.error:
            self.contradictions.append(f"request {reply.id} was answered {first} and then {reply}")
        if first is not reply and self.asked[reply.id].payments and not all(reply.repeated) and not reply.error:
            self.contradictions.append(f"request {reply.id} was decided twice")

    def _unanswered(self) -> list[int]:
        return [name for name in self.asked if name not in self.acknowledged]

    def _again(self) -> list[Request]:
        """A few that were answered, as a caller sends them whose own machine failed; answers must be the same."""
        known = [n for n, reply in self.acknowledged.items() if reply.records and self.asked[n].payments]
        return [self.asked[name] for name in self.random.sample(known, min(2, len(known)))]

    def _news(self, plan: Plan) -> list[Request]:
        fresh = [self._request(len(self.asked) + n, plan.clock_us) for n in range(self.random.randrange(5, 30))]
        self.asked |= {request.id: request for request in fresh}
        return fresh

    def _request(self, number: int, clock_us: int) -> Request:
        kind = self.random.random()
        told = [r.payments[0].tx_id for n, r in self.asked.items() if r.payments and n in self.acknowledged]
        if kind < 0.1 and told:
            outcome = OutcomeIn(
                outcome_id=f"O-{number}", tx_id=self.random.choice(told), outcome="fraud", source="customer"
            )
            return Request(id=number, outcome=outcome)
        if kind < 0.2:
            move = self.random.choice(("confirm", "dismiss", "reopen"))
            return Request(id=number, move=(f"a-{number}", move, f"C-{self.random.randrange(1, 9):06d}"))
        count = self.random.choice((1, 1, 1, 3))
        return Request(id=number, payments=[self._payment(f"P-{number}-{n}", clock_us) for n in range(count)])

    def _payment(self, tx_id: str, clock_us: int) -> Payment:
        payer, payee = self.random.sample(ACCOUNTS, 2)
        return Payment(
            seq=0, clock_us=0, tx_id=tx_id, ts_us=clock_us, payer=payer, payee=payee,
            amount_minor=self.random.randrange(100, 100_000), currency="EUR",
            rail=self.random.choice(("transfer", "instant")),
        )  # fmt: skip
