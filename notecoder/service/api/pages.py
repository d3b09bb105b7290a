"""The coder's page, signing in and out, and what operators probe."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import FileResponse, JSONResponse, PlainTextResponse, RedirectResponse
from pydantic import BaseModel
from sqlalchemy import Connection
from starlette.concurrency import run_in_threadpool

from notecoder.service.api.forms import Form
from notecoder.service.api.routing import AtDesk, StrictRoute
from notecoder.service.auth import Principal, caller, session_token
from notecoder.service.problems import Problem, documented
from notecoder.service.store import access, audit

router = APIRouter(route_class=StrictRoute)
PAGE = Path(__file__).resolve().parent.parent / "page"
TRIES = 10
TRIES_SECONDS = 60.0


class SignIn(Form):
    """Signing in with a personal key."""

    key: str


class Ok(BaseModel):
    """Fine."""

    status: str


@router.get("/", include_in_schema=False)
async def page(request: Request) -> Response:
    """The coder's page, for whoever may see it."""
    if request.scope.get("principal") is None:
        return RedirectResponse("/sign-in", status_code=303)
    return FileResponse(PAGE / "index.html", media_type="text/html")


@router.get("/sign-in", include_in_schema=False)
async def sign_in_page() -> Response:
    """The form."""
    return FileResponse(PAGE / "sign-in.html", media_type="text/html")


class Throttle:
    """Counts failed sign-ins, all callers together: ten a minute, then everybody waits."""

    def __init__(self) -> None:
        self._failures: list[float] = []

    def check(self) -> None:
        """Raises ``Problem`` 429 when there were too many failures lately."""
        now = time.monotonic()
        self._failures = [at for at in self._failures if now - at < TRIES_SECONDS]
        if len(self._failures) >= TRIES:
            raise Problem(429, "slow_down", "too many attempts; wait a minute", headers={"Retry-After": "60"})

    def failed(self) -> None:
        """One more failure."""
        self._failures.append(time.monotonic())


@router.post("/sign-in", include_in_schema=False)
async def sign_in(said: SignIn, request: Request, desk: AtDesk) -> Response:
    """Start a session with a personal key."""
    throttle: Throttle = request.app.state.throttle
    throttle.check()

    def work(connection: Connection) -> str | None:
        key = access.check_key(connection, presented=said.key.strip())
        if key is None:
            return None
        token, _ = access.open_session(connection, key=key, hours=desk.settings.session_hours)
        subject = f"{key.name} ({key.key_id})"
        audit.record(connection, tenant=key.tenant, subject=subject, action="signed.in")
        return token

    token = await desk.writing(work)
    if token is None:
        throttle.failed()
        raise Problem(401, "bad_credential", "the key is unknown, revoked or expired")
    answer = JSONResponse({"status": "signed in"})
    answer.set_cookie(
        request.app.state.authenticator.cookie,
        token,
        httponly=True,
        secure=desk.settings.over_tls,
        samesite="strict",
        path="/",
    )
    return answer


@router.post("/sign-out", include_in_schema=False)
async def sign_out(request: Request, desk: AtDesk) -> Response:
    """End the session."""
    cookie = request.app.state.authenticator.cookie
    token = session_token(request.headers, name=cookie)
    if token is not None:
        await desk.writing(lambda connection: access.close_session(connection, token=token))
    answer = JSONResponse({"status": "signed out"})
    answer.delete_cookie(cookie, path="/")
    return answer


@router.get("/v1/me", include_in_schema=False)
async def me(
    request: Request, desk: AtDesk, principal: Annotated[Principal, Depends(caller("read"))]
) -> dict[str, Any]:
    """What the page has to know: who is signed in, the token for changes, and what is kept."""
    return {
        "subject": principal.subject,
        "tenant": principal.tenant,
        "scopes": principal.scopes,
        "csrf": principal.csrf,
        "signed_in": principal.kind == "session",
        "keep": desk.settings.keep,
        "keep_days": desk.settings.keep_results_days,
    }


@router.get("/healthz", tags=["operation"], summary="Alive", response_model=Ok)
async def healthz() -> dict[str, str]:
    """The process answers."""
    return {"status": "ok"}


@router.get("/readyz", tags=["operation"], summary="Ready", response_model=Ok, responses=documented(503))
async def readyz(request: Request, desk: AtDesk) -> dict[str, str]:
    """The engine is loaded and the database answers."""
    if not request.app.state.ready:
        raise Problem(503, "starting", "the engine is being loaded", headers={"Retry-After": "1"})
    try:
        await run_in_threadpool(desk.database.ping)
    except Exception:
        raise Problem(503, "database", "the database does not answer", headers={"Retry-After": "1"}) from None
    return {"status": "ok"}


@router.get(
    "/metrics",
    tags=["operation"],
    summary="Figures for Prometheus",
    response_model=None,
    responses={
        200: {"content": {"text/plain": {"schema": {"type": "string"}}}, "description": "Figures"},
        **documented(401, 403),
    },
)
async def metrics(desk: AtDesk, principal: Annotated[Principal, Depends(caller("read"))]) -> Response:
    """Counts and times by route; nothing of a note, a tenant or a person."""
    from prometheus_client import generate_latest

    return PlainTextResponse(generate_latest(desk.figures.registry).decode(), media_type="text/plain; version=0.0.4")
