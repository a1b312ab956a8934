"""Version 1: the first."""

import sqlalchemy as sa
from alembic import op

from crm_expenses.store.migrations.columns import BODY, NUMBER, name

revision = "1"
down_revision = None


def upgrade() -> None:
    """Bring the tables here from the version before."""
    op.create_table(
        "audit",
        sa.Column("number", NUMBER, autoincrement=False, nullable=False),
        sa.Column("at", name(40), nullable=False),
        sa.Column("actor", name(200), nullable=False),
        sa.Column("action", name(60), nullable=False),
        sa.Column("subject", name(300), nullable=False),
        sa.Column("content", name(64), nullable=False),
        sa.Column("previous", name(64), nullable=False),
        sa.Column("digest", name(64), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_audit")),
    )

    op.create_table(
        "budget_entry",
        sa.Column("seq", NUMBER, autoincrement=False, nullable=False),
        sa.Column("crm", name(80), nullable=False),
        sa.Column("budget", name(200), nullable=False),
        sa.Column("kind", name(20), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("currency", name(3), nullable=False),
        sa.Column("claim", name(200), nullable=False),
        sa.Column("at", name(40), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_budget_entry")),
    )
    op.create_index("ix_budget_entry_budget", "budget_entry", ["crm", "budget"], unique=False)
    op.create_index("ix_budget_entry_claim", "budget_entry", ["crm", "claim"], unique=False)

    op.create_table(
        "budget_position",
        sa.Column("crm", name(80), nullable=False),
        sa.Column("budget", name(200), nullable=False),
        sa.Column("currency", name(3), nullable=False),
        sa.Column("allocated", sa.BigInteger(), nullable=False),
        sa.Column("committed", sa.BigInteger(), nullable=False),
        sa.Column("spent", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("crm", "budget", name=op.f("pk_budget_position")),
    )

    op.create_table(
        "carry",
        sa.Column("crm", name(80), nullable=False),
        sa.Column("claim", name(200), nullable=False),
        sa.Column("line", name(200), nullable=False),
        sa.Column("window", name(600), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("crm", "claim", "line", "window", name=op.f("pk_carry")),
    )
    op.create_index("ix_carry_window", "carry", ["crm", "window"], unique=False)

    op.create_table(
        "cursor",
        sa.Column("crm", name(80), nullable=False),
        sa.Column("kind", name(40), nullable=False),
        sa.Column("value", BODY, nullable=False),
        sa.PrimaryKeyConstraint("crm", "kind", name=op.f("pk_cursor")),
    )

    op.create_table(
        "decision",
        sa.Column("seq", NUMBER, autoincrement=False, nullable=False),
        sa.Column("crm", name(80), nullable=False),
        sa.Column("claim", name(200), nullable=False),
        sa.Column("person", name(200), nullable=False),
        sa.Column("digest", name(64), nullable=False),
        sa.Column("content", BODY, nullable=False),
        sa.Column("outcome", name(20), nullable=False),
        sa.Column("state", name(40), nullable=False),
        sa.Column("currency", name(3), nullable=False),
        sa.Column("claimed", sa.BigInteger(), nullable=False),
        sa.Column("allowed", sa.BigInteger(), nullable=False),
        sa.Column("submitted", name(40), nullable=False),
        sa.Column("decided_at", name(40), nullable=False),
        sa.Column("live", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_decision")),
    )
    op.create_index("ix_decision_claim", "decision", ["crm", "claim"], unique=False)

    op.create_table(
        "meta",
        sa.Column("name", name(60), nullable=False),
        sa.Column("value", BODY, nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_meta")),
    )

    op.create_table(
        "outbox",
        sa.Column("seq", NUMBER, autoincrement=False, nullable=False),
        sa.Column("crm", name(80), nullable=False),
        sa.Column("key", name(64), nullable=False),
        sa.Column("kind", name(40), nullable=False),
        sa.Column("record", name(200), nullable=False),
        sa.Column("content", BODY, nullable=False),
        sa.Column("state", name(20), nullable=False),
        sa.Column("reason", BODY, nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_outbox")),
        sa.UniqueConstraint("crm", "key", name=op.f("uq_outbox_crm")),
    )
    op.create_index("ix_outbox_record", "outbox", ["crm", "record"], unique=False)
    op.create_index("ix_outbox_state", "outbox", ["crm", "state", "seq"], unique=False)

    op.create_table(
        "policy",
        sa.Column("id", name(80), nullable=False),
        sa.Column("version", name(40), nullable=False),
        sa.Column("digest", name(64), nullable=False),
        sa.Column("first_used_at", name(40), nullable=False),
        sa.PrimaryKeyConstraint("id", "version", name=op.f("pk_policy")),
    )

    op.create_table(
        "record",
        sa.Column("seq", NUMBER, autoincrement=False, nullable=False),
        sa.Column("crm", name(80), nullable=False),
        sa.Column("kind", name(40), nullable=False),
        sa.Column("id", name(200), nullable=False),
        sa.Column("digest", name(64), nullable=False),
        sa.Column("content", BODY, nullable=False),
        sa.Column("origin", BODY, nullable=False),
        sa.Column("received_at", name(40), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_record")),
    )
    op.create_index("ix_record_of", "record", ["crm", "kind", "id"], unique=False)

    op.create_table(
        "route_step",
        sa.Column("crm", name(80), nullable=False),
        sa.Column("claim", name(200), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("code", name(80), nullable=False),
        sa.Column("approver", name(200), nullable=False),
        sa.PrimaryKeyConstraint("crm", "claim", "position", name=op.f("pk_route_step")),
    )

    op.create_table(
        "set_aside",
        sa.Column("crm", name(80), nullable=False),
        sa.Column("kind", name(40), nullable=False),
        sa.Column("id", name(200), nullable=False),
        sa.Column("place", name(400), nullable=False),
        sa.Column("problems", BODY, nullable=False),
        sa.Column("received_at", name(40), nullable=False),
        sa.PrimaryKeyConstraint("crm", "kind", "place", "id", name=op.f("pk_set_aside")),
    )

    op.create_table(
        "todo",
        sa.Column("crm", name(80), nullable=False),
        sa.Column("claim", name(200), nullable=False),
        sa.PrimaryKeyConstraint("crm", "claim", name=op.f("pk_todo")),
    )

    op.create_table(
        "latest",
        sa.Column("crm", name(80), nullable=False),
        sa.Column("kind", name(40), nullable=False),
        sa.Column("id", name(200), nullable=False),
        sa.Column("seq", NUMBER, nullable=False),
        sa.Column("digest", name(64), nullable=False),
        sa.Column("version", name(200), nullable=False),
        sa.Column("claim", name(200), nullable=False),
        sa.Column("voucher", name(200), nullable=False),
        sa.Column("submitted", name(40), nullable=False),
        sa.ForeignKeyConstraint(["seq"], ["record.seq"], name=op.f("fk_latest_seq_record")),
        sa.PrimaryKeyConstraint("crm", "kind", "id", name=op.f("pk_latest")),
    )
    op.create_index("ix_latest_claim", "latest", ["crm", "kind", "claim"], unique=False)
    op.create_index("ix_latest_voucher", "latest", ["crm", "kind", "voucher"], unique=False)
