"""Results out: read again, decide, follow a gap's question, take the claim along, delete."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Path, Query, Response
from fastapi.responses import JSONResponse
from sqlalchemy import Connection

from notecoder.exchange.claim_csv import claim_csv
from notecoder.exchange.fhir_out import result_bundle
from notecoder.exchange.hl7_charges import charge_message
from notecoder.service.api.result_forms import (
    DecisionAnswer,
    DecisionForm,
    GapForm,
    ResultList,
    StoredForm,
    StoredGapForm,
)
from notecoder.service.api.routing import AtDesk, AtWork, IdPath, RequestId, StrictRoute
from notecoder.service.auth import Principal, caller
from notecoder.service.decisions import check_decision, check_final, decided_lines, line_record
from notecoder.service.desk import Desk
from notecoder.service.problems import Problem, documented
from notecoder.service.store import audit, outbox, results

router = APIRouter(route_class=StrictRoute, tags=["results"])
MAY_READ = Depends(caller("read"))
MAY_DECIDE = Depends(caller("decide"))
MAY_ADMIN = Depends(caller("admin"))
GONE = "there is no such result (or its time is over)"


def _state(stored: results.StoredResult) -> str:
    if stored.withdrawn:
        return "withdrawn"
    return "superseded" if stored.superseded_by and stored.state == "open" else stored.state


def _found(
    connection: Connection, desk: Desk, principal: Principal, result_id: str, *, action: str, rid: str
) -> results.StoredResult:
    """The result, with its audit entry. Raises ``Problem`` 404, also for another tenant's."""
    stored = results.read_result(
        connection,
        database=desk.database,
        tenant=principal.tenant,
        result_id=result_id,
        to_change=not action.endswith(("read", "exported")),
    )
    if stored is None:
        raise Problem(404, "not_found", GONE)
    audit.record(
        connection,
        tenant=principal.tenant,
        subject=principal.subject,
        action=action,
        object=result_id,
        request_id=rid,
    )
    return stored


def _whole(connection: Connection, desk: Desk, stored: results.StoredResult) -> dict[str, Any]:
    """A stored result with its decisions and the life of its gaps."""
    place: dict[str, Any] = {"database": desk.database, "tenant": stored.tenant, "result_id": stored.result_id}
    histories = results.gap_histories(connection, **place)
    body = dict(stored.payload)
    body["gaps"] = [
        {
            **gap,
            "state": histories[number][-1]["state"] if number in histories else "open",
            "history": histories.get(number, []),
        }
        for number, gap in enumerate(body["gaps"])
    ]
    return {
        **body,
        "text_kept": stored.source is not None,
        "result_id": stored.result_id,
        "version": stored.version,
        "superseded_by": stored.superseded_by,
        "state": _state(stored),
        "created": stored.created,
        "expires": stored.expires,
        "decisions": results.read_decisions(connection, **place),
    }


@router.get("/v1/results", summary="The worklist", response_model=ResultList, responses=documented(401, 403, 422))
async def worklist(
    desk: AtDesk,
    principal: Annotated[Principal, MAY_READ],
    state: Annotated[Literal["open", "accepted", "rejected"] | None, Query()] = None,
    disposition: Annotated[Literal["ready", "review", "hold"] | None, Query()] = None,
    before: Annotated[int | None, Query(ge=0, le=2**53)] = None,
    limit: Annotated[int, Query(ge=1, le=results.LONGEST_LIST)] = 50,
) -> dict[str, Any]:
    """Results of this tenant, newest first."""
    rows = await desk.reading(
        lambda connection: results.list_results(
            connection,
            tenant=principal.tenant,
            state=state,
            disposition=disposition,
            before=before,
            limit=limit,
        )
    )
    return {"results": rows, "next": rows[-1]["created"] if len(rows) == limit else None}


@router.get(
    "/v1/results/{result_id}",
    summary="A result again",
    response_model=None,
    responses={200: {"model": StoredForm}, **documented(401, 403, 404, 422)},
)
async def read(result_id: IdPath, desk: AtDesk, rid: RequestId, principal: Annotated[Principal, MAY_READ]) -> Response:
    """The result as it was kept, with its decisions and the state of its gaps."""

    def work(connection: Connection) -> dict[str, Any]:
        return _whole(connection, desk, _found(connection, desk, principal, result_id, action="result.read", rid=rid))

    return JSONResponse(await desk.writing(work))


@router.delete(
    "/v1/results/{result_id}",
    summary="Delete a result",
    status_code=204,
    response_model=None,
    responses=documented(401, 403, 404, 422),
)
async def remove(
    result_id: IdPath, desk: AtDesk, rid: RequestId, principal: Annotated[Principal, MAY_ADMIN]
) -> Response:
    """Remove a result with its decisions, its text and what waits to be sent. The audit log keeps that it was done."""

    def work(connection: Connection) -> None:
        _found(connection, desk, principal, result_id, action="result.deleted", rid=rid)
        results.delete_result(connection, tenant=principal.tenant, result_id=result_id)

    await desk.writing(work)
    await desk.reading(lambda _: desk.database.shrink_log())
    return Response(status_code=204)


