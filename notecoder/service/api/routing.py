"""How routes read a request: strict JSON only, and what every route needs at hand."""

from __future__ import annotations

import json
from collections.abc import Callable, Coroutine
from typing import Annotated, Any

from fastapi import Depends, Header, Path, Request, Response
from fastapi.routing import APIRoute
from pydantic_core import from_json

from notecoder.service.api.forms import ID_PATTERN
from notecoder.service.desk import Desk
from notecoder.service.worker import Worker


class StrictRequest(Request):
    """A request whose JSON has no NaN, no lone surrogate and no bottomless nesting."""

    async def json(self) -> Any:
        """The body as JSON."""
        if not hasattr(self, "_strict"):
            try:
                self._strict = from_json(await self.body(), allow_inf_nan=False)
            except ValueError:
                raise json.JSONDecodeError("not JSON", "", 0) from None
        return self._strict


class StrictRoute(APIRoute):
    """A route that reads its body as ``StrictRequest`` does."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """FastAPI's handler with the stricter request."""
        handler = super().get_route_handler()

        async def strict(request: Request) -> Response:
            return await handler(StrictRequest(request.scope, request.receive))

        return strict


def desk_of(request: Request) -> Desk:
    """The desk of this service."""
    desk: Desk = request.app.state.desk
    return desk


def worker_of(request: Request) -> Worker:
    """The background work of this service."""
    worker: Worker = request.app.state.worker
    return worker


def request_id(request: Request) -> str:
    """The id of this request, which its log line and audit entries carry."""
    return str(request.scope["request_id"])


AtDesk = Annotated[Desk, Depends(desk_of)]
AtWork = Annotated[Worker, Depends(worker_of)]
RequestId = Annotated[str, Depends(request_id)]
IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=255,
        description="The same key with the same request gets the same answer, and the note is stored once.",
    ),
]
IdPath = Annotated[str, Path(pattern=ID_PATTERN)]
