"""Where the time of a payment goes inside the service: each step of the way on its own, in CPU microseconds.

The same functions that the service calls, one after the other in one thread, on requests of a given size.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from bench.load.bodies import requests
from headgate.drivers.door import admit_entry, name_all
from headgate.drivers.home import Home
from headgate.service.answers import DecisionOut
from headgate.service.around import machine_us
from headgate.service.commands.decide import Decide
from headgate.service.commands.stage import Stage
from headgate.service.intake import Intake
from headgate.service.operations import json_answer

T = TypeVar("T")


def steps(root: Path, of: int, payments: int, first: int) -> dict[str, float]:
    """Return CPU microseconds a payment by step, for requests of `of` payments; the home goes on from where it is."""
    home = Home(root)
    vault, intake = home.vault(), Intake(home.charter)
    pipeline = home.pipeline()
    taken: defaultdict[str, float] = defaultdict(float)

    def timed(name: str, work: Callable[[], T]) -> T:
        start = time.process_time()
        result = work()
        taken[name] += time.process_time() - start
        return result

    for request in requests("key", first, payments // of, of):
        body = request.partition(b"\r\n\r\n")[2]
        found = timed("read and check the request", lambda body=body: intake.payments(body)[1])
        timed("pseudonyms", lambda found=found: name_all(found, vault))
        stage = Stage(pipeline, home.store, lambda entry: admit_entry(entry, vault), machine_us())
        command = Decide(found)
        timed("is it known, may it enter", lambda found=found, stage=stage: stage.look_up(found))
        timed("is it known, may it enter", lambda command=command, stage=stage: command.check(stage))
        answers = timed("facts, scenarios, model, decision", lambda command=command, stage=stage: command.fold(stage))
        timed("commit", lambda stage=stage: home.store.commit(stage.batch()))
        told = timed("answer", lambda answers=answers: [DecisionOut.of(each.decision, home.store) for each in answers])
        timed("answer", lambda told=told: json_answer(told))
    vault.close()
    home.close()
    return {name: 1e6 * seconds / payments for name, seconds in taken.items()}
