"""Version 4: the lives of claims; transfers, alerts and terms of budgets; notices."""

import sqlalchemy as sa
from alembic import op

from crm_expenses.store.migrations.columns import BODY, NUMBER, name

revision = "4"
down_revision = "3"


def upgrade() -> None:
    """Bring the tables here from the version before."""
    move = sa.Column("move", name(200), nullable=False, server_default="")
    op.add_column("budget_entry", move)
    _claims()
    _budgets()


def _claims() -> None:
    op.create_table(
        "life",
        sa.Column("crm", name(80), nullable=False),
        sa.Column("claim", name(200), nullable=False),
        sa.Column("person", name(200), nullable=False),
        sa.Column("state", name(40), nullable=False),
        sa.Column("due_on", name(10), nullable=False),
        sa.Column("content", BODY, nullable=False),
        sa.PrimaryKeyConstraint("crm", "claim", name=op.f("pk_life")),
    )
    op.create_index("ix_life_state", "life", ["crm", "state"], unique=False)
    op.create_table(
        "approval",
        sa.Column("seq", NUMBER, autoincrement=False, nullable=False),
        sa.Column("crm", name(80), nullable=False),
        sa.Column("claim", name(200), nullable=False),
        sa.Column("entry", NUMBER, nullable=False),
        sa.Column("source", name(200), nullable=False),
        sa.Column("content", BODY, nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_approval")),
    )
    op.create_index("ix_approval_claim", "approval", ["crm", "claim"], unique=False)
    op.create_table(
        "voiding",
        sa.Column("seq", NUMBER, autoincrement=False, nullable=False),
        sa.Column("crm", name(80), nullable=False),
        sa.Column("claim", name(200), nullable=False),
        sa.Column("approval", NUMBER, nullable=False),
        sa.Column("content", BODY, nullable=False),
        sa.ForeignKeyConstraint(
            ["approval"], ["approval.seq"], name=op.f("fk_voiding_approval_approval")
        ),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_voiding")),
        sa.UniqueConstraint("approval", name=op.f("uq_voiding_approval")),
    )
    op.create_index("ix_voiding_claim", "voiding", ["crm", "claim"], unique=False)
    op.create_table(
        "substitute",
        sa.Column("seq", NUMBER, autoincrement=False, nullable=False),
        sa.Column("crm", name(80), nullable=False),
        sa.Column("instead_of", name(200), nullable=False),
        sa.Column("content", BODY, nullable=False),
        sa.Column("ended", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_substitute")),
    )
    op.create_index("ix_substitute_ended", "substitute", ["crm", "ended"], unique=False)
    op.create_table(
        "payment",
        sa.Column("seq", NUMBER, autoincrement=False, nullable=False),
        sa.Column("crm", name(80), nullable=False),
        sa.Column("claim", name(200), nullable=False),
        sa.Column("content", BODY, nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_payment")),
    )
    op.create_index("ix_payment_claim", "payment", ["crm", "claim"], unique=False)
    op.create_table(
        "advance_entry",
        sa.Column("seq", NUMBER, autoincrement=False, nullable=False),
        sa.Column("crm", name(80), nullable=False),
        sa.Column("advance", name(200), nullable=False),
        sa.Column("person", name(200), nullable=False),
        sa.Column("claim", name(200), nullable=False),
        sa.Column("content", BODY, nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_advance_entry")),
    )
    op.create_index("ix_advance_entry_advance", "advance_entry", ["crm", "advance"], unique=False)
    op.create_index("ix_advance_entry_person", "advance_entry", ["crm", "person"], unique=False)
    op.create_table(
        "own_claim",
        sa.Column("crm", name(80), nullable=False),
        sa.Column("claim", name(200), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("crm", "claim", name=op.f("pk_own_claim")),
        sa.UniqueConstraint("crm", "year", "number", name=op.f("uq_own_claim_crm")),
    )


def _budgets() -> None:
    op.create_table(
        "notice",
        sa.Column("seq", NUMBER, autoincrement=False, nullable=False),
        sa.Column("crm", name(80), nullable=False),
        sa.Column("person", name(200), nullable=False),
        sa.Column("code", name(80), nullable=False),
        sa.Column("subject", name(200), nullable=False),
        sa.Column("content", BODY, nullable=False),
        sa.Column("at", name(40), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_notice")),
    )
    op.create_index("ix_notice_person", "notice", ["crm", "person", "seq"], unique=False)
    op.create_table(
        "budget_terms",
        sa.Column("crm", name(80), nullable=False),
        sa.Column("budget", name(200), nullable=False),
        sa.Column("content", BODY, nullable=False),
        sa.PrimaryKeyConstraint("crm", "budget", name=op.f("pk_budget_terms")),
    )
    op.create_table(
        "budget_crossed",
        sa.Column("crm", name(80), nullable=False),
        sa.Column("budget", name(200), nullable=False),
        sa.Column("content", BODY, nullable=False),
        sa.PrimaryKeyConstraint("crm", "budget", name=op.f("pk_budget_crossed")),
    )
    op.create_table(
        "transfer",
        sa.Column("seq", NUMBER, autoincrement=False, nullable=False),
        sa.Column("crm", name(80), nullable=False),
        sa.Column("id", name(200), nullable=False),
        sa.Column("state", name(20), nullable=False),
        sa.Column("entry", NUMBER, nullable=False),
        sa.Column("content", BODY, nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_transfer")),
        sa.UniqueConstraint("crm", "id", name=op.f("uq_transfer_crm")),
    )
    op.create_table(
        "transfer_approval",
        sa.Column("seq", NUMBER, autoincrement=False, nullable=False),
        sa.Column("crm", name(80), nullable=False),
        sa.Column("transfer", name(200), nullable=False),
        sa.Column("content", BODY, nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_transfer_approval")),
    )
    op.create_index(
        "ix_transfer_approval_transfer", "transfer_approval", ["crm", "transfer"], unique=False
    )
