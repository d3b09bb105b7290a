"""The tables of the service. Content columns are sealed bytes; the rest are ids, states and times.

Times are milliseconds since 1970 UTC. Every row names its tenant, and every query asks for it.
"""

from __future__ import annotations

import time

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    text,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

Serial = BigInteger().with_variant(Integer, "sqlite")


def now_ms() -> int:
    """Now, as the tables count it."""
    return time.time_ns() // 1_000_000


keys = Table(
    "keys",
    metadata,
    Column("key_id", String(24), primary_key=True),
    Column("tenant", String(64), nullable=False),
    Column("name", String(120), nullable=False),
    Column("scopes", String(200), nullable=False),
    Column("secret_hash", String(64), nullable=False),
    Column("created", BigInteger, nullable=False),
    Column("expires", BigInteger),
    Column("revoked", BigInteger),
    Column("rotated_to", String(24)),
)

sessions = Table(
    "sessions",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    Column("tenant", String(64), nullable=False),
    Column("key_id", String(24), nullable=False),
    Column("csrf", String(64), nullable=False),
    Column("seen", BigInteger, nullable=False),
    Column("expires", BigInteger, nullable=False),
)

results = Table(
    "results",
    metadata,
    Column("result_id", String(32), primary_key=True),
    Column("tenant", String(64), nullable=False),
    Column("document_key", String(64)),
    Column("encounter_key", String(64)),
    Column("text_key", String(64), nullable=False),
    Column("version", Integer, nullable=False, default=1),
    Column("superseded_by", String(32)),
    Column("withdrawn", Boolean, nullable=False, default=False),
    Column("origin_kind", String(16), nullable=False),
    Column("disposition", String(8), nullable=False),
    Column("state", String(12), nullable=False, default="open"),
    Column("lines", Integer, nullable=False),
    Column("payload", LargeBinary, nullable=False),
    Column("source", LargeBinary),
    Column("origin", LargeBinary),
    Column("created", BigInteger, nullable=False),
    Column("expires", BigInteger, nullable=False),
    Column("text_expires", BigInteger),
    Index(None, "tenant", "created"),
    Index(None, "tenant", "document_key"),
    Index(None, "tenant", "encounter_key"),
    Index(
        "ix_results_tenant_superseded_by",
        "tenant",
        "superseded_by",
        sqlite_where=text("superseded_by IS NOT NULL"),
        postgresql_where=text("superseded_by IS NOT NULL"),
    ),
    Index(None, "expires"),
)

decisions = Table(
    "decisions",
    metadata,
    Column("decision_id", String(32), primary_key=True),
    Column("result_id", String(32), ForeignKey("results.result_id", ondelete="CASCADE"), nullable=False, index=True),
    Column("tenant", String(64), nullable=False),
    Column("subject", String(200), nullable=False),
    Column("final", Boolean, nullable=False),
    Column("payload", LargeBinary, nullable=False),
    Column("created", BigInteger, nullable=False),
)

gap_events = Table(
    "gap_events",
    metadata,
    Column("event_id", Serial, primary_key=True, autoincrement=True),
    Column("result_id", String(32), ForeignKey("results.result_id", ondelete="CASCADE"), nullable=False, index=True),
    Column("tenant", String(64), nullable=False),
    Column("gap", Integer, nullable=False),
    Column("state", String(10), nullable=False),
    Column("subject", String(200), nullable=False),
    Column("payload", LargeBinary),
    Column("created", BigInteger, nullable=False),
)

jobs = Table(
    "jobs",
    metadata,
    Column("job_id", String(32), primary_key=True),
    Column("tenant", String(64), nullable=False),
    Column("subject", String(200), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("total", Integer, nullable=False),
    Column("created", BigInteger, nullable=False),
    Column("finished", BigInteger),
    Column("expires", BigInteger, nullable=False, index=True),
)

job_items = Table(
    "job_items",
    metadata,
    Column("item_id", Serial, primary_key=True, autoincrement=True),
    Column("job_id", String(32), ForeignKey("jobs.job_id", ondelete="CASCADE"), nullable=False, index=True),
    Column("tenant", String(64), nullable=False),
    Column("position", Integer, nullable=False),
    Column("state", String(8), nullable=False),
    Column("result_id", String(32), nullable=False),
    Column("same_as", Integer),
    Column("request", LargeBinary),
    Column("label", LargeBinary),
    Column("error_code", String(40)),
    Column("attempts", Integer, nullable=False, default=0),
    Column("owner", String(32)),
    Column("lease_until", BigInteger),
    Index(None, "state", "item_id"),
)

promises = Table(
    "promises",
    metadata,
    Column("tenant", String(64), primary_key=True),
    Column("key_hash", String(64), primary_key=True),
    Column("body_hash", String(64), nullable=False),
    Column("outcome_id", String(32), nullable=False),
    Column("state", String(8), nullable=False),
    Column("owner", String(32), nullable=False),
    Column("lease_until", BigInteger, nullable=False),
    Column("expires", BigInteger, nullable=False, index=True),
)
"""Idempotency keys: what was promised to a caller, and the id of the one outcome it stands for."""

audit = Table(
    "audit",
    metadata,
    Column("audit_id", Serial, primary_key=True, autoincrement=True),
    Column("at", BigInteger, nullable=False),
    Column("tenant", String(64), nullable=False),
    Column("subject", String(200), nullable=False),
    Column("action", String(40), nullable=False),
    Column("object", String(64)),
    Column("request_id", String(32)),
    Index(None, "tenant", "audit_id"),
)

webhooks = Table(
    "webhooks",
    metadata,
    Column("webhook_id", String(32), primary_key=True),
    Column("tenant", String(64), nullable=False, index=True),
    Column("payload", LargeBinary, nullable=False),
    Column("created", BigInteger, nullable=False),
    Column("disabled", BigInteger),
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("delivery_id", String(32), primary_key=True),
    Column("tenant", String(64), nullable=False),
    Column("kind", String(8), nullable=False),
    Column("webhook_id", String(32), ForeignKey("webhooks.webhook_id", ondelete="CASCADE")),
    Column("result_id", String(32)),
    Column("payload", LargeBinary, nullable=False),
    Column("state", String(8), nullable=False),
    Column("attempts", Integer, nullable=False, default=0),
    Column("next_at", BigInteger, nullable=False),
    Column("owner", String(32)),
    Column("lease_until", BigInteger),
    Index(None, "state", "next_at"),
)

cards = Table(
    "cards",
    metadata,
    Column("card_id", String(36), primary_key=True),
    Column("tenant", String(64), primary_key=True),
    Column("result_id", String(32), nullable=False),
    Column("position", Integer, nullable=False),
    Column("outcome", String(12)),
    Column("payload", LargeBinary),
    Column("expires", BigInteger, nullable=False, index=True),
)

spent_tokens = Table(
    "spent_tokens",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    Column("expires", BigInteger, nullable=False, index=True),
)
