"""Version 5: what went there, what changed on both sides, files, links, and who runs."""

import sqlalchemy as sa
from alembic import op

from crm_expenses.store.migrations.columns import BODY, NUMBER, name

revision = "5"
down_revision = "4"


def upgrade() -> None:
    """Bring the tables here from the version before."""
    tries = sa.Column("tries", sa.Integer(), nullable=False, server_default="0")
    op.add_column("outbox", tries)
    op.add_column("outbox", sa.Column("since", name(40), nullable=False, server_default=""))
    _records()
    _company()
    _running()


def _records() -> None:
    op.create_table(
        "gone",
        sa.Column("crm", name(80), nullable=False),
        sa.Column("kind", name(40), nullable=False),
        sa.Column("id", name(200), nullable=False),
        sa.Column("into", name(200), nullable=False),
        sa.Column("seq", NUMBER, nullable=False),
        sa.Column("entry", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("crm", "kind", "id", name=op.f("pk_gone")),
    )
    op.create_index("ix_gone_into", "gone", ["crm", "kind", "into"], unique=False)
    op.create_table(
        "reading",
        sa.Column("crm", name(80), nullable=False),
        sa.Column("kind", name(40), nullable=False),
        sa.Column("way", name(20), nullable=False),
        sa.Column("started_at", name(40), nullable=False),
        sa.Column("ended_at", name(40), nullable=False, server_default=""),
        sa.Column("cursor", BODY, nullable=False),
        sa.Column("before", NUMBER, nullable=False),
        sa.Column("held", NUMBER, nullable=False),
        sa.Column("missing", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("crm", "kind", name=op.f("pk_reading")),
    )
    op.create_table(
        "sighting",
        sa.Column("crm", name(80), nullable=False),
        sa.Column("kind", name(40), nullable=False),
        sa.Column("id", name(200), nullable=False),
        sa.Column("missed", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("crm", "kind", "missed", "id", name=op.f("pk_sighting")),
    )
    op.create_table(
        "edit",
        sa.Column("seq", NUMBER, autoincrement=False, nullable=False),
        sa.Column("crm", name(80), nullable=False),
        sa.Column("kind", name(40), nullable=False),
        sa.Column("id", name(200), nullable=False),
        sa.Column("field", name(80), nullable=False),
        sa.Column("base", BODY, nullable=False),
        sa.Column("ours", BODY, nullable=False),
        sa.Column("state", name(20), nullable=False),
        sa.Column("entry", NUMBER, nullable=False),
        sa.Column("at", name(40), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_edit")),
    )
    op.create_index("ix_edit_of", "edit", ["crm", "kind", "id"], unique=False)
    op.create_index("ix_edit_state", "edit", ["crm", "state"], unique=False)
    op.create_table(
        "clash",
        sa.Column("seq", NUMBER, autoincrement=False, nullable=False),
        sa.Column("crm", name(80), nullable=False),
        sa.Column("kind", name(40), nullable=False),
        sa.Column("id", name(200), nullable=False),
        sa.Column("field", name(80), nullable=False),
        sa.Column("edit", NUMBER, nullable=False),
        sa.Column("base", BODY, nullable=False),
        sa.Column("theirs", BODY, nullable=False),
        sa.Column("ours", BODY, nullable=False),
        sa.Column("winner", name(20), nullable=False),
        sa.Column("entry", NUMBER, nullable=False),
        sa.Column("settled", NUMBER, nullable=False),
        sa.Column("at", name(40), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_clash")),
        sa.ForeignKeyConstraint(["edit"], ["edit.seq"], name=op.f("fk_clash_edit_edit")),
    )
    op.create_index("ix_clash_winner", "clash", ["crm", "winner"], unique=False)
    op.create_index("ix_clash_of", "clash", ["crm", "kind", "id"], unique=False)


def _company() -> None:
    op.create_table(
        "file",
        sa.Column("crm", name(80), nullable=False),
        sa.Column("voucher", name(200), nullable=False),
        sa.Column("id", name(200), nullable=False),
        sa.Column("name", name(400), nullable=False),
        sa.Column("type", name(200), nullable=False),
        sa.Column("size", NUMBER, nullable=False),
        sa.Column("version", name(200), nullable=False),
        sa.Column("digest", name(64), nullable=False),
        sa.Column("state", name(20), nullable=False),
        sa.Column("reason", BODY, nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False, server_default="0"),
        sa.PrimaryKeyConstraint("crm", "voucher", "id", name=op.f("pk_file")),
    )
    op.create_index("ix_file_digest", "file", ["digest"], unique=False)
    op.create_index("ix_file_state", "file", ["crm", "state"], unique=False)
    op.create_table(
        "listed",
        sa.Column("crm", name(80), nullable=False),
        sa.Column("voucher", name(200), nullable=False),
        sa.Column("seq", NUMBER, nullable=False),
        sa.Column("version", name(200), nullable=False),
        sa.PrimaryKeyConstraint("crm", "voucher", name=op.f("pk_listed")),
    )
    op.create_table(
        "same",
        sa.Column("kind", name(40), nullable=False),
        sa.Column("crm", name(80), nullable=False),
        sa.Column("id", name(200), nullable=False),
        sa.Column("name", name(200), nullable=False),
        sa.Column("how", name(40), nullable=False),
        sa.Column("entry", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("kind", "crm", "id", name=op.f("pk_same")),
    )
    op.create_index("ix_same_name", "same", ["kind", "name"], unique=False)


def _running() -> None:
    op.create_table(
        "lease",
        sa.Column("name", name(200), nullable=False),
        sa.Column("holder", name(200), nullable=False),
        sa.Column("since", name(40), nullable=False),
        sa.Column("until", name(40), nullable=False),
        sa.Column("number", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_lease")),
    )
    op.create_table(
        "due",
        sa.Column("crm", name(80), nullable=False),
        sa.Column("since", name(40), nullable=False),
        sa.Column("number", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("crm", name=op.f("pk_due")),
    )
    op.create_table(
        "message",
        sa.Column("crm", name(80), nullable=False),
        sa.Column("digest", name(64), nullable=False),
        sa.Column("at", name(40), nullable=False),
        sa.PrimaryKeyConstraint("crm", "digest", name=op.f("pk_message")),
    )
    op.create_index("ix_message_at", "message", ["crm", "at"], unique=False)
    op.create_table(
        "allowance",
        sa.Column("crm", name(80), nullable=False),
        sa.Column("day", name(10), nullable=False),
        sa.Column("calls", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("crm", "day", name=op.f("pk_allowance")),
    )
    op.create_table(
        "pace",
        sa.Column("crm", name(80), nullable=False),
        sa.Column("next_at", name(40), nullable=False),
        sa.Column("closed_until", name(40), nullable=False, server_default=""),
        sa.PrimaryKeyConstraint("crm", name=op.f("pk_pace")),
    )
    op.create_table(
        "last_run",
        sa.Column("crm", name(80), nullable=False),
        sa.Column("at", name(40), nullable=False),
        sa.Column("succeeded_at", name(40), nullable=False, server_default=""),
        sa.Column("content", BODY, nullable=False),
        sa.PrimaryKeyConstraint("crm", name=op.f("pk_last_run")),
    )