@router.post(
    "/v1/results/{result_id}/decision",
    summary="Accept, change or reject lines",
    response_model=DecisionAnswer,
    responses=documented(400, 401, 403, 404, 409, 413, 422),
)
async def decide(
    result_id: IdPath,
    decision: DecisionForm,
    desk: AtDesk,
    worker: AtWork,
    rid: RequestId,
    principal: Annotated[Principal, MAY_DECIDE],
) -> dict[str, Any]:
    """Record a coder's decision. The final one closes the result; of a note that came by HL7 it sends the charges."""
    said = decision.model_dump(mode="json", exclude={"final"})

    def work(connection: Connection) -> dict[str, Any]:
        stored = _found(connection, desk, principal, result_id, action="result.decided", rid=rid)
        place: dict[str, Any] = {"database": desk.database, "tenant": principal.tenant, "result_id": result_id}
        check_decision(stored, said)
        made = [*results.read_decisions(connection, **place), said]
        lines, state = decided_lines(stored.payload, made), "open"
        if decision.final:
            check_final(stored, said, line_record(made))
            state = "accepted" if lines else "rejected"
        decision_id = results.save_decision(
            connection,
            **place,
            subject=principal.subject,
            decision=said,
            final=decision.final,
            state=state,
        )
        if decision.final:
            _tell(connection, desk, stored, lines=lines, state=state)
        return {"decision_id": decision_id, "state": state, "lines": lines}

    answer = await desk.writing(work)
    worker.wake()
    return answer


def _tell(
    connection: Connection, desk: Desk, stored: results.StoredResult, *, lines: list[dict[str, Any]], state: str
) -> None:
    """Others hear of a final decision: webhooks, and the charge feed for a claim that came by HL7."""
    outbox.announce(
        connection,
        database=desk.database,
        tenant=stored.tenant,
        event="result.decided",
        data={"result_id": stored.result_id, "state": state},
    )
    feed = desk.settings.charge_feed
    if stored.origin_kind == "hl7" and feed is not None and state == "accepted" and stored.origin:
        message = charge_message(
            lines=lines,
            context=stored.payload["context"],
            origin=stored.origin,
            result_id=stored.result_id,
            application=feed.application,
            facility=feed.facility,
        )
        outbox.enqueue(
            connection,
            database=desk.database,
            tenant=stored.tenant,
            kind="dft",
            payload={"message": message},
            result_id=stored.result_id,
        )


@router.post(
    "/v1/results/{result_id}/gaps/{number}",
    summary="A gap's question moved on",
    response_model=StoredGapForm,
    responses=documented(400, 401, 403, 404, 409, 413, 422),
)
async def move_gap(
    result_id: IdPath,
    number: Annotated[int, Path(ge=0, le=1000)],
    moved: GapForm,
    desk: AtDesk,
    rid: RequestId,
    principal: Annotated[Principal, MAY_DECIDE],
) -> dict[str, Any]:
    """Note that the question was sent, answered, or changed."""

    def work(connection: Connection) -> dict[str, Any]:
        stored = _found(connection, desk, principal, result_id, action=f"gap.{moved.state}", rid=rid)
        if number >= len(stored.payload["gaps"]):
            raise Problem(404, "not_found", "there is no such gap")
        results.record_gap(
            connection,
            database=desk.database,
            tenant=principal.tenant,
            result_id=result_id,
            gap=number,
            state=moved.state,
            subject=principal.subject,
            answer=moved.answer,
        )
        gap: dict[str, Any] = _whole(connection, desk, stored)["gaps"][number]
        return gap

    return await desk.writing(work)


@router.get(
    "/v1/results/{result_id}/claim.csv",
    summary="The claim as 837P-ready CSV",
    response_model=None,
    responses={
        200: {"content": {"text/csv": {"schema": {"type": "string"}}}, "description": "One row a service line"},
        **documented(401, 403, 404, 422),
    },
)
async def as_csv(
    result_id: IdPath, desk: AtDesk, rid: RequestId, principal: Annotated[Principal, MAY_READ]
) -> Response:
    """The claim as the coder left it, with the columns an 837P needs of a note."""

    def work(connection: Connection) -> str:
        stored = _found(connection, desk, principal, result_id, action="claim.exported", rid=rid)
        made = results.read_decisions(connection, database=desk.database, tenant=principal.tenant, result_id=result_id)
        return claim_csv(decided_lines(stored.payload, made), context=stored.payload["context"], claim_id=result_id)

    return Response(await desk.writing(work), media_type="text/csv")


@router.get(
    "/v1/results/{result_id}/fhir",
    summary="The claim as a FHIR R4 bundle",
    response_model=None,
    responses={
        200: {"content": {"application/fhir+json": {"schema": {"type": "object"}}}, "description": "A Bundle"},
        **documented(401, 403, 404, 422),
    },
)
async def as_fhir(
    result_id: IdPath, desk: AtDesk, rid: RequestId, principal: Annotated[Principal, MAY_READ]
) -> Response:
    """Claim (draft), Provenance and a DetectedIssue for each gap; lines as the coder left them."""

    def work(connection: Connection) -> dict[str, Any]:
        stored = _found(connection, desk, principal, result_id, action="claim.exported", rid=rid)
        made = results.read_decisions(connection, database=desk.database, tenant=principal.tenant, result_id=result_id)
        return result_bundle(
            stored.payload,
            result_id=result_id,
            origin=stored.origin or {},
            recorded_ms=stored.created,
            decided=decided_lines(stored.payload, made) if made else None,
        )

    return JSONResponse(await desk.writing(work), media_type="application/fhir+json")
