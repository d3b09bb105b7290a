"""The service's own log and figures. An entry is one JSON line with a closed list of fields.

No entry has room for free text of a caller: paths are route templates, errors are types with code locations, and a
field that is not on the list raises in tests rather than being written.
"""

from __future__ import annotations

import json
import logging
import sys
import time
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector

LOG = logging.getLogger("notecoder.service")
FIELDS = frozenset(
    {
        "event",
        "request_id",
        "method",
        "route",
        "status",
        "ms",
        "tenant",
        "subject",
        "code",
        "place",
        "count",
        "port",
        "host",
        "keep",
        "kind",
        "attempt",
    }
)


def write(event: str, *, level: int = logging.INFO, **fields: str | int | float | bool | None) -> None:
    """One entry. Raises ``KeyError`` for a field that is not allowed."""
    if unknown := set(fields) - FIELDS:
        raise KeyError(f"not a field of the log: {', '.join(sorted(unknown))}")
    entry: dict[str, Any] = {"at": round(time.time(), 3), "event": event}
    entry.update((name, value) for name, value in fields.items() if value is not None)
    LOG.log(level, json.dumps(entry))


def log_to_stderr() -> None:
    """Send the entries to standard error, and keep libraries that log callers' data quiet."""
    if not LOG.handlers:
        handler = logging.StreamHandler(sys.stderr)
        handler.setFormatter(logging.Formatter("%(message)s"))
        LOG.addHandler(handler)
    LOG.setLevel(logging.INFO)
    LOG.propagate = False
    for name in ("httpx", "httpcore", "pypdf", "sqlalchemy", "alembic", "multipart", "asyncio"):
        logging.getLogger(name).setLevel(logging.CRITICAL)


class Figures:
    """What Prometheus reads: counts and times by route template, never by tenant, id or path."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self.requests = Counter(
            "notecoder_requests", "Requests by route and status", ["method", "route", "status"], registry=self.registry
        )
        self.seconds = Histogram(
            "notecoder_request_seconds",
            "Time to answer",
            ["route"],
            registry=self.registry,
            buckets=(0.005, 0.01, 0.02, 0.04, 0.06, 0.1, 0.15, 0.25, 0.5, 1, 2.5, 5, 10, 30),
        )
        self.notes = Counter("notecoder_notes", "Notes coded", ["disposition"], registry=self.registry)
        self.refused = Counter("notecoder_refusals", "Refused requests by code", ["code"], registry=self.registry)
        self.waiting = Gauge("notecoder_waiting_notes", "Accepted notes without an answer yet", registry=self.registry)
        self.sent = Counter("notecoder_deliveries", "Messages sent", ["kind", "outcome"], registry=self.registry)
