"""The outermost layer: every request passes through here before and after the application sees it.

In order: the name the service was called by (against DNS rebinding), the page a change comes from (against cross-site
requests), the size, the caller. Afterwards: security headers, one log line, one figure. An unexpected error becomes a
problem with the request's id; its message is not written anywhere, because it may quote a note.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from secrets import token_hex
from typing import Any
from urllib.parse import urlsplit

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from notecoder.service.auth import CHALLENGE, SAFE_METHODS, Authenticator, Principal
from notecoder.service.journal import Figures, write
from notecoder.service.pool import place_of
from notecoder.service.problems import Problem
from notecoder.service.settings import Settings, is_loopback

PUBLIC = frozenset({"/", "/healthz", "/readyz", "/openapi.json", "/sign-in"})
BATCH_PATH = "/v1/notes:batch"
PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; "
    "trusted-types 'none'"
)
HEADERS = (
    (b"content-security-policy", PAGE_POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=()"),
)


class Shield:
    """ASGI middleware around the whole application."""

    def __init__(self, app: ASGIApp, *, settings: Settings, authenticator: Authenticator, figures: Figures) -> None:
        self._app = app
        self._settings = settings
        self._authenticator = authenticator
        self._figures = figures

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Guard one request."""
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self._app(scope, receive, send)
            return
        started, request_id, status = time.perf_counter(), token_hex(8), 0
        scope["request_id"] = request_id
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}

        async def send_guarded(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], *self._headers(message["headers"], request_id, scope)]
            await send(message)

        try:
            problem = await self._refusal(scope, headers)
            if problem is None:
                body, problem = await self._body(scope, headers, receive)
            if problem is None:
                await self._app(scope, _replay(body, receive), send_guarded)
            else:
                await self._answer(problem, scope, receive, send_guarded)
        except Exception as error:
            write("error", level=logging.ERROR, request_id=request_id, place=place_of(error))
            if status == 0:
                problem = Problem(
                    500, "internal_error", "something went wrong here; the log has it by this request's id"
                )
                await self._answer(problem, scope, receive, send_guarded)
        finally:
            self._note(scope, status=status, seconds=time.perf_counter() - started)

    async def _answer(self, problem: Problem, scope: Scope, receive: Receive, send: Send) -> None:
        self._figures.refused.labels(problem.code).inc()
        await problem.response()(scope, receive, send)

    async def _refusal(self, scope: Scope, headers: Mapping[str, str]) -> Problem | None:
        """Who is it, and may it be answered at all?"""
        host = headers.get("host", "")
        if self._settings.on_loopback and not is_loopback(urlsplit(f"//{host}").hostname or ""):
            return Problem(403, "wrong_host", "this service answers to localhost only; set base_url to give it a name")
        method, path = scope["method"], scope["path"]
        if method not in SAFE_METHODS and self._cross_site(headers, host=host, path=path):
            return Problem(403, "cross_site", "a change may come from this service's own page only")
        preflight = method == "OPTIONS" and path.startswith("/cds-services")
        public = path in PUBLIC or path.startswith("/static/") or preflight
        if public and path != "/":
            return None
        try:
            principal = await self._authenticator.principal(method=method, path=path, headers=headers)
        except Problem as problem:
            return problem
        scope["principal"] = principal
        if principal is None and not public:
            return Problem(401, "no_credential", "a key or a token is required", headers=CHALLENGE)
        return None

    def _cross_site(self, headers: Mapping[str, str], *, host: str, path: str) -> bool:
        origin = headers.get("origin")
        if path.startswith("/cds-services") and origin in self._settings.cds_origins:
            return False
        if headers.get("sec-fetch-site", "none") not in {"same-origin", "none"}:
            return True
        own = {host, urlsplit(self._settings.base_url or "").netloc}
        return origin is not None and (urlsplit(origin).netloc or origin) not in own

    async def _body(self, scope: Scope, headers: Mapping[str, str], receive: Receive) -> tuple[bytes, Problem | None]:
        """The whole body, or 413 as soon as it is known to be too long."""
        if scope["method"] in SAFE_METHODS:
            return b"", None
        limit = self._settings.max_batch_bytes if scope["path"] == BATCH_PATH else self._settings.max_body_bytes
        too_large = Problem(
            413, "too_large", f"the request is larger than {limit:,} bytes", headers={"Connection": "close"}
        )
        declared = headers.get("content-length", "")
        if declared.isdigit() and int(declared) > limit:
            return b"", too_large
        parts: list[bytes] = []
        size, more = 0, True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                break
            parts.append(message.get("body", b""))
            size += len(parts[-1])
            if size > limit:
                return b"", too_large
            more = message.get("more_body", False)
        return b"".join(parts), None

    def _headers(self, present: list[Any], request_id: str, scope: Scope) -> list[tuple[bytes, bytes]]:
        names = {name.lower() for name, _ in present}
        extra = [pair for pair in HEADERS if pair[0] not in names]
        extra.append((b"x-request-id", request_id.encode()))
        if b"cache-control" not in names:
            kept = b"no-cache" if scope["path"].startswith("/static/") else b"no-store"
            extra.append((b"cache-control", kept))
        if self._settings.over_tls:
            extra.append((b"strict-transport-security", b"max-age=31536000"))
        return extra

    def _note(self, scope: Scope, *, status: int, seconds: float) -> None:
        route = getattr(scope.get("route"), "path", None) or "(none)"
        principal: Principal | None = scope.get("principal")
        method = scope["method"] if scope["method"].isalpha() and len(scope["method"]) < 10 else "OTHER"
        self._figures.requests.labels(method, route, str(status)).inc()
        self._figures.seconds.labels(route).observe(seconds)
        write(
            "request",
            request_id=scope["request_id"],
            method=method,
            route=route,
            status=status,
            ms=round(seconds * 1000, 1),
            tenant=principal.tenant if principal else None,
            subject=principal.subject if principal else None,
        )


def _replay(body: bytes, receive: Receive) -> Receive:
    """A ``receive`` that hands the application the body that was read already."""
    sent = False

    async def again() -> Message:
        nonlocal sent
        if not sent:
            sent = True
            return {"type": "http.request", "body": body, "more_body": False}
        return await receive()

    return again
