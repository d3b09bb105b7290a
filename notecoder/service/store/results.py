"""Results, the coders' decisions on them, and the life of each gap's question."""

from __future__ import annotations

from typing import Any, Literal

from sqlalchemy import Connection, delete, func, insert, select, update

from notecoder.evidence import Frozen
from notecoder.service.store.database import Database
from notecoder.service.store.promises import new_id
from notecoder.service.store.tables import cards, decisions, deliveries, gap_events, job_items, now_ms, results

GapState = Literal["open", "sent", "answered", "changed"]
OriginKind = Literal["api", "page", "batch", "fhir", "cds", "hl7"]
LONGEST_LIST = 100


class NewResult(Frozen):
    """A result to store, already cut down to what the policy keeps. ``*_expires`` are milliseconds since 1970."""

    result_id: str
    tenant: str
    origin_kind: OriginKind
    text_key: str
    payload: dict[str, Any]
    source: dict[str, Any] | None = None
    origin: dict[str, Any] | None = None
    document_key: str | None = None
    replaces_key: str | None = None
    encounter_key: str | None = None
    expires: int
    text_expires: int | None = None


class StoredResult(Frozen):
    """A result as it is read back. ``source`` (the text) is there only while the policy keeps it."""

    result_id: str
    tenant: str
    origin_kind: str
    version: int
    superseded_by: str | None
    withdrawn: bool
    state: str
    created: int
    expires: int
    payload: dict[str, Any]
    source: dict[str, Any] | None
    origin: dict[str, Any] | None


def save_result(connection: Connection, *, database: Database, new: NewResult) -> bool:
    """Store a result once. A result of the same document is superseded by it. False when the id is there already."""
    if connection.execute(select(results.c.result_id).where(results.c.result_id == new.result_id)).first():
        return False
    version = 1
    sources = [key for key in (new.document_key, new.replaces_key) if key]
    if sources:
        mine = (results.c.tenant == new.tenant) & results.c.document_key.in_(sources)
        version = 1 + int(connection.execute(select(func.max(results.c.version)).where(mine)).scalar() or 0)
        connection.execute(
            update(results).where(mine, results.c.superseded_by.is_(None)).values(superseded_by=new.result_id)
        )
    seal, place = database.sealer.seal, f"{new.tenant}/{new.result_id}"
    connection.execute(
        insert(results).values(
            result_id=new.result_id,
            tenant=new.tenant,
            document_key=new.document_key,
            encounter_key=new.encounter_key,
            text_key=new.text_key,
            version=version,
            origin_kind=new.origin_kind,
            disposition=new.payload["disposition"],
            lines=len(new.payload["lines"]),
            payload=seal(new.payload, place=f"result/{place}"),
            source=None if new.source is None else seal(new.source, place=f"source/{place}"),
            origin=None if new.origin is None else seal(new.origin, place=f"origin/{place}"),
            created=now_ms(),
            expires=new.expires,
            text_expires=new.text_expires,
        )
    )
    return True


def read_result(
    connection: Connection, *, database: Database, tenant: str, result_id: str, to_change: bool = False
) -> StoredResult | None:
    """One result of this tenant, unless it is past its retention. ``to_change`` locks it until the commit."""
    query = select(results).where(
        results.c.result_id == result_id, results.c.tenant == tenant, results.c.expires > now_ms()
    )
    row = connection.execute(query.with_for_update() if to_change else query).mappings().first()
    if row is None:
        return None
    open_, place = database.sealer.open, f"{tenant}/{result_id}"
    text_live = row["source"] is not None and (row["text_expires"] is None or row["text_expires"] > now_ms())
    return StoredResult(
        **{name: row[name] for name in StoredResult.model_fields if name not in {"payload", "source", "origin"}},
        payload=open_(row["payload"], place=f"result/{place}"),
        source=open_(row["source"], place=f"source/{place}") if text_live else None,
        origin=None if row["origin"] is None else open_(row["origin"], place=f"origin/{place}"),
    )


def list_results(
    connection: Connection, *, tenant: str, state: str | None, disposition: str | None, before: int | None, limit: int
) -> list[dict[str, Any]]:
    """Newest first, without content: what a worklist needs."""
    names = ("result_id", "created", "disposition", "state", "lines", "version", "superseded_by", "origin_kind")
    query = (
        select(*(results.c[name] for name in names))
        .where(results.c.tenant == tenant, results.c.expires > now_ms(), results.c.withdrawn.is_(False))
        .order_by(results.c.created.desc(), results.c.result_id)
        .limit(limit)
    )
    if state is not None:
        query = query.where(results.c.state == state)
    if disposition is not None:
        query = query.where(results.c.disposition == disposition)
    if before is not None:
        query = query.where(results.c.created < before)
    return [dict(row) for row in connection.execute(query).mappings()]


def encounter_sources(
    connection: Connection, *, database: Database, tenant: str, encounter_key: str
) -> list[StoredResult]:
    """Earlier results of the encounter whose text is still kept and that nothing has superseded, oldest first."""
    ids = connection.execute(
        select(results.c.result_id)
        .where(
            results.c.tenant == tenant,
            results.c.encounter_key == encounter_key,
            results.c.superseded_by.is_(None),
            results.c.withdrawn.is_(False),
            results.c.source.is_not(None),
        )
        .order_by(results.c.created)
    ).scalars()
    found = (read_result(connection, database=database, tenant=tenant, result_id=id_) for id_ in list(ids))
    return [result for result in found if result is not None and result.source is not None]


