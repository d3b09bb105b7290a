"""The service put together: settings in, an ASGI application out."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.openapi.utils import get_openapi
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException
from starlette.types import Receive, Scope, Send

from notecoder.errors import NoteError
from notecoder.service.api import account, catalog, fhir, notes, pages, results
from notecoder.service.auth import Authenticator
from notecoder.service.desk import Desk
from notecoder.service.hl7_door import Hl7Door
from notecoder.service.journal import Figures
from notecoder.service.pool import Coder, CodingFailed, CodingPool, ProcessPool, ThreadPool
from notecoder.service.problems import Problem, ProblemForm, answer_problem
from notecoder.service.seal import sealer_for
from notecoder.service.settings import Settings
from notecoder.service.shield import Shield
from notecoder.service.store.database import Database
from notecoder.service.worker import Worker

TITLE = "notecoder"
DESCRIPTION = (
    "Codes dermatology notes: the claim a note supports, with the words and the rule behind every code. "
    "Errors are problem+json with a code from a closed set; no error repeats what was sent. "
    "The FHIR and CDS Hooks doors describe themselves at /fhir/metadata and /cds-services."
)


class Service:
    """The ASGI application, guarded; ``app`` is the FastAPI application inside, ``desk`` what it works with."""

    def __init__(self, *, app: FastAPI, desk: Desk, guarded: Shield) -> None:
        self.app = app
        self.desk = desk
        self._guarded = guarded

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        await self._guarded(scope, receive, send)


def create_app(settings: Settings, *, coder: Coder | None = None, database: Database | None = None) -> Service:
    """The service. With ``coder`` notes are coded by that function in a thread; otherwise in processes (settings)."""
    database = database or Database(url=settings.database_url, sealer=sealer_for(settings))
    pool: CodingPool
    if coder is not None:
        pool = ThreadPool(coder)
    else:
        pool = ProcessPool(
            coder=settings.coder,
            lanes=settings.coding_processes,
            recycle_after=settings.recycle_after,
            timeout_seconds=settings.coding_timeout_seconds,
        )
    figures = Figures()
    desk = Desk(settings=settings, database=database, pool=pool, figures=figures)
    authenticator = Authenticator(settings=settings, database=database)
    app = FastAPI(
        title=TITLE,
        version="1",
        description=DESCRIPTION,
        docs_url=None,
        redoc_url=None,
        lifespan=_lifespan,
    )
    app.state.desk, app.state.worker, app.state.ready = desk, Worker(desk), False
    app.state.authenticator, app.state.throttle = authenticator, pages.Throttle()
    for module in (notes, results, catalog, fhir, account, pages):
        app.include_router(module.router)
    app.mount("/static", StaticFiles(directory=pages.PAGE / "static"), name="static")
    for kind in (Problem, NoteError, CodingFailed, RequestValidationError, HTTPException):
        app.add_exception_handler(kind, answer_problem)
    app.add_exception_handler(fhir.FhirProblem, fhir.answer_outcome)
    setattr(app, "openapi", lambda: _openapi(app))  # noqa: B010
    guarded = Shield(app, settings=settings, authenticator=authenticator, figures=figures)
    return Service(app=app, desk=desk, guarded=guarded)


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    desk: Desk = app.state.desk
    worker: Worker = app.state.worker
    door = None
    await desk.pool.start()
    await worker.start()
    if desk.settings.mllp is not None:
        door = Hl7Door(desk=desk, worker=worker, settings=desk.settings.mllp)
        app.state.mllp_port = await door.open()
    app.state.ready = True
    try:
        yield
    finally:
        app.state.ready = False
        if door is not None:
            await door.close()
        await worker.stop()
        desk.pool.close()
        desk.database.close()


def _openapi(app: FastAPI) -> dict[str, Any]:
    """The description, with the one error shape in place of FastAPI's own."""
    if app.openapi_schema is None:
        schema = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
        schemas = schema["components"]["schemas"]
        problem = ProblemForm.model_json_schema(ref_template="#/components/schemas/{model}")
        schemas.update(problem.pop("$defs", {}))
        schemas["ProblemForm"] = problem
        notes_sent = schemas["BatchForm"]["properties"]["notes"]
        notes_sent["maxItems"] = app.state.desk.settings.max_batch_notes
        for name in ("HTTPValidationError", "ValidationError"):
            schemas.pop(name, None)
        schema["components"]["securitySchemes"] = {
            "key": {"type": "http", "scheme": "bearer", "description": "An API key or an OAuth2 access token"}
        }
        schema["security"] = [{"key": []}, {}] if app.state.desk.settings.open_access else [{"key": []}]
        for path, operations in schema["paths"].items():
            for operation in operations.values():
                if path in {"/healthz", "/readyz"}:
                    operation["security"] = []
        app.openapi_schema = schema
    return app.openapi_schema
