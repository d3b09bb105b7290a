"""For the tenant's administrator: webhooks and the audit log."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Response
from sqlalchemy import Connection

from notecoder.exchange.webhooks import AddressRefused, check_url, new_secret, public_address
from notecoder.service.api.forms import AuditRow, HookForm, HookRow
from notecoder.service.api.routing import AtDesk, IdPath, RequestId, StrictRoute
from notecoder.service.auth import Principal, caller
from notecoder.service.problems import Problem, documented
from notecoder.service.store import audit, outbox

router = APIRouter(route_class=StrictRoute, tags=["administration"])
MAY_ADMIN = Depends(caller("admin"))
MOST_HOOKS = 20


def _row(hook: outbox.Hook, secret: str | None = None) -> dict[str, Any]:
    return {
        "webhook_id": hook.webhook_id,
        "url": hook.url,
        "events": list(hook.events),
        "created": hook.created,
        "disabled": hook.disabled,
        "secret": secret,
    }


def _log(connection: Connection, principal: Principal, action: str, object: str | None, rid: str) -> None:
    audit.record(
        connection,
        tenant=principal.tenant,
        subject=principal.subject,
        action=action,
        object=object,
        request_id=rid,
    )


@router.post(
    "/v1/webhooks",
    summary="Register a receiver",
    status_code=201,
    response_model=HookRow,
    responses=documented(400, 401, 403, 409, 413, 422),
)
async def add(
    hook: HookForm, desk: AtDesk, rid: RequestId, principal: Annotated[Principal, MAY_ADMIN]
) -> dict[str, Any]:
    """Messages carry ids and states, never a note. The secret in this answer is shown once."""
    private = desk.settings.webhook_private_addresses
    try:
        check_url(hook.url, allow_private=private)
        host, _, port = hook.url.split("/")[2].partition(":")
        await public_address(host, int(port) if port.isdigit() else 443, allow_private=private)
    except AddressRefused as refused:
        raise Problem(409, "address_refused", f"url: {refused}") from None
    secret = new_secret()

    def work(connection: Connection) -> dict[str, Any]:
        if len(outbox.list_hooks(connection, database=desk.database, tenant=principal.tenant)) >= MOST_HOOKS:
            raise Problem(409, "too_many", f"at most {MOST_HOOKS} receivers")
        made = outbox.add_hook(
            connection,
            database=desk.database,
            tenant=principal.tenant,
            url=hook.url,
            events=tuple(hook.events),
            secret=secret,
        )
        _log(connection, principal, "webhook.added", made.webhook_id, rid)
        return _row(made, secret)

    return await desk.writing(work)


@router.get("/v1/webhooks", summary="The receivers", response_model=list[HookRow], responses=documented(401, 403))
async def listed(desk: AtDesk, principal: Annotated[Principal, MAY_ADMIN]) -> list[dict[str, Any]]:
    """Receivers of this tenant, without their secrets."""
    hooks = await desk.reading(
        lambda connection: outbox.list_hooks(connection, database=desk.database, tenant=principal.tenant)
    )
    return [_row(hook) for hook in hooks]


@router.post(
    "/v1/webhooks/{webhook_id}/secret",
    summary="Rotate a signing secret",
    response_model=HookRow,
    responses=documented(401, 403, 404, 413, 422),
)
async def rotate(
    webhook_id: IdPath, desk: AtDesk, rid: RequestId, principal: Annotated[Principal, MAY_ADMIN]
) -> dict[str, Any]:
    """Sign with a new secret and the last one until the next rotation; also enables a disabled receiver again."""
    secret = new_secret()

    def work(connection: Connection) -> dict[str, Any]:
        place: dict[str, Any] = {"database": desk.database, "tenant": principal.tenant}
        if not outbox.rotate_hook_secret(connection, **place, webhook_id=webhook_id, secret=secret):
            raise Problem(404, "not_found", "there is no such receiver")
        _log(connection, principal, "webhook.rotated", webhook_id, rid)
        hooks = outbox.list_hooks(connection, **place)
        return _row(next(hook for hook in hooks if hook.webhook_id == webhook_id), secret)

    return await desk.writing(work)


@router.delete(
    "/v1/webhooks/{webhook_id}",
    summary="Forget a receiver",
    status_code=204,
    response_model=None,
    responses=documented(401, 403, 404, 422),
)
async def remove(
    webhook_id: IdPath, desk: AtDesk, rid: RequestId, principal: Annotated[Principal, MAY_ADMIN]
) -> Response:
    """Also forgets what still waits for it."""

    def work(connection: Connection) -> None:
        if not outbox.remove_hook(connection, tenant=principal.tenant, webhook_id=webhook_id):
            raise Problem(404, "not_found", "there is no such receiver")
        _log(connection, principal, "webhook.removed", webhook_id, rid)

    await desk.writing(work)
    return Response(status_code=204)


@router.get(
    "/v1/audit",
    summary="Who saw or changed what",
    response_model=list[AuditRow],
    responses=documented(401, 403, 422),
)
async def log(
    desk: AtDesk,
    principal: Annotated[Principal, MAY_ADMIN],
    after: Annotated[int, Query(ge=0, le=2**53)] = 0,
    limit: Annotated[int, Query(ge=1, le=1000)] = 200,
) -> list[dict[str, Any]]:
    """Entries of this tenant after an audit id, oldest first."""
    return await desk.reading(
        lambda connection: audit.entries(connection, tenant=principal.tenant, after=after, limit=limit)
    )
