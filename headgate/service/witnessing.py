"""Runs a witness: two routes over HTTP (C2SP tlog-witness), its key, its list of logs and its memory in one folder.

It needs no home and knows no payments. Whoever asks is known by the signature on the checkpoint alone.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Final

import uvicorn
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from headgate.errors import FileError, HeadgateError, LimitError
from headgate.ledger.keys import load_key_file, make_key_file
from headgate.ledger.note import COSIGNATURE, VerifierKey, parse_key
from headgate.ledger.witness import Answer, Witness
from headgate.limits import MAX_NOTE_BYTES, MAX_WITNESSED_LOGS
from headgate.service.guard import bounded
from headgate.service.ready import ReadyServer
from headgate.service.serving import Ready, address_of, taken
from headgate.stores.sqlite_witness import SqliteWitnessState

KEY, LOGS, STATE = "key", "logs", "witness.db"
MOST_BYTES: Final = 2 * MAX_NOTE_BYTES


def make_witness(folder: Path, name: str) -> VerifierKey:
    """Make the folder of a new witness and return its verifier key. Raises FileError when there is one already."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    key = make_key_file(folder / KEY, name, COSIGNATURE).verifier
    (folder / LOGS).touch()
    return key


def watch(folder: Path, key: VerifierKey) -> None:
    """Add a log by its verifier key; its origin is the name of the key. A second key of a log serves a rotation."""
    logs = watched(folder)
    if sum(map(len, logs.values())) >= MAX_WITNESSED_LOGS:
        raise LimitError(f"A witness watches {MAX_WITNESSED_LOGS} keys at most", repair="Run a second witness.")
    if key not in logs.get(key.name, ()):
        with (folder / LOGS).open("a", encoding="utf-8") as file:
            file.write(f"{key.text()}\n")


def watched(folder: Path) -> dict[str, list[VerifierKey]]:
    """Return the keys of each log that a witness watches. Raises FileError where the folder is none of a witness."""
    try:
        lines = (folder / LOGS).read_text("utf-8").splitlines()
    except OSError as error:
        raise FileError(
            "This is no folder of a witness", where=str(folder), repair="Make one with `headgate witness init`."
        ) from error
    logs: dict[str, list[VerifierKey]] = {}
    for key in map(parse_key, filter(None, lines)):
        logs.setdefault(key.name, []).append(key)
    return logs


def witness_app(witness: Witness) -> Starlette:
    """Return the witness as an application."""

    async def add_checkpoint(request: Request) -> Response:
        try:
            body = await Request(request.scope, bounded(request.receive, MOST_BYTES)).body()
            return _response(await run_in_threadpool(witness.add_checkpoint, body))
        except HeadgateError as error:
            return Response(f"{error.paragraph()}\n", error.http_status, media_type="text/plain")

    def checkpoint(request: Request) -> Response:
        return _response(witness.checkpoint(request.path_params["origin_hash"]))

    routes = [
        Route("/add-checkpoint", add_checkpoint, methods=["POST"]),
        Route("/{origin_hash}/checkpoint", checkpoint, methods=["GET"]),
    ]
    return Starlette(routes=routes)


def serve_witness(folder: Path, host: str, port: int, on_ready: Ready) -> None:
    """Serve the witness of a folder until SIGINT or SIGTERM; on_ready hears the address when it answers.

    Raises FieldError for an address that cannot be had, FileError for a folder that is none of a witness.
    """
    logs, state = watched(folder), SqliteWitnessState(folder / STATE)
    witness = Witness(load_key_file(folder / KEY), logs, state, lambda: int(time.time()))
    with taken(host, port) as listening:
        config = uvicorn.Config(
            witness_app(witness), workers=1, lifespan="off", access_log=False, server_header=False, log_level="warning"
        )
        ReadyServer(config, lambda: on_ready(address_of(listening))).run(sockets=[listening])
    state.close()


def _response(answer: Answer) -> Response:
    return Response(answer.body, answer.status, headers={"Content-Type": answer.media_type})
