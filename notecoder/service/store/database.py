"""One database for the service: SQLite on one machine, PostgreSQL for several.

SQLite runs in WAL mode with full synchronization (a commit survives a power cut), one writer at a time
(``BEGIN IMMEDIATE``), and ``secure_delete`` so that deleted bytes are overwritten. Statements never carry parameters
into error messages.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from secrets import token_hex
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, create_engine, event, text
from sqlalchemy.engine import Engine

from notecoder.service.seal import Sealer

MIGRATIONS = Path(__file__).resolve().parent.parent / "migrations"


class Database:
    """An engine, the sealer of its content, and the name of this run (``owner`` of the leases it takes)."""

    def __init__(self, *, url: str, sealer: Sealer) -> None:
        self.url = _with_driver(url)
        self.sealer = sealer
        self.owner = token_hex(16)
        self.engine = _engine(self.url)

    @property
    def is_sqlite(self) -> bool:
        """Whether one process owns the database file."""
        return self.engine.dialect.name == "sqlite"

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction that commits when the block ends and rolls back when it raises."""
        with self.engine.connect().execution_options(notecoder_write=True) as connection, connection.begin():
            yield connection

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection for reading; nothing is committed."""
        with self.engine.connect() as connection:
            yield connection

    def migrate(self) -> None:
        """Bring the schema to the newest version. Safe to run from several processes at once."""
        if self.is_sqlite:
            with self.write() as connection:
                command.upgrade(_config(connection), "head")
            return
        with self.engine.begin() as connection:
            connection.execute(text("SELECT pg_advisory_xact_lock(728051)"))
            command.upgrade(_config(connection), "head")

    def ping(self) -> None:
        """One round trip. Raises when the database is not there."""
        with self.read() as connection:
            connection.execute(text("SELECT 1"))

    def shrink_log(self) -> None:
        """Write SQLite's log back into the database and empty it; on PostgreSQL there is nothing to do."""
        if self.is_sqlite:
            with self.engine.connect() as connection:
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")

    def close(self) -> None:
        """Release every connection."""
        self.engine.dispose()


def _with_driver(url: str) -> str:
    for plain in ("postgresql://", "postgres://"):
        if url.startswith(plain):
            return "postgresql+psycopg://" + url.removeprefix(plain)
    return url


def _engine(url: str) -> Engine:
    if not url.startswith("sqlite"):
        return create_engine(url, hide_parameters=True, pool_pre_ping=True, pool_size=10, max_overflow=10)
    engine = create_engine(url, hide_parameters=True, connect_args={"timeout": 30, "check_same_thread": False})

    @event.listens_for(engine, "connect")
    def _open(dbapi_connection: Any, _record: Any) -> None:
        dbapi_connection.isolation_level = None
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON"):
            dbapi_connection.execute(f"PRAGMA {pragma}").close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        write = connection.get_execution_options().get("notecoder_write")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")

    return engine


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    return config
