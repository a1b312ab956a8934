"""Version 3: the log as bytes, with checkpoints; words that can be erased; what decisions need.

Each entry is kept as the text that its digest was made of, whether it fits or not. Where people's
words stand is noted afterwards, from the records: `store.upgrade`.
"""

import json

import sqlalchemy as sa
from alembic import op

from crm_expenses.store.migrations.columns import BODY, NUMBER, name

revision = "3"
down_revision = "2"

PARTS = ("number", "at", "actor", "action", "subject", "content", "previous")


def upgrade() -> None:
    """Bring the tables here from the version before."""
    _keep_log_as_bytes()
    op.create_table(
        "checkpoint",
        sa.Column("size", NUMBER, autoincrement=False, nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("parts", BODY, nullable=False),
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("size", name=op.f("pk_checkpoint")),
    )
    op.create_table(
        "words",
        sa.Column("seq", NUMBER, autoincrement=False, nullable=False),
        sa.Column("salt", name(64), nullable=False),
        sa.Column("commitment", name(64), nullable=False),
        sa.Column("erased", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["seq"], ["record.seq"], name=op.f("fk_words_seq_record")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_words")),
    )
    op.create_table(
        "reason",
        sa.Column("number", NUMBER, autoincrement=False, nullable=False),
        sa.Column("person", name(200), nullable=False),
        sa.Column("salt", name(64), nullable=False),
        sa.Column("content", BODY, nullable=False),
        sa.Column("erased", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["number"], ["audit.number"], name=op.f("fk_reason_number_audit")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_reason")),
    )
    op.create_index("ix_reason_person", "reason", ["person"], unique=False)
    op.create_table(
        "evidence",
        sa.Column("seq", NUMBER, autoincrement=False, nullable=False),
        sa.Column("content", BODY, nullable=False),
        sa.Column("erased", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["seq"], ["decision.seq"], name=op.f("fk_evidence_seq_decision")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_evidence")),
    )
    op.create_table(
        "policy_text",
        sa.Column("id", name(80), nullable=False),
        sa.Column("version", name(40), nullable=False),
        sa.Column("content", BODY, nullable=False),
        sa.Column("plug_ins", BODY, nullable=False),
        sa.PrimaryKeyConstraint("id", "version", name=op.f("pk_policy_text")),
    )


def _keep_log_as_bytes() -> None:
    # Not renamed: SQLite would lead the references of other tables to the old one.
    op.execute("CREATE TABLE audit_2 AS SELECT * FROM audit")
    op.drop_table("audit")
    audit = op.create_table(
        "audit",
        sa.Column("number", NUMBER, autoincrement=False, nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_audit")),
    )
    connection = op.get_bind()
    of = sa.text("SELECT * FROM audit_2 WHERE number > :after ORDER BY number LIMIT 1000")
    after = 0
    while rows := connection.execute(of, {"after": after}).mappings().all():
        made = [
            {
                "number": row["number"],
                "body": _text([row[part] for part in PARTS]).encode(),
                "digest": _bytes(row["digest"]),
            }
            for row in rows
        ]
        connection.execute(audit.insert(), made)
        after = rows[-1]["number"]
    op.drop_table("audit_2")


def _text(parts: list[object]) -> str:
    return json.dumps(parts, separators=(",", ":"), ensure_ascii=False)


def _bytes(digest: str) -> bytes:
    try:
        return bytes.fromhex(digest)
    except ValueError:
        return digest.encode()  # it fits nothing, and the check of the log says so
