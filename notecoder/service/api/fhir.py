"""The FHIR and CDS Hooks doors: a signed note as a resource in, a draft claim or cards out."""

from __future__ import annotations

import json
from typing import Annotated, Any, Literal
from urllib.parse import quote

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field
from pydantic_core import from_json
from sqlalchemy import Connection, insert, select, update

from notecoder.errors import NoteError
from notecoder.exchange import cds_hooks
from notecoder.exchange.fhir_in import FhirNote
from notecoder.exchange.fhir_out import outcome, result_bundle
from notecoder.exchange.offsets import in_utf16
from notecoder.exchange.webhooks import AddressRefused, guarded_request
from notecoder.service.api.notes import Offsets
from notecoder.service.api.routing import AtDesk, AtWork, IdempotencyKey, RequestId, StrictRoute
from notecoder.service.auth import Principal, caller
from notecoder.service.desk import Answer, Desk, Submission
from notecoder.service.pool import NoteRequest
from notecoder.service.problems import STATUS_OF_NOTE_ERROR, Problem, documented
from notecoder.service.store import audit, results
from notecoder.service.store.tables import cards as card_table
from notecoder.service.store.tables import now_ms

router = APIRouter(route_class=StrictRoute, tags=["exchange"])
MAY_CODE = Depends(caller("code"))
MAY_DECIDE = Depends(caller("decide"))
FHIR = "application/fhir+json"
STATUS_OF_ISSUE = {"structure": 400, "required": 422, "value": 422}
CARD_DAYS = 30
CAPABILITIES = {
    "resourceType": "CapabilityStatement",
    "status": "active",
    "date": "2026-11-24",
    "kind": "instance",
    "implementation": {"description": "notecoder: signed notes in, draft claims out"},
    "fhirVersion": "4.0.1",
    "format": ["json"],
    "rest": [
        {
            "mode": "server",
            "operation": [
                {
                    "name": "code-note",
                    "definition": "urn:notecoder:fhir:OperationDefinition/code-note",
                    "documentation": "POST a DocumentReference or a Bundle; a Bundle with Claim, Provenance and "
                    "DetectedIssue comes back. Errors are OperationOutcomes.",
                }
            ],
        }
    ],
}


class FeedbackItem(BaseModel):
    """What became of one card."""

    model_config = ConfigDict(extra="allow", strict=True)

    card: str = Field(min_length=1, max_length=36)
    outcome: Literal["accepted", "overridden"]
    outcomeTimestamp: str = Field(min_length=10, max_length=40)
    acceptedSuggestions: list[dict[str, Any]] = Field(default_factory=list, max_length=20)
    overrideReason: dict[str, Any] | None = None


class Feedback(BaseModel):
    """CDS Hooks feedback."""

    model_config = ConfigDict(extra="allow", strict=True)

    feedback: list[FeedbackItem] = Field(min_length=1, max_length=100)


async def answer_outcome(_request: Request, error: Exception) -> JSONResponse:
    """FastAPI's hook for ``FhirProblem``."""
    if not isinstance(error, FhirProblem):
        raise error
    return error.response()


def _fhir(body: dict[str, Any], status: int = 200) -> JSONResponse:
    return JSONResponse(body, status_code=status, media_type=FHIR)


async def _read(desk: Desk, resource: Any) -> list[FhirNote]:
    """The notes in a resource. Raises ``FhirProblem``."""
    read = await desk.pool.call("notecoder.exchange.fhir_in:read_fhir_plain", resource)
    if refused := read.get("refused"):
        raise FhirProblem(refused["code"], refused["message"], refused["where"])
    return [FhirNote.model_validate(note) for note in read["notes"]]


class FhirProblem(Exception):
    """Answered as an OperationOutcome."""

    def __init__(self, code: str, message: str, where: str | None = None) -> None:
        super().__init__(code)
        self.code, self.message, self.where = code, message, where

    def response(self) -> JSONResponse:
        """The OperationOutcome."""
        return _fhir(outcome(self.code, self.message, where=self.where), status=STATUS_OF_ISSUE.get(self.code, 422))


async def _code(
    desk: Desk, note: FhirNote, *, kind: Literal["fhir", "cds"], principal: Principal, rid: str, key: str | None
) -> Answer:
    submission = Submission(
        request=NoteRequest(
            text=note.text,
            context=note.context,
            id=note.document,
            documents=note.documents,
            unverified_dates=desk.settings.unverified_dates,
        ),
        kind=kind,
        document=note.document,
        replaces=note.replaces,
        origin=note.origin,
    )
    return await desk.code(submission, principal=principal, request_id=rid, key=key)


