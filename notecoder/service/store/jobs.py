"""Accepted notes that wait for their answer. An item is on disk before the caller hears 202 (or the ACK).

Its request is sealed, and erased in the same transaction that stores the answer. A run takes items under a lease; only
the holder of the lease may finish an item, so a note is answered once even when two runs worked on it.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, case, func, insert, or_, select, update

from notecoder.evidence import Frozen
from notecoder.service.store.database import Database
from notecoder.service.store.tables import job_items, jobs, now_ms

MOST_ATTEMPTS = 3


class NewItem(Frozen):
    """A note to code later. ``same_as``: the position of the item of its encounter that it is coded with."""

    result_id: str
    label: str | None
    request: dict[str, Any] | None
    same_as: int | None = None


class TakenItem(Frozen):
    """A note that this run has leased."""

    item_id: int
    job_id: str
    tenant: str
    result_id: str
    request: dict[str, Any]
    attempts: int


def add_job(
    connection: Connection,
    *,
    database: Database,
    job_id: str,
    tenant: str,
    subject: str,
    kind: str,
    items: list[NewItem],
    keep_hours: float,
) -> bool:
    """Write a job with all its notes. False when the id is there already (a repeated request)."""
    if connection.execute(select(jobs.c.job_id).where(jobs.c.job_id == job_id)).first():
        return False
    now = now_ms()
    connection.execute(
        insert(jobs).values(
            job_id=job_id,
            tenant=tenant,
            subject=subject,
            kind=kind,
            total=len(items),
            created=now,
            expires=now + round(keep_hours * 3_600_000),
        )
    )
    rows = []
    for position, item in enumerate(items):
        place = f"{tenant}/{job_id}/{position}"
        rows.append(
            {
                "job_id": job_id,
                "tenant": tenant,
                "position": position,
                "state": "queued",
                "result_id": item.result_id,
                "same_as": item.same_as,
                "request": None
                if item.request is None
                else database.sealer.seal(item.request, place=f"request/{place}"),
                "label": None if item.label is None else database.sealer.seal(item.label, place=f"label/{place}"),
                "attempts": 0,
            }
        )
    connection.execute(insert(job_items), rows)
    return True


def reclaim(connection: Connection, *, database: Database) -> int:
    """At the start of a run on SQLite: what an earlier run had leased is free again. Returns how many."""
    if not database.is_sqlite:
        return 0
    done = connection.execute(
        update(job_items).where(job_items.c.state == "running").values(state="queued", owner=None, lease_until=None)
    )
    return done.rowcount


def take_items(connection: Connection, *, database: Database, limit: int, lease_seconds: float) -> list[TakenItem]:
    """Lease the oldest waiting notes, also those whose lease ran out."""
    now = now_ms()
    free = (
        select(job_items.c.item_id)
        .where(
            job_items.c.same_as.is_(None),
            or_(
                job_items.c.state == "queued",
                (job_items.c.state == "running") & (job_items.c.lease_until < now),
            ),
        )
        .order_by(job_items.c.item_id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    chosen = list(connection.execute(free).scalars())
    if not chosen:
        return []
    rows = connection.execute(
        update(job_items)
        .where(job_items.c.item_id.in_(chosen))
        .values(
            state="running",
            owner=database.owner,
            lease_until=now + round(lease_seconds * 1000),
            attempts=job_items.c.attempts + 1,
        )
        .returning(
            job_items.c.item_id,
            job_items.c.job_id,
            job_items.c.tenant,
            job_items.c.position,
            job_items.c.result_id,
            job_items.c.request,
            job_items.c.attempts,
        )
    ).mappings()
    return [
        TakenItem(
            item_id=row["item_id"],
            job_id=row["job_id"],
            tenant=row["tenant"],
            result_id=row["result_id"],
            attempts=row["attempts"],
            request=database.sealer.open(
                row["request"], place=f"request/{row['tenant']}/{row['job_id']}/{row['position']}"
            ),
        )
        for row in sorted(rows, key=lambda row: row["item_id"])
    ]


def finish_item(connection: Connection, *, database: Database, item: TakenItem, error_code: str | None = None) -> bool:
    """Mark an item done (or failed) and erase its request. False when the lease is no longer ours: store nothing."""
    done = connection.execute(
        update(job_items)
        .where(
            job_items.c.item_id == item.item_id,
            job_items.c.state == "running",
            job_items.c.owner == database.owner,
        )
        .values(state="done" if error_code is None else "error", error_code=error_code, request=None, lease_until=None)
    )
    return done.rowcount == 1


def close_job_if_done(connection: Connection, *, job_id: str) -> bool:
    """Whether this call closed the job: no item of it waits any more.

    The job's row is locked first. Without that, two runs that finish the last two items at the same moment would each
    still see the other's item waiting, and nobody would close the job.
    """
    connection.execute(select(jobs.c.job_id).where(jobs.c.job_id == job_id).with_for_update()).first()
    waiting = connection.execute(
        select(func.count())
        .select_from(job_items)
        .where(
            job_items.c.job_id == job_id,
            job_items.c.same_as.is_(None),
            job_items.c.state.in_(("queued", "running")),
        )
    ).scalar_one()
    if waiting:
        return False
    done = connection.execute(
        update(jobs).where(jobs.c.job_id == job_id, jobs.c.finished.is_(None)).values(finished=now_ms())
    )
    return done.rowcount == 1


def read_job(connection: Connection, *, database: Database, tenant: str, job_id: str) -> dict[str, Any] | None:
    """A job of this tenant and the state of each note in it, in the order they were sent."""
    job = (
        connection.execute(
            select(jobs).where(jobs.c.job_id == job_id, jobs.c.tenant == tenant, jobs.c.expires > now_ms())
        )
        .mappings()
        .first()
    )
    if job is None:
        return None
    rows = list(
        connection.execute(
            select(job_items).where(job_items.c.job_id == job_id).order_by(job_items.c.position)
        ).mappings()
    )
    items = []
    for row in rows:
        answer = row if row["same_as"] is None else rows[row["same_as"]]
        place = f"label/{tenant}/{job_id}/{row['position']}"
        items.append(
            {
                "id": None if row["label"] is None else database.sealer.open(row["label"], place=place),
                "state": answer["state"],
                "result_id": row["result_id"] if answer["state"] == "done" else None,
                "coded_with": row["same_as"],
                "error": answer["error_code"],
            }
        )
    state = "done" if job["finished"] else "running"
    return {
        "job_id": job_id,
        "state": state,
        "total": job["total"],
        "done": sum(item["state"] in {"done", "error"} for item in items),
        "created": job["created"],
        "finished": job["finished"],
        "items": items,
    }


def queue_depth(connection: Connection) -> int:
    """Notes that wait or are being coded, over all tenants."""
    waiting = case((job_items.c.state.in_(("queued", "running")) & job_items.c.same_as.is_(None), 1))
    return int(connection.execute(select(func.count(waiting))).scalar_one())
