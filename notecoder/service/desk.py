"""The coder's desk: every door (REST, page, FHIR, CDS Hooks, HL7) hands its notes in here and gets results back.

A note is coded, cut down to what the policy keeps, and stored in one transaction together with its audit entry, the
webhooks it causes and the promise made to the caller. Nothing is stored for a note that was refused.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, TypeVar

from sqlalchemy import Connection
from starlette.concurrency import run_in_threadpool

from notecoder.errors import NoteError
from notecoder.evidence import Frozen
from notecoder.service.auth import Principal
from notecoder.service.journal import Figures
from notecoder.service.policy import kept_form, result_expires, text_expires
from notecoder.service.pool import CodingFailed, CodingPool, NoteRequest
from notecoder.service.problems import Problem
from notecoder.service.settings import Settings
from notecoder.service.store import audit, jobs, outbox, promises, results
from notecoder.service.store.database import Database

T = TypeVar("T")
LONGEST_KEY = 255


class Submission(Frozen):
    """A note as a door hands it in.

    ``document`` and ``replaces`` are the sender's names of the document and of the one it replaces; ``origin`` is what
    has to be said again when the claim goes back (patient and encounter references, HL7 segments).
    """

    request: NoteRequest
    kind: results.OriginKind
    document: str | None = None
    replaces: str | None = None
    origin: dict[str, Any] | None = None


class Answer(Frozen):
    """A coded note. ``replayed``: the caller had asked before under the same idempotency key.

    ``messages``: how many webhooks now wait to be sent.
    """

    result_id: str
    result: dict[str, Any]
    replayed: bool = False
    messages: int = 0


class Desk:
    """Codes notes and keeps what the policy says."""

    def __init__(self, *, settings: Settings, database: Database, pool: CodingPool, figures: Figures) -> None:
        self.settings = settings
        self.database = database
        self.pool = pool
        self.figures = figures

    async def reading(self, work: Callable[[Connection], T]) -> T:
        """Run ``work`` with a connection, off the event loop."""

        def run() -> T:
            with self.database.read() as connection:
                return work(connection)

        return await run_in_threadpool(run)

    async def writing(self, work: Callable[[Connection], T]) -> T:
        """Run ``work`` in one transaction, off the event loop."""

        def run() -> T:
            with self.database.write() as connection:
                return work(connection)

        return await run_in_threadpool(run)

    async def code(
        self, submission: Submission, *, principal: Principal, request_id: str | None, key: str | None = None
    ) -> Answer:
        """Code one note now. Raises ``NoteError``, ``CodingFailed``, or ``Problem`` for a clash of idempotency keys."""
        result_id = promises.new_id()
        if key is not None:
            promise = await self.promise(principal, key=key, body=submission.model_dump(mode="json"))
            result_id = promise.outcome_id
            if promise.state == "done":
                return await self._again(submission, principal=principal, result_id=result_id)
        submission, earlier = await self._with_encounter(submission, tenant=principal.tenant)
        try:
            result = await self.pool.code(submission.request)
        except (NoteError, CodingFailed):
            if key is not None:
                dropped = key
                await self.writing(
                    lambda connection: promises.drop_promise(
                        connection, database=self.database, tenant=principal.tenant, key=dropped
                    )
                )
            raise

        def store(connection: Connection) -> int:
            messages = self.store(
                connection,
                submission,
                result=result,
                result_id=result_id,
                tenant=principal.tenant,
                subject=principal.subject,
                request_id=request_id,
                earlier=earlier,
            )
            if key is not None:
                promises.keep_promise(connection, database=self.database, tenant=principal.tenant, key=key)
            return messages

        messages = await self.writing(store)
        self.figures.notes.labels(result["disposition"]).inc()
        return Answer(result_id=result_id, result=result, messages=messages)

    async def promise(self, principal: Principal, *, key: str, body: dict[str, Any]) -> promises.Promise:
        """Take the idempotency key. Raises ``Problem`` 409 while another request works on it or for another body."""
        if not 1 <= len(key) <= LONGEST_KEY:
            raise Problem(422, "bad_idempotency_key", f"Idempotency-Key: expected 1 to {LONGEST_KEY} characters")
        said = self.database.sealer.fingerprint("body", json.dumps(body, sort_keys=True))
        promise = await self.writing(
            lambda connection: promises.make_promise(
                connection,
                database=self.database,
                tenant=principal.tenant,
                key=key,
                body=said,
                lease_seconds=self.settings.lease_seconds,
            )
        )
        if promise.state == "mismatch":
            raise Problem(409, "idempotency_mismatch", "this Idempotency-Key was used with another request")
        if promise.state == "busy":
            raise Problem(
                409,
                "in_progress",
                "the first request with this key is still being answered",
                headers={"Retry-After": "1"},
            )
        return promise

    def store(
        self,
        connection: Connection,
        submission: Submission,
        *,
        result: dict[str, Any],
        result_id: str,
        tenant: str,
        subject: str,
        request_id: str | None,
        earlier: list[str] | None = None,
    ) -> int:
        """Write a result with everything that belongs to it, once; returns how many webhooks wait for sending.

        With ``nothing``, only what is fetched later is written.
        """
        fetched_later = submission.kind in {"batch", "hl7"}
        if self.settings.keep == "nothing" and not fetched_later:
            self._log(connection, tenant, subject, "note.coded", result_id, request_id)
            return 0
        request, finger = submission.request, self.database.sealer.fingerprint
        texts = [request.text, *(str(document.get("text", "")) for document in request.documents)]
        encounter = request.context.get("encounter_id")
        new = results.NewResult(
            result_id=result_id,
            tenant=tenant,
            origin_kind=submission.kind,
            text_key=finger("text", tenant, *texts),
            payload=kept_form(result, texts=texts, keep=self.settings.keep),
            source=request.model_dump(mode="json") if self.settings.keep == "all" else None,
            origin=submission.origin,
            document_key=finger("document", tenant, submission.document) if submission.document else None,
            replaces_key=finger("document", tenant, submission.replaces) if submission.replaces else None,
            encounter_key=finger("encounter", tenant, str(encounter)) if encounter else None,
            expires=result_expires(self.settings),
            text_expires=text_expires(self.settings),
        )
        if not results.save_result(connection, database=self.database, new=new):
            return 0
        if earlier:
            results.supersede(connection, tenant=tenant, earlier=earlier, by=result_id)
        self._log(connection, tenant, subject, "note.coded", result_id, request_id)
        messages = outbox.announce(
            connection,
            database=self.database,
            tenant=tenant,
            event="result.created",
            data={"result_id": result_id, "disposition": result["disposition"]},
        )
        for replaced in results.superseded_by(connection, tenant=tenant, result_id=result_id):
            messages += outbox.announce(
                connection,
                database=self.database,
                tenant=tenant,
                event="result.superseded",
                data={"result_id": replaced, "superseded_by": result_id},
            )
        return messages

    def accept(
        self,
        connection: Connection,
        submissions: list[tuple[Submission | None, str | None, int | None]],
        *,
        job_id: str,
        kind: str,
        tenant: str,
        subject: str,
        request_id: str | None,
    ) -> bool:
        """Write notes to be coded later: (submission, caller's id, position it is coded with). False when known."""
        ids = [promises.new_id() for _ in submissions]
        items = [
            jobs.NewItem(
                result_id=ids[position if joined is None else joined],
                label=label,
                request=None if submission is None else submission.model_dump(mode="json"),
                same_as=joined,
            )
            for position, (submission, label, joined) in enumerate(submissions)
        ]
        new = jobs.add_job(
            connection,
            database=self.database,
            job_id=job_id,
            tenant=tenant,
            subject=subject,
            kind=kind,
            items=items,
            keep_hours=self.settings.keep_job_hours,
        )
        if new:
            self._log(connection, tenant, subject, f"{kind}.accepted", job_id, request_id)
        return new

    async def _again(self, submission: Submission, *, principal: Principal, result_id: str) -> Answer:
        """The same answer once more: read back if its text is kept, otherwise coded again from the same words."""
        stored = await self.reading(
            lambda connection: results.read_result(
                connection, database=self.database, tenant=principal.tenant, result_id=result_id
            )
        )
        if stored is not None and stored.payload.get("text_kept"):
            result = {name: value for name, value in stored.payload.items() if name != "text_kept"}
        else:
            result = await self.pool.code(submission.request)
        return Answer(result_id=result_id, result=result, replayed=True)

    async def _with_encounter(self, submission: Submission, *, tenant: str) -> tuple[Submission, list[str]]:
        """Earlier notes of the same encounter, where their text is kept, are read together with this one."""
        encounter = submission.request.context.get("encounter_id")
        if self.settings.keep != "all" or not encounter:
            return submission, []
        finger = self.database.sealer.fingerprint("encounter", tenant, str(encounter))
        found = await self.reading(
            lambda connection: results.encounter_sources(
                connection, database=self.database, tenant=tenant, encounter_key=finger
            )
        )
        request, earlier = submission.request, []
        known = {request.text, *(str(document.get("text")) for document in request.documents)}
        documents = list(request.documents)
        for stored in found:
            source = stored.source or {}
            same_day = source.get("context", {}).get("date_of_service") == request.context.get("date_of_service")
            replaced = submission.document and (stored.origin or {}).get("document") == submission.document
            if not same_day or replaced:
                continue
            earlier.append(stored.result_id)
            main = {"id": source.get("id") or f"result-{stored.result_id}", "kind": "visit", "text": source.get("text")}
            for document in (main, *source.get("documents", ())):
                if document["text"] not in known:
                    known.add(document["text"])
                    documents.append(document)
        if not earlier:
            return submission, []
        joined = request.model_copy(update={"documents": tuple(documents)})
        return submission.model_copy(update={"request": joined}), earlier

    @staticmethod
    def _log(
        connection: Connection, tenant: str, subject: str, action: str, object: str, request_id: str | None
    ) -> None:
        audit.record(connection, tenant=tenant, subject=subject, action=action, object=object, request_id=request_id)
