"""A real PostgreSQL server for each run: made by initdb in a temporary folder, on a free port of the loopback only."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

LEDGER = Path(__file__).parents[1] / "ledger"
PASSWORD = "se/cret%word"
QUOTED = "se%2Fcret%25word"


@pytest.fixture(scope="session")
def go_check(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Go program that verifies a log, built from its source with the module from the Go proxy."""
    folder = tmp_path_factory.mktemp("go")
    shutil.copytree(LEDGER / "go", folder, dirs_exist_ok=True)
    subprocess.run(["go", "build", "-o", "check", "."], cwd=folder, check=True)
    return folder / "check"


@pytest.fixture(scope="session")
def rust_check(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Rust program that judges roots and proofs, built with the crate ct-merkle."""
    folder = tmp_path_factory.mktemp("rust")
    shutil.copytree(LEDGER / "rust", folder, dirs_exist_ok=True)
    subprocess.run(["cargo", "build", "--quiet", "--release"], cwd=folder, check=True)
    return folder / "target" / "release" / "check"


def program(name: str) -> str:
    """The newest installed program of PostgreSQL; the test fails where there is none."""
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: int(path.parts[-3]))
    assert found, "PostgreSQL is not installed: run tests/outside/install.sh"
    return str(found[-1])


class Server:
    """One server. The programs of PostgreSQL refuse to run as root, so they run as its own user then."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="headgate-postgres-"))
        self.data = self.folder / "data"
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        password = self.folder / "password"
        password.write_text(PASSWORD)
        if os.geteuid() == 0:
            owner = pwd.getpwnam("postgres")
            for path in (self.folder, password):
                os.chown(path, owner.pw_uid, owner.pw_gid)
        self.run("initdb", "-D", self.data, "-U", "bank", "-A", "scram-sha-256", f"--pwfile={password}", "-E", "UTF8")
        with (self.data / "postgresql.conf").open("a") as settings:
            settings.write(
                f"listen_addresses = '127.0.0.1'\nport = {self.port}\nunix_socket_directories = ''\n"
                "shared_buffers = 32MB\nmax_connections = 40\nmin_wal_size = 32MB\nmax_wal_size = 64MB\n"
            )

    def run(self, name: str, *arguments: object) -> None:
        before = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] if os.geteuid() == 0 else []
        command = [*before, program(name), *map(str, arguments)]
        done = subprocess.run(command, cwd=self.folder, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"

    def start(self) -> None:
        self.run("pg_ctl", "-D", self.data, "-l", self.folder / "log", "-w", "start")

    def stop(self, mode: str = "fast") -> None:
        """Stop; `immediate` is a crash of the server: it recovers from its log at the next start."""
        self.run("pg_ctl", "-D", self.data, "-m", mode, "-w", "stop")

    def url(self, database: str) -> str:
        return f"postgresql://bank:{QUOTED}@127.0.0.1:{self.port}/{database}"

    def database(self, name: str) -> str:
        """The URL of a database of this name, made empty when it is missing."""
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,)).fetchone():
                connection.execute(f'CREATE DATABASE "{name}" TEMPLATE template0'.encode())
        return self.url(name)


@pytest.fixture(scope="session")
def running() -> Iterator[Server]:
    server = Server()
    server.start()
    yield server
    server.stop("immediate")
    shutil.rmtree(server.folder, ignore_errors=True)


@pytest.fixture
def url(running: Server, request: pytest.FixtureRequest) -> str:
    """The URL of an empty database of this test's own."""
    return running.database(f"{abs(hash(request.node.nodeid)):x}")