@router.get("/fhir/metadata", include_in_schema=False)
async def metadata(principal: Annotated[Principal, MAY_CODE]) -> Response:
    """What the FHIR door offers."""
    return _fhir(CAPABILITIES)


@router.post("/fhir/$code-note", include_in_schema=False, response_model=None)
async def code_note_resource(
    request: Request,
    desk: AtDesk,
    worker: AtWork,
    rid: RequestId,
    principal: Annotated[Principal, MAY_CODE],
    key: IdempotencyKey = None,
    offsets: Offsets = "codepoints",
) -> Response:
    """A DocumentReference or Bundle in; the draft Claim with its evidence out. Errors are OperationOutcomes."""
    try:
        resource = from_json(await request.body(), allow_inf_nan=False)
    except ValueError:
        return FhirProblem("structure", "the body is not JSON").response()
    entries: list[dict[str, Any]] = []
    try:
        notes = await _read(desk, resource)
        for note in notes:
            if note.withdrawn:
                await _withdraw(desk, note, principal=principal, rid=rid)
                continue
            own_key = None if key is None else f"fhir {note.document} {key}"[:255]
            answer = await _code(desk, note, kind="fhir", principal=principal, rid=rid, key=own_key)
            result = answer.result
            if offsets == "utf16":
                texts = {str(document["id"]): str(document["text"]) for document in note.documents}
                result = in_utf16(result, text=note.text, documents=texts)
            bundle = result_bundle(
                result,
                result_id=answer.result_id,
                origin=note.origin,
                recorded_ms=now_ms(),
                offset_unit=offsets,
            )
            entries.extend(bundle["entry"])
    except FhirProblem as problem:
        return problem.response()
    except NoteError as error:
        return _fhir(outcome("invalid", error.message), status=STATUS_OF_NOTE_ERROR.get(error.code, 422))
    worker.send()
    answer_bundle: dict[str, Any] = {"resourceType": "Bundle", "type": "collection"}
    if entries:
        answer_bundle["entry"] = entries
    return _fhir(answer_bundle)


async def _withdraw(desk: Desk, note: FhirNote, *, principal: Principal, rid: str) -> None:
    finger = desk.database.sealer.fingerprint("document", principal.tenant, note.document)

    def work(connection: Connection) -> None:
        results.withdraw_document(connection, tenant=principal.tenant, document_key=finger)
        audit.record(
            connection,
            tenant=principal.tenant,
            subject=principal.subject,
            action="document.withdrawn",
            request_id=rid,
        )

    await desk.writing(work)


def _cors(request: Request, desk: Desk) -> dict[str, str]:
    origin = request.headers.get("origin")
    if origin is None or origin not in desk.settings.cds_origins:
        return {}
    return {
        "Access-Control-Allow-Origin": origin,
        "Access-Control-Allow-Methods": "GET, POST, OPTIONS",
        "Access-Control-Allow-Headers": "Authorization, Content-Type",
        "Access-Control-Max-Age": "600",
        "Vary": "Origin",
    }


@router.options("/cds-services", include_in_schema=False)
@router.options("/cds-services/{rest:path}", include_in_schema=False)
async def preflight(request: Request, desk: AtDesk) -> Response:
    """CORS for the sandboxes on the list."""
    return Response(status_code=204, headers=_cors(request, desk))


@router.get(
    "/cds-services",
    summary="CDS Hooks discovery",
    response_model=None,
    responses={
        200: {"content": {"application/json": {"schema": {"type": "object"}}}, "description": "The services"},
        **documented(401, 403),
    },
)
async def discovery(request: Request, desk: AtDesk, principal: Annotated[Principal, MAY_CODE]) -> Response:
    """The services on offer."""
    return JSONResponse({"services": list(cds_hooks.SERVICES)}, headers=_cors(request, desk))


