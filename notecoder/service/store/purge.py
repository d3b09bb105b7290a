"""Retention: what is past its time is deleted, not hidden."""

from __future__ import annotations

from sqlalchemy import Connection, delete, update

from notecoder.service.store.tables import (
    cards,
    job_items,
    jobs,
    now_ms,
    promises,
    results,
    sessions,
    spent_tokens,
)


def purge(connection: Connection) -> int:
    """Delete everything past its retention; texts go before their results. Returns how many rows changed.

    Unanswered items keep their job alive. The audit log is never touched.
    """
    now = now_ms()
    changed = connection.execute(
        update(results).where(results.c.text_expires <= now, results.c.source.is_not(None)).values(source=None)
    ).rowcount
    for table in (results, promises, sessions, spent_tokens, cards):
        changed += connection.execute(delete(table).where(table.c.expires <= now)).rowcount
    ended = jobs.c.expires <= now, jobs.c.finished.is_not(None)
    for row in connection.execute(jobs.select().where(*ended)).mappings().all():
        connection.execute(delete(job_items).where(job_items.c.job_id == row["job_id"]))
        changed += connection.execute(delete(jobs).where(jobs.c.job_id == row["job_id"])).rowcount
    return changed
