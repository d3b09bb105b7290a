"""Notes in: one at a time with the answer at once, or many with a job to ask for."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import JSONResponse
from pydantic import ValidationError
from sqlalchemy import Connection

from notecoder.exchange.offsets import in_utf16
from notecoder.service.api.forms import BatchForm, CodedForm, ExtractedForm, JobAccepted, JobForm, NoteForm
from notecoder.service.api.routing import AtDesk, AtWork, IdempotencyKey, IdPath, RequestId, StrictRoute
from notecoder.service.auth import Principal, caller
from notecoder.service.desk import Desk, Submission
from notecoder.service.pool import NoteRequest
from notecoder.service.problems import Problem, documented
from notecoder.service.store import jobs, promises

router = APIRouter(route_class=StrictRoute, tags=["notes"])
Offsets = Annotated[
    Literal["codepoints", "utf16"],
    Query(description="How start and end count: Unicode code points, or UTF-16 units as browsers and Java do."),
]
MAY_CODE = Depends(caller("code"))
MAY_READ = Depends(caller("read"))
READABLE_FILES = {
    "application/pdf": "pdf",
    "application/rtf": "rtf",
    "text/rtf": "rtf",
    "text/html": "html",
    "text/plain": "text",
}


def submission_of(note: NoteForm, *, desk: Desk, kind: Literal["api", "page", "batch"]) -> Submission:
    """A REST note as the desk takes it."""
    return Submission(
        request=NoteRequest(
            text=note.text,
            context=note.context.model_dump(mode="json", exclude_unset=True),
            id=note.id,
            documents=tuple(document.model_dump(mode="json") for document in note.documents),
            unverified_dates=desk.settings.unverified_dates,
        ),
        kind=kind,
        document=note.id if note.replaces else None,
        replaces=note.replaces,
    )


@router.post(
    "/v1/notes:code",
    summary="Code one note",
    response_model=None,
    responses={200: {"model": CodedForm}, **documented(400, 401, 403, 409, 413, 422, 503)},
)
async def code_one(
    request: Request,
    note: NoteForm,
    desk: AtDesk,
    worker: AtWork,
    rid: RequestId,
    principal: Annotated[Principal, MAY_CODE],
    key: IdempotencyKey = None,
    offsets: Offsets = "codepoints",
) -> Response:
    """The claim the note supports, with the words and the rule behind every code."""
    kind: Literal["api", "page"] = "page" if principal.kind in {"session"} else "api"
    answer = await desk.code(submission_of(note, desk=desk, kind=kind), principal=principal, request_id=rid, key=key)
    result: dict[str, Any] = answer.result
    if offsets == "utf16":
        result = in_utf16(result, text=note.text, documents={item.id: item.text for item in note.documents})
    if answer.messages:
        worker.send()
    kept = desk.settings.keep != "nothing"
    headers = {"Idempotent-Replayed": "true"} if answer.replayed else {}
    return JSONResponse({**result, "result_id": answer.result_id if kept else None}, headers=headers)


@router.post(
    "/v1/notes:batch",
    summary="Code many notes later",
    status_code=202,
    response_model=JobAccepted,
    responses=documented(400, 401, 403, 409, 413, 422),
)
async def code_many(
    batch: BatchForm,
    response: Response,
    desk: AtDesk,
    worker: AtWork,
    rid: RequestId,
    principal: Annotated[Principal, MAY_CODE],
    key: IdempotencyKey = None,
) -> JobAccepted:
    """Notes are on disk when this answers 202; ask for the job. Notes of one encounter and day are coded together."""
    if len(batch.notes) > desk.settings.max_batch_notes:
        raise Problem(422, "too_many_notes", f"at most {desk.settings.max_batch_notes} notes in one batch")
    job_id = promises.new_id()
    if key is not None:
        promise = await desk.promise(principal, key=f"batch {key}"[:255], body={"notes": batch.notes})
        job_id = promise.outcome_id
    rows = _grouped(batch.notes, desk)

    def accept(connection: Connection) -> None:
        desk.accept(
            connection,
            rows,
            job_id=job_id,
            kind="batch",
            tenant=principal.tenant,
            subject=principal.subject,
            request_id=rid,
        )
        if key is not None:
            promises.keep_promise(connection, database=desk.database, tenant=principal.tenant, key=f"batch {key}"[:255])

    await desk.writing(accept)
    worker.wake()
    response.headers["Location"] = f"/v1/jobs/{job_id}"
    response.headers["Retry-After"] = "1"
    return JobAccepted(job_id=job_id, total=len(batch.notes))


def _grouped(notes: list[dict[str, Any]], desk: Desk) -> list[tuple[Submission | None, str | None, int | None]]:
    """(submission, caller's id, position it is coded with) for each note; a note without form fails on its own."""
    rows: list[tuple[Submission | None, str | None, int | None]] = []
    first: dict[tuple[str, str], int] = {}
    for position, raw in enumerate(notes):
        said = raw.get("id")
        label = said if isinstance(said, str) and len(said) <= 200 else None
        try:
            note = NoteForm.model_validate(raw)
        except ValidationError:
            rows.append((_refused(raw, desk), label, None))
            continue
        submission, encounter = submission_of(note, desk=desk, kind="batch"), note.context.encounter_id
        main = first.get((encounter, note.context.date_of_service)) if encounter else None
        if main is None:
            if encounter:
                first[(encounter, note.context.date_of_service)] = position
            rows.append((submission, label, None))
            continue
        whole = rows[main][0]
        if whole is not None:
            added = {"id": note.id or f"note-{position}", "kind": "visit", "date": None, "text": note.text}
            documents = (*whole.request.documents, added, *submission.request.documents)
            joined = whole.request.model_copy(update={"documents": documents})
            rows[main] = (whole.model_copy(update={"request": joined}), rows[main][1], None)
        rows.append((None, label, main))
    return rows


def _refused(raw: dict[str, Any], desk: Desk) -> Submission:
    """A note that has not the form: coding it gives the error that fits (empty_note, date_missing, ...)."""
    text, context = raw.get("text"), raw.get("context")
    context = context if isinstance(context, dict) else {}
    known = {"date_of_service": context.get("date_of_service")} if "date_of_service" in context else {}
    if isinstance(text, str) and text.strip() and known:
        known = {**known, "place_of_service": "not as described"}
    return Submission(
        request=NoteRequest(
            text=text if isinstance(text, str) else "", context=known, unverified_dates=desk.settings.unverified_dates
        ),
        kind="batch",
    )


@router.get(
    "/v1/jobs/{job_id}",
    summary="How far a job is",
    response_model=JobForm,
    responses=documented(401, 403, 404, 422),
)
async def job(job_id: IdPath, desk: AtDesk, principal: Annotated[Principal, MAY_READ]) -> dict[str, Any]:
    """Each note of the job with its state and, when done, its result's id."""
    found = await desk.reading(
        lambda connection: jobs.read_job(connection, database=desk.database, tenant=principal.tenant, job_id=job_id)
    )
    if found is None:
        raise Problem(404, "not_found", "there is no such job (or it was finished long ago)")
    return found


@router.post(
    "/v1/text:extract",
    summary="Text of a PDF, RTF or HTML file",
    response_model=ExtractedForm,
    responses=documented(401, 403, 413, 415, 503),
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                "text/plain": {"schema": {}},
                "text/html": {"schema": {}},
                "application/rtf": {"schema": {"type": "string", "format": "binary"}},
                "application/pdf": {"schema": {"type": "string", "format": "binary"}},
            },
        }
    },
)
async def extract(request: Request, desk: AtDesk, principal: Annotated[Principal, MAY_CODE]) -> Any:
    """The file's text in reading order with a map back to pages and positions; no text: ``warnings`` says why."""
    media = request.headers.get("content-type", "").split(";")[0].strip().lower()
    kind = READABLE_FILES.get(media)
    if kind is None:
        raise Problem(415, "unsupported_file", f"expected one of {', '.join(READABLE_FILES)}")
    extracted = await desk.pool.call("notecoder.exchange.extract:extract_plain", await request.body(), kind)
    if "error" in extracted:
        extracted = {"text": "", "kind": kind, "pages": 0, "segments": [], "warnings": [extracted["error"]]}
    return JSONResponse(extracted)
