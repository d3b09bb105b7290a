"""Idempotency: a caller's key stands for one outcome, however often the request is sent.

The outcome's id is chosen when the key is first seen and written before the work starts. After a crash the same key
takes the promise over once its lease has run out (at once on SQLite, where the earlier run is known to be gone) and
writes the same id, so nothing can be stored twice.
"""

from __future__ import annotations

from secrets import token_hex
from typing import Literal

from sqlalchemy import Connection, insert, select, update
from sqlalchemy.exc import IntegrityError

from notecoder.evidence import Frozen
from notecoder.service.store.database import Database
from notecoder.service.store.tables import now_ms, promises

KEPT_HOURS = 24


class Promise(Frozen):
    """What an idempotency key stands for. ``state``: new (do the work), busy, done (say it again), mismatch."""

    state: Literal["new", "busy", "done", "mismatch"]
    outcome_id: str


def new_id() -> str:
    """A new id for a result, a job, a decision: 128 random bits, so that nobody guesses one."""
    return token_hex(16)


def make_promise(
    connection: Connection, *, database: Database, tenant: str, key: str, body: str, lease_seconds: float
) -> Promise:
    """Take, repeat or take over the promise of ``key``. ``body`` is a fingerprint of the request."""
    hashed, now = database.sealer.fingerprint("promise", tenant, key), now_ms()
    lease = now + round(lease_seconds * 1000)
    row = (
        connection.execute(
            select(promises).where(promises.c.tenant == tenant, promises.c.key_hash == hashed).with_for_update()
        )
        .mappings()
        .first()
    )
    if row is None:
        outcome = new_id()
        try:
            with connection.begin_nested():
                connection.execute(
                    insert(promises).values(
                        tenant=tenant,
                        key_hash=hashed,
                        body_hash=body,
                        outcome_id=outcome,
                        state="busy",
                        owner=database.owner,
                        lease_until=lease,
                        expires=now + KEPT_HOURS * 3_600_000,
                    )
                )
        except IntegrityError:
            return Promise(state="busy", outcome_id="")
        return Promise(state="new", outcome_id=outcome)
    if row["body_hash"] != body:
        return Promise(state="mismatch", outcome_id="")
    if row["state"] == "done":
        return Promise(state="done", outcome_id=row["outcome_id"])
    gone = database.is_sqlite and row["owner"] != database.owner
    if row["lease_until"] > now and not gone:
        return Promise(state="busy", outcome_id="")
    connection.execute(
        update(promises)
        .where(promises.c.tenant == tenant, promises.c.key_hash == hashed)
        .values(owner=database.owner, lease_until=lease)
    )
    return Promise(state="new", outcome_id=row["outcome_id"])


def keep_promise(connection: Connection, *, database: Database, tenant: str, key: str) -> None:
    """The outcome exists now; from here on the key repeats it."""
    hashed = database.sealer.fingerprint("promise", tenant, key)
    connection.execute(
        update(promises).where(promises.c.tenant == tenant, promises.c.key_hash == hashed).values(state="done")
    )


def drop_promise(connection: Connection, *, database: Database, tenant: str, key: str) -> None:
    """The request was refused: the same key may be used for the mended one."""
    hashed = database.sealer.fingerprint("promise", tenant, key)
    connection.execute(
        promises.delete().where(promises.c.tenant == tenant, promises.c.key_hash == hashed, promises.c.state == "busy")
    )
