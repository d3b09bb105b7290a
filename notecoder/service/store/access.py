"""Keys, sign-in sessions and spent tokens: who may call, kept as hashes only.

A key is ``nck_<key id>_<secret>``; the secret is 32 random bytes, so one SHA-256 is enough. Scopes are
``code`` (send notes), ``read`` (see results), ``decide`` (accept, change, reject), ``admin`` (delete, webhooks, audit).
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets

from sqlalchemy import Connection, delete, insert, select, update

from notecoder.evidence import Frozen
from notecoder.service.store.tables import keys, now_ms, sessions, spent_tokens

SCOPES = ("code", "read", "decide", "admin")
ROTATION_GRACE_HOURS = 24.0
KEY_FORM = re.compile(r"nck_([0-9a-f]{16})_([A-Za-z0-9_-]{43})\Z")
TENANT_FORM = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}\Z")


class KeyRow(Frozen):
    """A key as an operator sees it: never its secret. Times are milliseconds since 1970."""

    key_id: str
    tenant: str
    name: str
    scopes: tuple[str, ...]
    created: int
    expires: int | None
    revoked: int | None

    @property
    def usable(self) -> bool:
        """Neither revoked nor past its end."""
        return self.revoked is None and (self.expires is None or self.expires > now_ms())


def create_key(
    connection: Connection,
    *,
    tenant: str,
    name: str,
    scopes: tuple[str, ...] = ("code", "read", "decide"),
    days: float | None = None,
) -> tuple[KeyRow, str]:
    """A new key and its secret form, which is shown once and stored nowhere. Raises ``ValueError``."""
    if not TENANT_FORM.match(tenant):
        raise ValueError("tenant: expected lower-case letters, digits, dot, dash or underscore, at most 64")
    if not name.strip() or len(name) > 120:
        raise ValueError("name: expected 1 to 120 characters; it names a person or a system in the audit log")
    if unknown := [scope for scope in scopes if scope not in SCOPES]:
        raise ValueError(f"scope {unknown[0]}: expected one of {', '.join(SCOPES)}")
    key_id, secret, now = secrets.token_hex(8), secrets.token_urlsafe(32), now_ms()
    expires = None if days is None else now + round(days * 86_400_000)
    connection.execute(
        insert(keys).values(
            key_id=key_id,
            tenant=tenant,
            name=name.strip(),
            scopes=" ".join(scopes),
            secret_hash=_hash(secret),
            created=now,
            expires=expires,
        )
    )
    row = KeyRow(
        key_id=key_id, tenant=tenant, name=name.strip(), scopes=scopes, created=now, expires=expires, revoked=None
    )
    return row, f"nck_{key_id}_{secret}"


def list_keys(connection: Connection, *, tenant: str | None = None) -> list[KeyRow]:
    """Every key, oldest first, also the revoked ones."""
    query = select(keys).order_by(keys.c.created, keys.c.key_id)
    if tenant is not None:
        query = query.where(keys.c.tenant == tenant)
    return [_row(row) for row in connection.execute(query).mappings()]


def has_usable_key(connection: Connection) -> bool:
    """Whether anybody could sign in at all."""
    return any(row.usable for row in list_keys(connection))


def revoke_key(connection: Connection, *, key_id: str) -> bool:
    """End a key and its sessions now. False when there is no such key."""
    done = connection.execute(
        update(keys).where(keys.c.key_id == key_id, keys.c.revoked.is_(None)).values(revoked=now_ms())
    )
    connection.execute(delete(sessions).where(sessions.c.key_id == key_id))
    return done.rowcount == 1


def rotate_key(
    connection: Connection, *, key_id: str, grace_hours: float = ROTATION_GRACE_HOURS
) -> tuple[KeyRow, str] | None:
    """A successor with the same tenant, name and scopes; the old key works for ``grace_hours`` more."""
    old = find_key(connection, key_id=key_id)
    if old is None or not old.usable:
        return None
    new, secret = create_key(connection, tenant=old.tenant, name=old.name, scopes=old.scopes)
    end = now_ms() + round(grace_hours * 3_600_000)
    if old.expires is not None:
        end = min(end, old.expires)
    connection.execute(update(keys).where(keys.c.key_id == key_id).values(expires=end, rotated_to=new.key_id))
    return new, secret


def find_key(connection: Connection, *, key_id: str) -> KeyRow | None:
    """The key with this id."""
    row = connection.execute(select(keys).where(keys.c.key_id == key_id)).mappings().first()
    return None if row is None else _row(row)


def check_key(connection: Connection, *, presented: str) -> KeyRow | None:
    """The usable key that ``presented`` is, compared in constant time."""
    form = KEY_FORM.match(presented)
    if form is None:
        return None
    row = connection.execute(select(keys).where(keys.c.key_id == form[1])).mappings().first()
    if row is None or not hmac.compare_digest(str(row["secret_hash"]), _hash(form[2])):
        return None
    key = _row(row)
    return key if key.usable else None


class SessionRow(Frozen):
    """A signed-in coder: the key behind it and the token that every change has to carry."""

    key: KeyRow
    csrf: str


def open_session(connection: Connection, *, key: KeyRow, hours: float) -> tuple[str, SessionRow]:
    """Start a session; returns the cookie's value, of which only a hash is stored."""
    token, csrf, now = secrets.token_urlsafe(32), secrets.token_urlsafe(32), now_ms()
    connection.execute(
        insert(sessions).values(
            token_hash=_hash(token),
            tenant=key.tenant,
            key_id=key.key_id,
            csrf=csrf,
            seen=now,
            expires=now + round(hours * 3_600_000),
        )
    )
    return token, SessionRow(key=key, csrf=csrf)


def find_session(connection: Connection, *, token: str, idle_minutes: float) -> tuple[SessionRow, int] | None:
    """The live session of a cookie and when it was last seen."""
    now = now_ms()
    row = connection.execute(select(sessions).where(sessions.c.token_hash == _hash(token))).mappings().first()
    if row is None or row["expires"] <= now or row["seen"] + idle_minutes * 60_000 <= now:
        return None
    key = find_key(connection, key_id=row["key_id"])
    if key is None or not key.usable:
        return None
    return SessionRow(key=key, csrf=row["csrf"]), int(row["seen"])


def touch_session(connection: Connection, *, token: str) -> None:
    """Note that the session was used just now."""
    connection.execute(update(sessions).where(sessions.c.token_hash == _hash(token)).values(seen=now_ms()))


def close_session(connection: Connection, *, token: str) -> None:
    """Sign out."""
    connection.execute(delete(sessions).where(sessions.c.token_hash == _hash(token)))


def spend_token(connection: Connection, *, token_id: str, expires: int) -> bool:
    """Mark a one-time token as used until ``expires``. False when it had been used before."""
    hashed = _hash(token_id)
    if connection.execute(select(spent_tokens.c.expires).where(spent_tokens.c.token_hash == hashed)).first():
        return False
    connection.execute(insert(spent_tokens).values(token_hash=hashed, expires=expires))
    return True


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _row(row: object) -> KeyRow:
    values = dict(row)  # type: ignore[call-overload]
    return KeyRow(
        key_id=values["key_id"],
        tenant=values["tenant"],
        name=values["name"],
        scopes=tuple(values["scopes"].split()),
        created=values["created"],
        expires=values["expires"],
        revoked=values["revoked"],
    )