def supersede(connection: Connection, *, tenant: str, earlier: list[str], by: str) -> None:
    """Mark earlier results as replaced by another one."""
    connection.execute(
        update(results)
        .where(results.c.tenant == tenant, results.c.result_id.in_(earlier), results.c.superseded_by.is_(None))
        .values(superseded_by=by)
    )


def superseded_by(connection: Connection, *, tenant: str, result_id: str) -> list[str]:
    """The results that this one replaced."""
    query = select(results.c.result_id).where(results.c.tenant == tenant, results.c.superseded_by == result_id)
    return list(connection.execute(query).scalars())


def withdraw_document(connection: Connection, *, tenant: str, document_key: str) -> int:
    """The document was cancelled or entered in error: its results no longer count. Returns how many."""
    done = connection.execute(
        update(results)
        .where(results.c.tenant == tenant, results.c.document_key == document_key, results.c.withdrawn.is_(False))
        .values(withdrawn=True)
    )
    return done.rowcount


def delete_result(connection: Connection, *, tenant: str, result_id: str) -> bool:
    """Remove a result with everything that hangs on it."""
    mine = (deliveries.c.tenant == tenant) & (deliveries.c.result_id == result_id)
    done = connection.execute(delete(results).where(results.c.tenant == tenant, results.c.result_id == result_id))
    if done.rowcount == 0:
        return False
    connection.execute(delete(deliveries).where(mine))
    connection.execute(delete(cards).where(cards.c.tenant == tenant, cards.c.result_id == result_id))
    connection.execute(
        update(job_items)
        .where(job_items.c.tenant == tenant, job_items.c.result_id == result_id)
        .values(request=None, label=None)
    )
    return True


def save_decision(
    connection: Connection,
    *,
    database: Database,
    tenant: str,
    result_id: str,
    subject: str,
    decision: dict[str, Any],
    final: bool,
    state: str,
) -> str:
    """Add a coder's decision; a final one closes the result. Returns its id."""
    decision_id = new_id()
    connection.execute(
        insert(decisions).values(
            decision_id=decision_id,
            result_id=result_id,
            tenant=tenant,
            subject=subject,
            final=final,
            payload=database.sealer.seal(decision, place=f"decision/{tenant}/{decision_id}"),
            created=now_ms(),
        )
    )
    connection.execute(
        update(results).where(results.c.tenant == tenant, results.c.result_id == result_id).values(state=state)
    )
    return decision_id


def read_decisions(connection: Connection, *, database: Database, tenant: str, result_id: str) -> list[dict[str, Any]]:
    """Every decision on a result, oldest first."""
    rows = connection.execute(
        select(decisions)
        .where(decisions.c.tenant == tenant, decisions.c.result_id == result_id)
        .order_by(decisions.c.created, decisions.c.decision_id)
    ).mappings()
    return [
        {
            "decision_id": row["decision_id"],
            "subject": row["subject"],
            "at": row["created"],
            "final": bool(row["final"]),
            **database.sealer.open(row["payload"], place=f"decision/{tenant}/{row['decision_id']}"),
        }
        for row in rows
    ]


def record_gap(
    connection: Connection,
    *,
    database: Database,
    tenant: str,
    result_id: str,
    gap: int,
    state: GapState,
    subject: str,
    answer: str | None,
) -> None:
    """A gap's question moved on: sent, answered, changed, or open again."""
    sealed = None
    if answer:
        sealed = database.sealer.seal({"answer": answer}, place=f"gap/{tenant}/{result_id}/{gap}")
    connection.execute(
        insert(gap_events).values(
            result_id=result_id,
            tenant=tenant,
            gap=gap,
            state=state,
            subject=subject,
            payload=sealed,
            created=now_ms(),
        )
    )


def gap_histories(
    connection: Connection, *, database: Database, tenant: str, result_id: str
) -> dict[int, list[dict[str, Any]]]:
    """For each gap that moved: its states in order, with who and when."""
    histories: dict[int, list[dict[str, Any]]] = {}
    rows = connection.execute(
        select(gap_events)
        .where(gap_events.c.tenant == tenant, gap_events.c.result_id == result_id)
        .order_by(gap_events.c.event_id)
    ).mappings()
    for row in rows:
        answer = None
        if row["payload"] is not None:
            place = f"gap/{tenant}/{result_id}/{row['gap']}"
            answer = database.sealer.open(row["payload"], place=place)["answer"]
        event = {"state": row["state"], "subject": row["subject"], "at": row["created"], "answer": answer}
        histories.setdefault(int(row["gap"]), []).append(event)
    return histories


def decided_results(connection: Connection, *, tenant: str | None) -> list[tuple[str, str]]:
    """(tenant, result id) of every result with a decision, oldest first: what the regression cases are made of."""
    query = (
        select(results.c.tenant, results.c.result_id)
        .where(results.c.result_id.in_(select(decisions.c.result_id)), results.c.expires > now_ms())
        .order_by(results.c.created, results.c.result_id)
    )
    if tenant is not None:
        query = query.where(results.c.tenant == tenant)
    return [(row[0], row[1]) for row in connection.execute(query)]
