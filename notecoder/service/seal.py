"""What is written to the database is sealed: compressed, encrypted and bound to the row it belongs to.

A stolen database file or backup shows ids, dates and counts, never a note, a result or a coder's remark. Keys come
from one secret, 32 random bytes in a file (mode 0600) or in ``NOTECODER_SECRET`` (base64). Several secrets, separated
by commas, are a rotation: the first seals, all open. Losing the secret loses the content, which is also how all of it
is destroyed at once.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import os
import secrets
import zlib
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from notecoder.service.settings import Settings, StartRefused

NONCE_BYTES = 12


class Sealer:
    """Seals and opens values, and makes keyed fingerprints that reveal nothing without the secret."""

    def __init__(self, *, secrets_: tuple[bytes, ...]) -> None:
        self._boxes = {_derive(secret, b"name")[:4]: AESGCM(_derive(secret, b"seal")) for secret in secrets_}
        self._first = next(iter(self._boxes))
        self._mac = _derive(secrets_[-1], b"fingerprint")

    def seal(self, value: Any, *, place: str) -> bytes:
        """``value`` (JSON-able) sealed for ``place``, such as ``result/<tenant>/<id>``."""
        plain = zlib.compress(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8"), 3)
        nonce = os.urandom(NONCE_BYTES)
        return self._first + nonce + self._boxes[self._first].encrypt(nonce, plain, place.encode())

    def open(self, sealed: bytes, *, place: str) -> Any:
        """The value that was sealed for ``place``. Raises ``LookupError`` for another place or an unknown secret."""
        box = self._boxes.get(bytes(sealed[:4]))
        if box is None:
            raise LookupError("sealed with a secret that this service does not have")
        nonce, body = bytes(sealed[4 : 4 + NONCE_BYTES]), bytes(sealed[4 + NONCE_BYTES :])
        try:
            return json.loads(zlib.decompress(box.decrypt(nonce, body, place.encode())))
        except InvalidTag:
            raise LookupError("the sealed value does not belong here") from None

    def fingerprint(self, *parts: str | bytes) -> str:
        """A keyed hash of ``parts``: equal input, equal value; useless to someone without the secret."""
        digest = hmac.new(self._mac, digestmod=hashlib.sha256)
        for part in parts:
            raw = part.encode("utf-8", "surrogatepass") if isinstance(part, str) else part
            digest.update(len(raw).to_bytes(8, "big") + raw)
        return digest.hexdigest()


def _derive(secret: bytes, purpose: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=b"notecoder", info=purpose).derive(secret)


def sealer_for(settings: Settings) -> Sealer:
    """The sealer of these settings. Makes the secret file beside a SQLite database if there is none yet."""
    if settings.secret is not None:
        return Sealer(secrets_=_decoded(settings.secret.get_secret_value(), "NOTECODER_SECRET"))
    path = settings.secret_file or _beside_database(settings.database_url)
    if path is None:
        return Sealer(secrets_=(secrets.token_bytes(32),))
    if not path.exists():
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            pass
        else:
            with os.fdopen(handle, "wb") as file:
                file.write(base64.b64encode(secrets.token_bytes(32)) + b"\n")
    return Sealer(secrets_=_decoded(path.read_text("ascii"), str(path)))


def _decoded(text: str, source: str) -> tuple[bytes, ...]:
    try:
        found = tuple(base64.b64decode(part.strip(), validate=True) for part in text.split(",") if part.strip())
    except binascii.Error:
        found = ()
    if not found or any(len(secret) < 32 for secret in found):
        raise StartRefused(f"{source} must hold base64 of 32 random bytes (several: separated by commas, newest first)")
    return found


def _beside_database(url: str) -> Path | None:
    if url.startswith("sqlite") and ":memory:" not in url and url.rstrip("/") != "sqlite:":
        return Path(url.split("///", 1)[1].split("?")[0]).with_suffix(".secret")
    if url.startswith("sqlite"):
        return None
    raise StartRefused("set NOTECODER_SECRET or secret_file: with a database server the secret is not made for you")
