"""Messages that have to leave: webhooks and HL7 charges, written with the change they report, sent until they arrive.

A receiver that keeps failing is disabled, never silently skipped: its deliveries end as ``failed`` and stay visible.
"""

from __future__ import annotations

from typing import Any, Literal

from sqlalchemy import Connection, delete, insert, or_, select, update

from notecoder.evidence import Frozen
from notecoder.service.store.database import Database
from notecoder.service.store.promises import new_id
from notecoder.service.store.tables import deliveries, now_ms, webhooks

EVENTS = ("result.created", "result.decided", "result.superseded", "job.finished")


class Hook(Frozen):
    """A receiver: where to, which events, and the secrets that sign (two while one is being rotated)."""

    webhook_id: str
    tenant: str
    url: str
    events: tuple[str, ...]
    secrets: tuple[str, ...]
    created: int
    disabled: int | None


class Delivery(Frozen):
    """A message that this run has leased to send."""

    delivery_id: str
    tenant: str
    kind: Literal["webhook", "dft"]
    webhook_id: str | None
    payload: dict[str, Any]
    attempts: int


def add_hook(
    connection: Connection, *, database: Database, tenant: str, url: str, events: tuple[str, ...], secret: str
) -> Hook:
    """Register a receiver. The address was checked before; the secret is sealed."""
    hook = Hook(
        webhook_id=new_id(),
        tenant=tenant,
        url=url,
        events=events,
        secrets=(secret,),
        created=now_ms(),
        disabled=None,
    )
    sealed = database.sealer.seal(
        {"url": url, "events": events, "secrets": hook.secrets}, place=f"webhook/{tenant}/{hook.webhook_id}"
    )
    connection.execute(
        insert(webhooks).values(webhook_id=hook.webhook_id, tenant=tenant, payload=sealed, created=hook.created)
    )
    return hook


def list_hooks(connection: Connection, *, database: Database, tenant: str) -> list[Hook]:
    """The receivers of a tenant, oldest first."""
    rows = connection.execute(
        select(webhooks).where(webhooks.c.tenant == tenant).order_by(webhooks.c.created, webhooks.c.webhook_id)
    ).mappings()
    return [
        Hook(
            webhook_id=row["webhook_id"],
            tenant=tenant,
            created=row["created"],
            disabled=row["disabled"],
            **database.sealer.open(row["payload"], place=f"webhook/{tenant}/{row['webhook_id']}"),
        )
        for row in rows
    ]


def rotate_hook_secret(
    connection: Connection, *, database: Database, tenant: str, webhook_id: str, secret: str
) -> bool:
    """Sign with the new and the last secret from now on; also enables a disabled receiver again."""
    for hook in list_hooks(connection, database=database, tenant=tenant):
        if hook.webhook_id == webhook_id:
            kept = (secret, *hook.secrets)[:2]
            sealed = database.sealer.seal(
                {"url": hook.url, "events": hook.events, "secrets": kept}, place=f"webhook/{tenant}/{webhook_id}"
            )
            connection.execute(
                update(webhooks).where(webhooks.c.webhook_id == webhook_id).values(payload=sealed, disabled=None)
            )
            return True
    return False


def remove_hook(connection: Connection, *, tenant: str, webhook_id: str) -> bool:
    """Forget a receiver and what still waits for it."""
    done = connection.execute(delete(webhooks).where(webhooks.c.tenant == tenant, webhooks.c.webhook_id == webhook_id))
    return done.rowcount == 1


def announce(connection: Connection, *, database: Database, tenant: str, event: str, data: dict[str, Any]) -> int:
    """Write one delivery for each receiver that asked for ``event``; returns how many. ``data``: ids and states only."""
    waiting = 0
    for hook in list_hooks(connection, database=database, tenant=tenant):
        if hook.disabled is None and event in hook.events:
            body = {"type": event, "timestamp": now_ms(), "data": data}
            enqueue(
                connection,
                database=database,
                tenant=tenant,
                kind="webhook",
                payload=body,
                webhook_id=hook.webhook_id,
                result_id=data.get("result_id"),
            )
            waiting += 1
    return waiting


def enqueue(
    connection: Connection,
    *,
    database: Database,
    tenant: str,
    kind: Literal["webhook", "dft"],
    payload: dict[str, Any],
    webhook_id: str | None = None,
    result_id: str | None = None,
) -> str:
    """Write one message to send."""
    delivery_id = new_id()
    connection.execute(
        insert(deliveries).values(
            delivery_id=delivery_id,
            tenant=tenant,
            kind=kind,
            webhook_id=webhook_id,
            result_id=result_id,
            payload=database.sealer.seal(payload, place=f"delivery/{tenant}/{delivery_id}"),
            state="waiting",
            attempts=0,
            next_at=now_ms(),
        )
    )
    return delivery_id


def take_deliveries(connection: Connection, *, database: Database, limit: int, lease_seconds: float) -> list[Delivery]:
    """Lease the messages that are due."""
    now = now_ms()
    lapsed = deliveries.c.lease_until < now
    if database.is_sqlite:
        lapsed = or_(lapsed, deliveries.c.owner != database.owner)
    due = (
        select(deliveries.c.delivery_id)
        .where(
            or_(
                (deliveries.c.state == "waiting") & (deliveries.c.next_at <= now),
                (deliveries.c.state == "sending") & lapsed,
            )
        )
        .order_by(deliveries.c.next_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    chosen = list(connection.execute(due).scalars())
    if not chosen:
        return []
    rows = connection.execute(
        update(deliveries)
        .where(deliveries.c.delivery_id.in_(chosen))
        .values(
            state="sending",
            owner=database.owner,
            lease_until=now + round(lease_seconds * 1000),
            attempts=deliveries.c.attempts + 1,
        )
        .returning(deliveries)
    ).mappings()
    return [
        Delivery(
            delivery_id=row["delivery_id"],
            tenant=row["tenant"],
            kind=row["kind"],
            webhook_id=row["webhook_id"],
            attempts=row["attempts"],
            payload=database.sealer.open(row["payload"], place=f"delivery/{row['tenant']}/{row['delivery_id']}"),
        )
        for row in rows
    ]


def delivered(connection: Connection, *, delivery_id: str) -> None:
    """The receiver has it; nothing of it is kept."""
    connection.execute(delete(deliveries).where(deliveries.c.delivery_id == delivery_id))


def try_again(connection: Connection, *, delivery: Delivery, most: int, first_delay_seconds: float) -> bool:
    """Wait twice as long each time; after ``most`` attempts give up and disable the receiver. Whether it goes on."""
    last = delivery.attempts >= most
    delay = round(first_delay_seconds * 1000 * 2 ** (delivery.attempts - 1))
    connection.execute(
        update(deliveries)
        .where(deliveries.c.delivery_id == delivery.delivery_id)
        .values(state="failed" if last else "waiting", next_at=now_ms() + delay, lease_until=None)
    )
    if last and delivery.webhook_id:
        connection.execute(
            update(webhooks).where(webhooks.c.webhook_id == delivery.webhook_id).values(disabled=now_ms())
        )
    return not last
