"""Signed tokens of others: OAuth2 bearers and the JWT of CDS Hooks, checked against their issuer's published keys.

Only asymmetric algorithms are accepted: a token that is unsigned, signed with ``none`` or with a shared secret,
expired, for another audience or from another issuer is refused.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import jwt

from notecoder.service.settings import StartRefused, is_loopback

FAMILIES = {
    "EC": ("ES256", "ES384", "ES512"),
    "RSA": ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"),
}
ALGORITHMS = FAMILIES["EC"] + FAMILIES["RSA"]
KEPT_SECONDS = 300.0
SHORTEST_REFETCH_SECONDS = 30.0
LEEWAY_SECONDS = 30
LONGEST_TOKEN = 16_384


class TokenRefused(ValueError):
    """The token is not good; the message says why without repeating it."""


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A published key and the algorithms it may be used with."""

    algorithms: tuple[str, ...]
    key: Any


class KeySet:
    """The public keys of one issuer, from an https URL or a file, fetched again when one is missing (not too often)."""

    def __init__(self, source: str) -> None:
        address = urlsplit(source)
        if address.scheme in {"http", "https"}:
            if address.scheme == "http" and not is_loopback(address.hostname or ""):
                raise StartRefused("a jwks address must be https")
        elif not Path(source).exists():
            raise StartRefused(f"jwks file not found: {source}")
        self._source = source
        self._keys: dict[str, PublicKey] = {}
        self._fetched = 0.0

    async def key(self, kid: str | None) -> PublicKey:
        """The key named ``kid`` (or the only one). Raises ``TokenRefused``."""
        age = time.monotonic() - self._fetched
        if not self._fetched or age > KEPT_SECONDS or (kid not in self._keys and age > SHORTEST_REFETCH_SECONDS):
            await self._fetch()
        if kid is None and len(self._keys) == 1:
            return next(iter(self._keys.values()))
        found = self._keys.get(kid or "")
        if found is None:
            raise TokenRefused("signed with a key that the issuer does not publish")
        return found

    async def _fetch(self) -> None:
        self._fetched = time.monotonic()
        try:
            if self._source.startswith("http"):
                async with httpx.AsyncClient(timeout=5, follow_redirects=False) as client:
                    answer = await client.get(self._source)
                    answer.raise_for_status()
                    published = answer.json()
            else:
                published = json.loads(Path(self._source).read_text("utf-8"))
            keys = {}
            for entry in published["keys"]:
                if entry.get("kty") in {"RSA", "EC"} and entry.get("use", "sig") == "sig":
                    said = entry.get("alg")
                    keys[str(entry.get("kid", ""))] = PublicKey(
                        algorithms=(said,) if isinstance(said, str) else FAMILIES[entry["kty"]],
                        key=jwt.PyJWK(entry, algorithm=said or FAMILIES[entry["kty"]][0]).key,
                    )
            self._keys = keys
        except (httpx.HTTPError, OSError, ValueError, KeyError, TypeError, AttributeError, jwt.PyJWTError):
            if not self._keys:
                raise TokenRefused("the issuer's keys cannot be read at present") from None


async def check_token(
    token: str, *, keys: KeySet, issuer: str, audience: str | list[str], required: tuple[str, ...]
) -> Mapping[str, Any]:
    """The claims of a good token. Raises ``TokenRefused``."""
    header = token_header(token)
    if header.get("alg") not in ALGORITHMS:
        raise TokenRefused("expected a token signed with an asymmetric algorithm such as ES384 or RS384")
    kid = header.get("kid")
    key = await keys.key(kid if isinstance(kid, str) else None)
    try:
        claims: dict[str, Any] = jwt.decode(
            token,
            key.key,
            algorithms=[one for one in key.algorithms if one in ALGORITHMS],
            audience=audience,
            issuer=issuer,
            leeway=LEEWAY_SECONDS,
            options={"require": list(required)},
        )
    except jwt.ExpiredSignatureError:
        raise TokenRefused("the token has expired") from None
    except jwt.InvalidAudienceError:
        raise TokenRefused("the token is for another audience") from None
    except jwt.InvalidIssuerError:
        raise TokenRefused("the token is from another issuer") from None
    except (jwt.PyJWTError, ValueError, TypeError):
        raise TokenRefused("the token is not valid") from None
    return claims


def token_header(token: str) -> dict[str, Any]:
    """The unverified header. Raises ``TokenRefused`` when it is no token."""
    if len(token) > LONGEST_TOKEN:
        raise TokenRefused("the token is too long")
    try:
        return dict(jwt.get_unverified_header(token))
    except (jwt.PyJWTError, ValueError):
        raise TokenRefused("this is not a token") from None


def unverified_issuer(token: str) -> str:
    """The ``iss`` a token claims, to choose whose keys to check it with. Raises ``TokenRefused``."""
    token_header(token)
    try:
        claims = jwt.decode(token, options={"verify_signature": False})
    except (jwt.PyJWTError, ValueError):
        raise TokenRefused("this is not a token") from None
    return str(claims.get("iss", ""))