@router.post(
    "/cds-services/{service_id}",
    summary="CDS Hooks call",
    response_model=None,
    responses={
        200: {"content": {"application/json": {"schema": {"type": "object"}}}, "description": "Cards"},
        **documented(400, 401, 403, 404, 409, 412, 413, 422, 503),
    },
)
async def call(
    service_id: str,
    said: dict[str, Any],
    request: Request,
    desk: AtDesk,
    worker: AtWork,
    rid: RequestId,
    principal: Annotated[Principal, MAY_CODE],
) -> Response:
    """Cards for the encounter's signed notes."""
    service = cds_hooks.service(service_id)
    if service is None:
        raise Problem(404, "not_found", "there is no such service")
    try:
        cds_hooks.check_call(said, hook=service["hook"])
        bundle = cds_hooks.bundle_of(said, await _fetch_missing(desk, said))
        notes = [note for note in await _read(desk, bundle) if not note.withdrawn]
    except cds_hooks.HookRefused as refused:
        raise Problem(refused.status, "bad_call", refused.message) from None
    except FhirProblem as problem:
        if problem.code == "business-rule":
            return JSONResponse({"cards": []}, headers=_cors(request, desk))
        raise Problem(412, "bad_prefetch", problem.message) from None
    shown: list[dict[str, Any]] = []
    page = desk.settings.base_url.rstrip("/") if desk.settings.base_url else None
    for note in notes:
        answer = await _code(desk, note, kind="cds", principal=principal, rid=rid, key=None)
        claim = result_bundle(answer.result, result_id=answer.result_id, origin=note.origin, recorded_ms=now_ms())[
            "entry"
        ][0]["resource"]
        found = cds_hooks.cards(answer.result, result_id=answer.result_id, claim=claim, page=page)
        await _remember(desk, found, tenant=principal.tenant, result_id=answer.result_id)
        shown.extend(found)
    worker.send()
    return JSONResponse({"cards": shown}, headers=_cors(request, desk))


async def _remember(desk: Desk, shown: list[dict[str, Any]], *, tenant: str, result_id: str) -> None:
    def work(connection: Connection) -> None:
        connection.execute(
            insert(card_table),
            [
                {
                    "card_id": card["uuid"],
                    "tenant": tenant,
                    "result_id": result_id,
                    "position": position,
                    "expires": now_ms() + CARD_DAYS * 86_400_000,
                }
                for position, card in enumerate(shown)
            ],
        )

    await desk.writing(work)


async def _fetch_missing(desk: Desk, said: dict[str, Any]) -> dict[str, Any]:
    """Prefetch that the EHR left out, asked from its FHIR server, if that is on the list of servers we may ask."""
    prefetch, server = said.get("prefetch"), said.get("fhirServer")
    if isinstance(prefetch, dict) and prefetch.get(cds_hooks.NEEDED):
        return {}
    if not isinstance(server, str) or server.rstrip("/") not in {one.rstrip("/") for one in desk.settings.fhir_servers}:
        return {}
    granted = said.get("fhirAuthorization")
    token = granted.get("access_token") if isinstance(granted, dict) else None
    headers = {"Accept": FHIR}
    if isinstance(token, str) and token.isascii() and token.isprintable():
        headers["Authorization"] = f"Bearer {token}"
    found: dict[str, Any] = {}
    for name, template in cds_hooks.PREFETCH.items():
        path = template
        for field in ("encounterId", "patientId"):
            path = path.replace("{{context." + field + "}}", quote(str(said["context"][field]), safe=""))
        try:
            status, body = await guarded_request(
                "GET",
                f"{server.rstrip('/')}/{path}",
                headers=headers,
                content=None,
                allow_private=desk.settings.webhook_private_addresses,
                longest=16_000_000,
            )
            if status == 200:
                found[name] = json.loads(body)
        except (AddressRefused, ValueError):
            continue
    return found


@router.post(
    "/cds-services/{service_id}/feedback",
    summary="CDS Hooks feedback",
    status_code=200,
    response_model=None,
    responses={
        200: {"content": {"application/json": {"schema": {"type": "object"}}}, "description": "Recorded"},
        **documented(400, 401, 403, 404, 413, 422),
    },
)
async def feedback(
    service_id: str,
    said: Feedback,
    desk: AtDesk,
    rid: RequestId,
    principal: Annotated[Principal, MAY_DECIDE],
) -> Response:
    """What became of the cards: the figure coaches ask for."""
    if cds_hooks.service(service_id) is None:
        raise Problem(404, "not_found", "there is no such service")

    def work(connection: Connection) -> int:
        known = 0
        for item in said.feedback:
            mine = (card_table.c.card_id == item.card) & (card_table.c.tenant == principal.tenant)
            row = connection.execute(select(card_table.c.result_id).where(mine)).first()
            if row is None:
                continue
            known += 1
            sealed = desk.database.sealer.seal(
                item.model_dump(mode="json"), place=f"card/{principal.tenant}/{item.card}"
            )
            connection.execute(update(card_table).where(mine).values(outcome=item.outcome, payload=sealed))
            audit.record(
                connection,
                tenant=principal.tenant,
                subject=principal.subject,
                action=f"card.{item.outcome}",
                object=row[0],
                request_id=rid,
            )
        return known

    return JSONResponse({"recorded": await desk.writing(work)})
