"""Results that another one replaced are asked for with every note that is stored: an index, not a walk over all."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    replaced = sa.text("superseded_by IS NOT NULL")
    with op.batch_alter_table("results", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_results_tenant_superseded_by"),
            ["tenant", "superseded_by"],
            unique=False,
            sqlite_where=replaced,
            postgresql_where=replaced,
        )


def downgrade() -> None:
    with op.batch_alter_table("results", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_results_tenant_superseded_by"))
