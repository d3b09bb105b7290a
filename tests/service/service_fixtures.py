"""A real service on a real port, over SQLite and over a PostgreSQL that the tests start themselves."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
import uvicorn

sys.path.insert(0, str(Path(__file__).parent))

from fake_coder import code

from notecoder.service import Service, Settings, create_app, open_database
from notecoder.service.store import access
from notecoder.service.store.database import Database

CONTEXT = {"date_of_service": "2026-11-10", "payer": "medicare"}
NOTE = "Exam: 6 mm papule, left cheek.\nShave biopsy of the left cheek papule.\nImpression: neoplasm.\n"


@dataclass
class Live:
    """A running service and a client for it."""

    service: Service
    database: Database
    client: httpx.Client
    base: str

    def key(self, *, tenant: str = "north", name: str = "Ana Coder", scopes: tuple[str, ...] = access.SCOPES) -> str:
        """A new key of a tenant."""
        with self.database.write() as connection:
            return access.create_key(connection, tenant=tenant, name=name, scopes=scopes)[1]

    def as_key(self, key: str) -> httpx.Client:
        """A client that presents ``key``."""
        return httpx.Client(base_url=self.base, headers={"Authorization": f"Bearer {key}"}, timeout=20)

    def code(self, text: str = NOTE, **more: object) -> httpx.Response:
        """Post one note."""
        return self.client.post("/v1/notes:code", json={"text": text, "context": CONTEXT, **more})

    def finished(self, location: str) -> dict[str, object]:
        """Wait for a job."""
        return finished(self.client, location)


def finished(client: httpx.Client, location: str, seconds: float = 20) -> dict[str, object]:
    """The job behind ``location``, once it is done."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        job = client.get(location).json()
        if job.get("state") == "done":
            return job
        time.sleep(0.05)
    raise AssertionError("the job did not finish")


def free_port() -> int:
    """A port that nobody uses at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running(settings: Settings) -> Iterator[Live]:
    """Serve with the fake coder until the block ends."""
    database = open_database(settings)
    service = create_app(settings, coder=code, database=database)
    server = uvicorn.Server(
        uvicorn.Config(service, port=settings.port, access_log=False, log_level="warning", server_header=False)
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive(), "the service did not start"
        time.sleep(0.01)
    base = f"http://localhost:{server.servers[0].sockets[0].getsockname()[1]}"
    with httpx.Client(base_url=base, timeout=20) as client:
        try:
            yield Live(service=service, database=database, client=client, base=base)
        finally:
            server.should_exit = True
            thread.join(10)


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The socket folder of a PostgreSQL cluster of our own; skipped where none can start."""
    programs = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    found = shutil.which("initdb")
    folder = Path(found).parent if found else programs[-1] if programs else None
    if folder is None:
        pytest.skip("no PostgreSQL here: install the postgresql package to run these tests")
    place = Path(tempfile.mkdtemp(prefix="notecoder-pg-", dir="/tmp"))
    as_user: list[str] = []
    if os.geteuid() == 0:
        shutil.chown(place, "postgres")
        as_user = ["runuser", "-u", "postgres", "--"]
    data = place / "data"

    def run(*command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([*as_user, *command], capture_output=True, text=True, check=False, cwd="/tmp")

    made = run(str(folder / "initdb"), "-D", str(data), "-U", "postgres", "-A", "trust", "--no-sync")
    options = f"-c listen_addresses='' -c unix_socket_directories={place} -c fsync=off -c max_connections=200"
    control = str(folder / "pg_ctl")
    started = run(control, "-D", str(data), "-w", "-l", str(place / "log"), "-o", options, "start")
    if made.returncode or started.returncode:
        shutil.rmtree(place, ignore_errors=True)
        pytest.skip("PostgreSQL is installed but did not start")
    yield str(place)
    run(control, "-D", str(data), "-m", "immediate", "stop")
    shutil.rmtree(place, ignore_errors=True)


def new_database(socket_folder: str) -> str:
    """The URL of a fresh database in the cluster."""
    import psycopg

    name = f"t{uuid4().hex}"
    with psycopg.connect(f"host={socket_folder} user=postgres dbname=postgres", autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")  # type: ignore[arg-type]
    return f"postgresql://postgres@/{name}?host={socket_folder}"


@pytest.fixture(params=["sqlite", "postgresql"])
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    """Default settings over each database."""
    if request.param == "sqlite":
        return Settings(database_url=f"sqlite:///{tmp_path}/notes.sqlite3", port=0)
    folder = request.getfixturevalue("postgres")
    return Settings(database_url=new_database(folder), secret_file=tmp_path / "secret", port=0)


@pytest.fixture
def sqlite_settings(tmp_path: Path) -> Settings:
    """Default settings over SQLite."""
    return Settings(database_url=f"sqlite:///{tmp_path}/notes.sqlite3", port=0)


@pytest.fixture
def live(settings: Settings) -> Iterator[Live]:
    """The service as it comes: loopback, no key."""
    with running(settings) as service:
        yield service


@pytest.fixture
def guarded(settings: Settings) -> Iterator[Live]:
    """The service with keys required."""
    with running(settings.model_copy(update={"require_auth": True})) as service:
        yield service


@pytest.fixture
def run_service() -> Callable[[Settings], object]:
    """``running`` for tests with settings of their own."""
    return running
