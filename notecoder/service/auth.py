"""Who is calling: a key, a bearer token, a signed-in coder, or (on loopback alone) whoever sits at the machine."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from http.cookies import CookieError, SimpleCookie
from typing import Literal
from urllib.parse import urlsplit

from fastapi import Request
from starlette.concurrency import run_in_threadpool

from notecoder.evidence import Frozen
from notecoder.service.problems import Problem
from notecoder.service.settings import Settings
from notecoder.service.store import access
from notecoder.service.store.database import Database
from notecoder.service.store.tables import now_ms
from notecoder.service.tokens import KeySet, TokenRefused, check_token, unverified_issuer

LOCAL_TENANT = "local"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
TOUCH_EVERY_MS = 30_000
CHALLENGE = {"WWW-Authenticate": 'Bearer realm="notecoder"'}


class Principal(Frozen):
    """The caller. ``subject`` is what the audit log names; ``csrf`` is set for a signed-in coder."""

    tenant: str
    subject: str
    scopes: tuple[str, ...]
    kind: Literal["open", "key", "token", "session", "cds"]
    csrf: str | None = None


class Authenticator:
    """Tells who a request comes from."""

    def __init__(self, *, settings: Settings, database: Database) -> None:
        self._settings = settings
        self._database = database
        self._oauth_keys = KeySet(settings.oauth.jwks) if settings.oauth else None
        self._cds_keys = {issuer.issuer: KeySet(issuer.jwks) for issuer in settings.cds_issuers}

    @property
    def cookie(self) -> str:
        """The session cookie's name; over TLS the prefix binds it to this host."""
        return "__Host-notecoder" if self._settings.over_tls else "notecoder"

    async def principal(self, *, method: str, path: str, headers: Mapping[str, str]) -> Principal | None:
        """The caller, or None when nothing was presented. Raises ``Problem`` 401 for a bad credential, 403 for CSRF."""
        presented = headers.get("x-api-key")
        scheme, _, value = headers.get("authorization", "").partition(" ")
        if presented is None and scheme.lower() == "bearer":
            presented = value.strip()
        if presented:
            if presented.startswith("nck_"):
                return await self._key(presented)
            return await self._token(presented, path=path)
        if scheme:
            raise Problem(
                401, "bad_credential", "expected Authorization: Bearer with a key or token", headers=CHALLENGE
            )
        signed_in = await self._session(method=method, headers=headers)
        if signed_in is not None:
            return signed_in
        if self._settings.open_access:
            return Principal(tenant=LOCAL_TENANT, subject="local", scopes=access.SCOPES, kind="open")
        return None

    async def _key(self, presented: str) -> Principal:
        def find() -> access.KeyRow | None:
            with self._database.read() as connection:
                return access.check_key(connection, presented=presented)

        key = await run_in_threadpool(find)
        if key is None:
            raise Problem(401, "bad_credential", "the key is unknown, revoked or expired", headers=CHALLENGE)
        return Principal(tenant=key.tenant, subject=_subject(key), scopes=key.scopes, kind="key")

    async def _session(self, *, method: str, headers: Mapping[str, str]) -> Principal | None:
        token = session_token(headers, name=self.cookie)
        if token is None:
            return None

        def find() -> access.SessionRow | None:
            with self._database.read() as connection:
                found = access.find_session(connection, token=token, idle_minutes=self._settings.session_idle_minutes)
            if found is None:
                return None
            session, seen = found
            if now_ms() - seen > TOUCH_EVERY_MS:
                with self._database.write() as connection:
                    access.touch_session(connection, token=token)
            return session

        session = await run_in_threadpool(find)
        if session is None:
            return None
        if method not in SAFE_METHODS and headers.get("x-csrf-token") != session.csrf:
            raise Problem(403, "csrf", "the page is out of date; reload it and try again")
        return Principal(
            tenant=session.key.tenant,
            subject=_subject(session.key),
            scopes=session.key.scopes,
            kind="session",
            csrf=session.csrf,
        )

    async def _token(self, token: str, *, path: str) -> Principal:
        try:
            if path.startswith("/cds-services") and self._cds_keys:
                issuer = unverified_issuer(token)
                if issuer in self._cds_keys:
                    return await self._cds(token, issuer=issuer, path=path)
            oauth = self._settings.oauth
            if oauth is None or self._oauth_keys is None:
                raise TokenRefused("tokens are not accepted here")
            claims = await check_token(
                token,
                keys=self._oauth_keys,
                issuer=oauth.issuer,
                audience=oauth.audience,
                required=("exp", "iat", "iss", "aud", "sub"),
            )
        except TokenRefused as refused:
            raise Problem(401, "bad_credential", str(refused), headers=CHALLENGE) from None
        tenant = claims.get(oauth.tenant_claim)
        if not isinstance(tenant, str) or not access.TENANT_FORM.match(tenant):
            raise Problem(401, "bad_credential", "the token names no tenant", headers=CHALLENGE)
        said = claims.get("scope", "")
        granted = said.split() if isinstance(said, str) else []
        scopes = tuple(scope for scope in access.SCOPES if scope in granted or f"notecoder:{scope}" in granted)
        subject = "".join(character for character in str(claims["sub"]) if character.isprintable())[:190]
        return Principal(tenant=tenant, subject=f"token:{subject}", scopes=scopes, kind="token")

    async def _cds(self, token: str, *, issuer: str, path: str) -> Principal:
        """An EHR's call: the audience is the URL called, and each token works once."""
        base = (self._settings.base_url or f"http://{self._settings.host}:{self._settings.port}").rstrip("/")
        claims = await check_token(
            token,
            keys=self._cds_keys[issuer],
            issuer=issuer,
            audience=base + path,
            required=("exp", "iat", "iss", "aud", "jti"),
        )

        def spend() -> bool:
            with self._database.write() as connection:
                end = min(int(claims["exp"]), int(time.time()) + 86_400) * 1000 + 60_000
                return access.spend_token(connection, token_id=f"{issuer} {claims['jti']}", expires=end)

        if not await run_in_threadpool(spend):
            raise TokenRefused("the token has been used before")
        tenant = next(item.tenant for item in self._settings.cds_issuers if item.issuer == issuer)
        host = urlsplit(issuer).hostname or "ehr"
        return Principal(tenant=tenant, subject=f"cds:{host}"[:190], scopes=("code", "read", "decide"), kind="cds")


def session_token(headers: Mapping[str, str], *, name: str) -> str | None:
    """The session cookie's value."""
    try:
        cookies = SimpleCookie(headers.get("cookie", ""))
    except CookieError:
        return None
    found = cookies.get(name)
    return None if found is None else found.value


def _subject(key: access.KeyRow) -> str:
    return f"{key.name} ({key.key_id})"


def caller(scope: str) -> Callable[[Request], Principal]:
    """A dependency: the caller, who must hold ``scope``."""

    def check(request: Request) -> Principal:
        principal: Principal | None = request.scope.get("principal")
        if principal is None:
            raise Problem(401, "no_credential", "a key or a token is required", headers=CHALLENGE)
        if scope not in principal.scopes:
            raise Problem(403, "scope_missing", f"this needs the scope {scope}")
        return principal

    return check
