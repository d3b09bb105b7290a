"""Webhooks as Standard Webhooks describes them: signed, with ids only, and never to an address inside the house.

Headers: ``webhook-id``, ``webhook-timestamp``, ``webhook-signature`` (``v1,`` + base64 of HMAC-SHA256 over
``id.timestamp.body``; one signature for each secret while one is being rotated). The receiver's name is resolved once,
every address of it must be public, and the connection goes to that very address, so that a name cannot change its
meaning between check and use. Redirects are not followed.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import ipaddress
import json
import secrets as randomness
import socket
import time
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit

import httpx

PREFIX = "whsec_"
TOLERANCE_SECONDS = 300
TIMEOUT_SECONDS = 10.0
LONGEST_URL = 500


class AddressRefused(RuntimeError):
    """The receiver's address may not be called, or did not accept the message. Carries no address."""


def new_secret() -> str:
    """A signing secret in the form receivers expect."""
    return PREFIX + base64.b64encode(randomness.token_bytes(32)).decode("ascii")


def signature(*, message_id: str, timestamp: int, body: bytes, secrets: Iterable[str]) -> str:
    """The ``webhook-signature`` header: one signature a secret, separated by a space."""
    signed = f"{message_id}.{timestamp}.".encode() + body
    return " ".join(
        "v1,"
        + base64.b64encode(
            hmac.new(base64.b64decode(secret.removeprefix(PREFIX)), signed, hashlib.sha256).digest()
        ).decode("ascii")
        for secret in secrets
    )


def is_genuine(headers: Mapping[str, str], body: bytes, *, secret: str, now: float | None = None) -> bool:
    """What a receiver does: whether the message is ours, unchanged, and not older than five minutes."""
    try:
        timestamp = int(headers["webhook-timestamp"])
        message_id, sent = headers["webhook-id"], headers["webhook-signature"].split()
    except (KeyError, ValueError):
        return False
    if abs((time.time() if now is None else now) - timestamp) > TOLERANCE_SECONDS:
        return False
    expected = signature(message_id=message_id, timestamp=timestamp, body=body, secrets=[secret])
    return any(hmac.compare_digest(expected, one) for one in sent)


def check_url(url: str, *, allow_private: bool) -> None:
    """Whether the form of an address is acceptable at all. Raises ``AddressRefused``."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise AddressRefused("this is not an address") from None
    if len(url) > LONGEST_URL or not url.isascii() or any(character.isspace() for character in url):
        raise AddressRefused("expected an address of at most 500 plain characters")
    if parts.scheme != "https" and not (allow_private and parts.scheme == "http"):
        raise AddressRefused("expected an https address")
    if not parts.hostname or parts.username or parts.password or parts.fragment:
        raise AddressRefused("expected https://host/path without user, password or fragment")
    if port is not None and port != 443 and not allow_private and port < 1024:
        raise AddressRefused("expected port 443 or one from 1024")


async def public_address(host: str, port: int, *, allow_private: bool) -> str:
    """The address to connect to. Raises ``AddressRefused`` if any address of the name is not a public one."""
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise AddressRefused("the name of the receiver is not known") from None
    addresses = [str(entry[4][0]) for entry in found]
    if not addresses:
        raise AddressRefused("the name of the receiver is not known")
    if not allow_private and not all(_is_public(address) for address in addresses):
        raise AddressRefused("the receiver is inside a private network")
    return addresses[0]


def _is_public(address: str) -> bool:
    number = ipaddress.ip_address(address.split("%")[0])
    mapped = getattr(number, "ipv4_mapped", None) or getattr(number, "sixtofour", None)
    if mapped is not None:
        return _is_public(str(mapped))
    return number.is_global and not number.is_multicast and not number.is_reserved


async def guarded_request(
    method: str,
    url: str,
    *,
    headers: Mapping[str, str],
    content: bytes | None,
    allow_private: bool,
    longest: int = 2_000_000,
) -> tuple[int, bytes]:
    """One request to an outside address, pinned to the address that was checked. Returns status and body.

    Raises ``AddressRefused`` for an address that may not be called and for an answer longer than ``longest`` bytes.
    """
    check_url(url, allow_private=allow_private)
    parts = urlsplit(url)
    host = parts.hostname or ""
    port = parts.port or (443 if parts.scheme == "https" else 80)
    address = await public_address(host, port, allow_private=allow_private)
    target = httpx.URL(url).copy_with(host=address, port=port)
    named = {**headers, "Host": parts.netloc}
    try:
        async with httpx.AsyncClient(timeout=TIMEOUT_SECONDS, follow_redirects=False, trust_env=False) as client:
            request = client.build_request(
                method, target, headers=named, content=content, extensions={"sni_hostname": host}
            )
            answer = await client.send(request, stream=True)
            try:
                received = b""
                async for part in answer.aiter_bytes():
                    received += part
                    if len(received) > longest:
                        raise AddressRefused("the answer is too long")
            finally:
                await answer.aclose()
    except httpx.HTTPError as error:
        raise AddressRefused(f"the receiver cannot be reached ({type(error).__name__})") from None
    return answer.status_code, received


async def post_signed(
    url: str, *, message_id: str, body: Mapping[str, Any], secrets: Iterable[str], allow_private: bool
) -> None:
    """Send one message. Raises ``AddressRefused`` unless the receiver answers 2xx."""
    raw, timestamp = json.dumps(body, separators=(",", ":")).encode(), int(time.time())
    headers = {
        "content-type": "application/json",
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": signature(message_id=message_id, timestamp=timestamp, body=raw, secrets=secrets),
    }
    status, _ = await guarded_request("POST", url, headers=headers, content=raw, allow_private=allow_private)
    if not 200 <= status < 300:
        raise AddressRefused(f"the receiver answered {status}")
