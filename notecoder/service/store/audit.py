"""Who saw or changed what. Rows are only ever added: the database itself refuses to change or remove one."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, insert, select

from notecoder.service.store.tables import audit, now_ms


def record(
    connection: Connection,
    *,
    tenant: str,
    subject: str,
    action: str,
    object: str | None = None,
    request_id: str | None = None,
) -> None:
    """Add one entry. ``object`` is an id of ours; nothing a note or a caller says belongs here."""
    connection.execute(
        insert(audit).values(
            at=now_ms(), tenant=tenant, subject=subject[:200], action=action, object=object, request_id=request_id
        )
    )


def entries(connection: Connection, *, tenant: str, after: int = 0, limit: int = 200) -> list[dict[str, Any]]:
    """Entries of a tenant after ``after`` (an audit id), oldest first."""
    query = (
        select(audit).where(audit.c.tenant == tenant, audit.c.audit_id > after).order_by(audit.c.audit_id).limit(limit)
    )
    return [
        {name: row[name] for name in ("audit_id", "at", "subject", "action", "object", "request_id")}
        for row in connection.execute(query).mappings()
    ]
