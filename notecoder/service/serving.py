"""Starting the service: check the settings, bring the database up to date, listen."""

from __future__ import annotations

import uvicorn

from notecoder.service.app import create_app
from notecoder.service.journal import log_to_stderr, write
from notecoder.service.seal import sealer_for
from notecoder.service.settings import Settings, StartRefused, refusals
from notecoder.service.store import access
from notecoder.service.store.database import Database

DRAIN_SECONDS = 20


def open_database(settings: Settings) -> Database:
    """The database of these settings, at the newest schema."""
    database = Database(url=settings.database_url, sealer=sealer_for(settings))
    database.migrate()
    return database


def serve(settings: Settings | None = None) -> None:
    """Serve until interrupted. Raises ``StartRefused`` when the settings leave a door open."""
    settings = settings or Settings()
    log_to_stderr()
    database = open_database(settings)
    with database.read() as connection:
        wrong = refusals(settings, has_keys=access.has_usable_key(connection))
    if wrong:
        raise StartRefused("; ".join(wrong))
    service = create_app(settings, database=database)
    write("starting", host=settings.host, port=settings.port, keep=settings.keep)
    uvicorn.run(
        service,
        host=settings.host,
        port=settings.port,
        ssl_certfile=settings.tls_cert,
        ssl_keyfile=settings.tls_key,
        access_log=False,
        log_level="warning",
        server_header=False,
        date_header=True,
        proxy_headers=False,
        timeout_graceful_shutdown=DRAIN_SECONDS,
        lifespan="on",
        h11_max_incomplete_event_size=32_768,
    )
