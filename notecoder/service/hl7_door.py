"""The HL7 door: MDM in over MLLP, acknowledged after the note is on disk.

MSH-10 is the idempotency key: the same message again gets the same AA and no second job; another message under a used
control id gets AE.
"""

from __future__ import annotations

import asyncio
import logging
from secrets import token_hex
from typing import Literal

from sqlalchemy import Connection

from notecoder.exchange.hl7_notes import Hl7Note, acknowledgment
from notecoder.exchange.mllp import listen, server_tls
from notecoder.service.desk import Desk, Submission
from notecoder.service.journal import write
from notecoder.service.pool import NoteRequest, place_of
from notecoder.service.settings import Mllp
from notecoder.service.store import audit, promises, results
from notecoder.service.worker import Worker


class Hl7Door:
    """Takes messages for one tenant."""

    def __init__(self, *, desk: Desk, worker: Worker, settings: Mllp) -> None:
        self._desk = desk
        self._worker = worker
        self._settings = settings
        self._server: asyncio.Server | None = None

    async def open(self) -> int:
        """Start listening; returns the port."""
        settings = self._settings
        tls = None
        if settings.tls_cert and settings.tls_key:
            tls = server_tls(certificate=settings.tls_cert, key=settings.tls_key, client_ca=settings.client_ca)
        self._server = await listen(self.take, host=settings.host, port=settings.port, tls=tls)
        port: int = self._server.sockets[0].getsockname()[1]
        write("mllp", host=settings.host, port=port)
        return port

    async def close(self) -> None:
        """Stop listening."""
        if self._server is not None:
            self._server.close()

    async def take(self, text: str) -> str:
        """Take one message; the ACK says AA only when everything it asks for is committed."""
        try:
            read = await self._desk.pool.call("notecoder.exchange.hl7_notes:read_message_plain", text)
            if refused := read.get("refused"):
                return self._ack(text, refused["answer"], refused["message"])
            note = Hl7Note.model_validate(read["note"])
            problem = await self._desk.writing(lambda connection: self._commit(connection, note, text))
        except Exception as error:
            write("error", level=logging.ERROR, kind="hl7", place=place_of(error))
            return self._ack(text, "AE", "the message could not be stored; send it again")
        if problem:
            return self._ack(text, "AE", problem)
        self._worker.wake()
        return self._ack(text, "AA", "")

    def _ack(self, text: str, answer: str, message: str) -> str:
        write("hl7", code=answer)
        kind: Literal["AA", "AE", "AR"] = "AA" if answer == "AA" else "AR" if answer == "AR" else "AE"
        return acknowledgment(text, answer=kind, message=message, control_id=token_hex(10))

    def _commit(self, connection: Connection, note: Hl7Note, text: str) -> str | None:
        """Everything the message asks for, in one transaction; what stands against it, or None."""
        desk, tenant = self._desk, self._settings.tenant
        key = f"hl7 {note.sender} {note.control_id}"
        promise = promises.make_promise(
            connection,
            database=desk.database,
            tenant=tenant,
            key=key,
            body=desk.database.sealer.fingerprint("hl7", text),
            lease_seconds=desk.settings.lease_seconds,
        )
        if promise.state == "mismatch":
            return "MSH-10: this control id was used for another message"
        if promise.state == "busy":
            return "the same message is being taken at this moment"
        if promise.state == "new":
            subject = f"hl7:{note.sender}"[:200]
            if note.action == "withdraw":
                finger = desk.database.sealer.fingerprint("document", tenant, note.document)
                results.withdraw_document(connection, tenant=tenant, document_key=finger)
                audit.record(connection, tenant=tenant, subject=subject, action="document.withdrawn")
            elif note.action == "code":
                submission = Submission(
                    request=NoteRequest(
                        text=note.text, context=note.context, unverified_dates=desk.settings.unverified_dates
                    ),
                    kind="hl7",
                    document=note.document,
                    replaces=note.replaces,
                    origin=note.origin,
                )
                desk.accept(
                    connection,
                    [(submission, None, None)],
                    job_id=promise.outcome_id,
                    kind="hl7",
                    tenant=tenant,
                    subject=subject,
                    request_id=None,
                )
            promises.keep_promise(connection, database=desk.database, tenant=tenant, key=key)
        return None
