"""What goes on beside the requests: accepted notes are coded, messages are sent, what is past its time is deleted."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable

from sqlalchemy import Connection

from notecoder.errors import NoteError
from notecoder.exchange.mllp import MllpError, send_message
from notecoder.exchange.webhooks import AddressRefused, post_signed
from notecoder.service.desk import Desk, Submission
from notecoder.service.journal import write
from notecoder.service.pool import CodingFailed, place_of
from notecoder.service.store import jobs, outbox
from notecoder.service.store.purge import purge

IDLE_SECONDS = 1.0
SEND_LEASE_SECONDS = 120.0
WORKER_SUBJECT = "notecoder"


class Worker:
    """The background tasks of one run of the service."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._wake = asyncio.Event()
        self._send = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    def wake(self) -> None:
        """There is something to code or to send."""
        self._wake.set()
        self._send.set()

    def send(self) -> None:
        """There is something to send; nothing new to code."""
        self._send.set()

    async def start(self) -> None:
        """Take over what an earlier run left, then begin."""
        await self._desk.writing(lambda connection: jobs.reclaim(connection, database=self._desk.database))
        seconds = self._desk.settings.purge_every_seconds
        self._tasks = [
            asyncio.create_task(self._forever("coding", self._code_some, self._wake, IDLE_SECONDS)),
            asyncio.create_task(self._forever("sending", self._send_some, self._send, IDLE_SECONDS)),
            asyncio.create_task(self._forever("retention", self._purge, asyncio.Event(), seconds)),
        ]

    async def stop(self) -> None:
        """End the tasks. What was leased is taken up by the next run."""
        for task in self._tasks:
            task.cancel()
        for task in self._tasks:
            with contextlib.suppress(asyncio.CancelledError):
                await task

    async def _forever(
        self, name: str, step: Callable[[], Awaitable[bool]], event: asyncio.Event, idle_seconds: float
    ) -> None:
        """Repeat ``step``; when it found nothing, wait for the event or a while. An error never ends the task."""
        while True:
            event.clear()
            try:
                busy = await step()
            except Exception as error:
                write("error", level=logging.ERROR, kind=name, place=place_of(error))
                busy = False
            if not busy:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(event.wait(), idle_seconds)

    async def _code_some(self) -> bool:
        desk = self._desk
        taken = await desk.writing(
            lambda connection: jobs.take_items(
                connection,
                database=desk.database,
                limit=desk.settings.coding_processes,
                lease_seconds=desk.settings.lease_seconds,
            )
        )
        await asyncio.gather(*(self._code_item(item) for item in taken))
        return bool(taken)

    async def _code_item(self, item: jobs.TakenItem) -> None:
        desk, submission = self._desk, Submission.model_validate(item.request)
        code: str | None = None
        result = None
        try:
            if item.attempts > jobs.MOST_ATTEMPTS:
                raise CodingFailed("internal_error", "gave up after several attempts")
            result = await desk.pool.code(submission.request)
        except NoteError as refused:
            code = refused.code
            write("refused", kind=submission.kind, code=code, tenant=item.tenant)
        except CodingFailed as failed:
            write("error", level=logging.ERROR, kind="coding", code=failed.code, place=failed.message)
            code = failed.code

        def finish(connection: Connection) -> bool:
            if not jobs.finish_item(connection, database=desk.database, item=item, error_code=code):
                return False
            if result is not None:
                desk.store(
                    connection,
                    submission,
                    result=result,
                    result_id=item.result_id,
                    tenant=item.tenant,
                    subject=WORKER_SUBJECT,
                    request_id=None,
                )
            if jobs.close_job_if_done(connection, job_id=item.job_id):
                outbox.announce(
                    connection,
                    database=desk.database,
                    tenant=item.tenant,
                    event="job.finished",
                    data={"job_id": item.job_id},
                )
            return True

        if await desk.writing(finish) and result is not None:
            desk.figures.notes.labels(result["disposition"]).inc()
        self._send.set()

    async def _send_some(self) -> bool:
        desk = self._desk
        due = await desk.writing(
            lambda connection: outbox.take_deliveries(
                connection, database=desk.database, limit=8, lease_seconds=SEND_LEASE_SECONDS
            )
        )
        await asyncio.gather(*(self._deliver(delivery) for delivery in due))
        return bool(due)

    async def _deliver(self, delivery: outbox.Delivery) -> None:
        desk, settings = self._desk, self._desk.settings
        try:
            await (self._post(delivery) if delivery.kind == "webhook" else self._charge(delivery))
        except (AddressRefused, MllpError, OSError, TimeoutError) as error:
            goes_on = await desk.writing(
                lambda connection: outbox.try_again(
                    connection,
                    delivery=delivery,
                    most=settings.webhook_attempts,
                    first_delay_seconds=settings.webhook_first_delay_seconds,
                )
            )
            outcome = "retry" if goes_on else "failed"
            desk.figures.sent.labels(delivery.kind, outcome).inc()
            write(
                "delivery",
                level=logging.WARNING,
                kind=delivery.kind,
                attempt=delivery.attempts,
                code=outcome,
                place=type(error).__name__,
            )
        else:
            await desk.writing(lambda connection: outbox.delivered(connection, delivery_id=delivery.delivery_id))
            desk.figures.sent.labels(delivery.kind, "sent").inc()

    async def _post(self, delivery: outbox.Delivery) -> None:
        database = self._desk.database
        hooks = await self._desk.reading(
            lambda connection: outbox.list_hooks(connection, database=database, tenant=delivery.tenant)
        )
        hook = next((hook for hook in hooks if hook.webhook_id == delivery.webhook_id), None)
        if hook is None or hook.disabled is not None:
            return
        await post_signed(
            hook.url,
            message_id=delivery.delivery_id,
            body=delivery.payload,
            secrets=hook.secrets,
            allow_private=self._desk.settings.webhook_private_addresses,
        )

    async def _charge(self, delivery: outbox.Delivery) -> None:
        feed = self._desk.settings.charge_feed
        if feed is None:
            raise MllpError("no charge feed is set up")
        await send_message(delivery.payload["message"], host=feed.host, port=feed.port, tls=feed.tls)

    async def _purge(self) -> bool:
        database = self._desk.database
        changed = await self._desk.writing(purge)
        if changed:
            write("purged", count=changed)
        await asyncio.to_thread(database.shrink_log)
        waiting = await self._desk.reading(jobs.queue_depth)
        self._desk.figures.waiting.set(waiting)
        return False
