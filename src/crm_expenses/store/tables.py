"""The tables, for SQLite and PostgreSQL alike.

Money is whole minor units beside its currency. Facts and decisions are canonical JSON beside the
columns that are searched. Nothing here is random but the salts of people's words (`UNLIKE`), and no
clock is read, so an interrupted run ends in the same rows as an undisturbed one.
"""

from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
)

SCHEMA_VERSION = 3
"""1: the first. 2: with `link` and `absence`, which are made from the records of version 1. 3: the
log as bytes, with checkpoints, words that can be erased, and what decisions are derived from."""

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_label)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

meta = Table(
    "meta",
    metadata,
    Column("name", String(60), primary_key=True),
    Column("value", Text, nullable=False),
)

# Every version of every fact, in the order received. Never edited, but that words are erased.
record = Table(
    "record",
    metadata,
    Column("seq", Integer, primary_key=True),
    Column("crm", String(80), nullable=False),
    Column("kind", String(40), nullable=False),
    Column("id", String(200), nullable=False),
    Column("digest", String(64), nullable=False),
    Column("content", Text, nullable=False),
    Column("origin", Text, nullable=False),
    Column("received_at", String(40), nullable=False),
    Index("ix_record_of", "crm", "kind", "id"),
)

# Which version is the newest, and the references that are searched.
latest = Table(
    "latest",
    metadata,
    Column("crm", String(80), nullable=False),
    Column("kind", String(40), nullable=False),
    Column("id", String(200), nullable=False),
    Column("seq", Integer, ForeignKey("record.seq"), nullable=False),
    Column("digest", String(64), nullable=False),
    Column("version", String(200), nullable=False, default=""),
    Column("claim", String(200), nullable=False, default=""),
    Column("voucher", String(200), nullable=False, default=""),
    Column("submitted", String(40), nullable=False, default=""),
    PrimaryKeyConstraint("crm", "kind", "id"),
    Index("ix_latest_claim", "crm", "kind", "claim"),
    Index("ix_latest_voucher", "crm", "kind", "voucher"),
)

# What the newest version of a record names, where it is searched by that: see `store.links`.
link = Table(
    "link",
    metadata,
    Column("crm", String(80), nullable=False),
    Column("kind", String(40), nullable=False),
    Column("id", String(200), nullable=False),
    Column("role", String(20), nullable=False),
    Column("name", String(200), nullable=False),
    PrimaryKeyConstraint("crm", "kind", "id", "role"),
    Index("ix_link_name", "crm", "kind", "name"),
)

# Who was away on which trip, from the first day to the last, by the claims that count.
absence = Table(
    "absence",
    metadata,
    Column("crm", String(80), nullable=False),
    Column("person", String(200), nullable=False),
    Column("trip", String(200), nullable=False),
    Column("starts", String(10), nullable=False),
    Column("ends", String(10), nullable=False),
    PrimaryKeyConstraint("crm", "person", "trip"),
    Index("ix_absence_trip", "crm", "trip"),
    Index("ix_absence_ends", "crm", "person", "ends"),
)

cursor = Table(
    "cursor",
    metadata,
    Column("crm", String(80), nullable=False),
    Column("kind", String(40), nullable=False),
    Column("value", Text, nullable=False),
    PrimaryKeyConstraint("crm", "kind"),
)

# Records that could not be read: one row a place, with every reason.
set_aside = Table(
    "set_aside",
    metadata,
    Column("crm", String(80), nullable=False),
    Column("kind", String(40), nullable=False),
    Column("id", String(200), nullable=False),
    Column("place", String(400), nullable=False),
    Column("problems", Text, nullable=False),
    Column("received_at", String(40), nullable=False),
    PrimaryKeyConstraint("crm", "kind", "place", "id"),
)

# Claims that changed and are not decided yet.
todo = Table(
    "todo",
    metadata,
    Column("crm", String(80), nullable=False),
    Column("claim", String(200), nullable=False),
    PrimaryKeyConstraint("crm", "claim"),
)

policy = Table(
    "policy",
    metadata,
    Column("id", String(80), nullable=False),
    Column("version", String(40), nullable=False),
    Column("digest", String(64), nullable=False),
    Column("first_used_at", String(40), nullable=False),
    PrimaryKeyConstraint("id", "version"),
)

# Every decision ever made; `live` marks the one that counts.
decision = Table(
    "decision",
    metadata,
    Column("seq", Integer, primary_key=True),
    Column("crm", String(80), nullable=False),
    Column("claim", String(200), nullable=False),
    Column("person", String(200), nullable=False),
    Column("digest", String(64), nullable=False),
    Column("content", Text, nullable=False),
    Column("outcome", String(20), nullable=False),
    Column("state", String(40), nullable=False),
    Column("currency", String(3), nullable=False),
    Column("claimed", BigInteger, nullable=False),
    Column("allowed", BigInteger, nullable=False),
    Column("submitted", String(40), nullable=False),
    Column("decided_at", String(40), nullable=False),
    Column("live", Boolean, nullable=False),
    Index("ix_decision_claim", "crm", "claim"),
)

# What a live decision counts in each window.
carry = Table(
    "carry",
    metadata,
    Column("crm", String(80), nullable=False),
    Column("claim", String(200), nullable=False),
    Column("line", String(200), nullable=False),
    Column("window", String(600), nullable=False),
    Column("amount", BigInteger, nullable=False),
    PrimaryKeyConstraint("crm", "claim", "line", "window"),
    Index("ix_carry_window", "crm", "window"),
)

budget_entry = Table(
    "budget_entry",
    metadata,
    Column("seq", Integer, primary_key=True),
    Column("crm", String(80), nullable=False),
    Column("budget", String(200), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("claim", String(200), nullable=False),
    Column("at", String(40), nullable=False),
    Index("ix_budget_entry_budget", "crm", "budget"),
    Index("ix_budget_entry_claim", "crm", "claim"),
)

# The sum of the entries, kept beside them and written in the same transaction.
budget_position = Table(
    "budget_position",
    metadata,
    Column("crm", String(80), nullable=False),
    Column("budget", String(200), nullable=False),
    Column("currency", String(3), nullable=False),
    Column("allocated", BigInteger, nullable=False),
    Column("committed", BigInteger, nullable=False),
    Column("spent", BigInteger, nullable=False),
    PrimaryKeyConstraint("crm", "budget"),
)

route_step = Table(
    "route_step",
    metadata,
    Column("crm", String(80), nullable=False),
    Column("claim", String(200), nullable=False),
    Column("position", Integer, nullable=False),
    Column("code", String(80), nullable=False),
    Column("approver", String(200), nullable=False),
    PrimaryKeyConstraint("crm", "claim", "position"),
)

# What is to be written to the CRM. `state`: waiting, sending, done, refused, conflict, superseded.
outbox = Table(
    "outbox",
    metadata,
    Column("seq", Integer, primary_key=True),
    Column("crm", String(80), nullable=False),
    Column("key", String(64), nullable=False),
    Column("kind", String(40), nullable=False),
    Column("record", String(200), nullable=False),
    Column("content", Text, nullable=False),
    Column("state", String(20), nullable=False),
    Column("reason", Text, nullable=False, default=""),
    UniqueConstraint("crm", "key"),
    Index("ix_outbox_state", "crm", "state", "seq"),
    Index("ix_outbox_record", "crm", "record"),
)

# The log: each entry as the bytes that are hashed (`core.audit`), and its digest. Never edited.
audit = Table(
    "audit",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("body", LargeBinary, nullable=False),
    Column("digest", LargeBinary, nullable=False),
)

# Heads of the log at a size; `parts` is the tree there, so that the next one goes on from it.
checkpoint = Table(
    "checkpoint",
    metadata,
    Column("size", Integer, primary_key=True, autoincrement=False),
    Column("body", LargeBinary, nullable=False),
    Column("parts", Text, nullable=False),
    Column("key", LargeBinary, nullable=False),
    Column("signature", LargeBinary, nullable=False),
)

# What the log holds of the words in a version of a record. Erasing takes the words and the salt.
words = Table(
    "words",
    metadata,
    Column("seq", Integer, ForeignKey("record.seq"), primary_key=True, autoincrement=False),
    Column("salt", String(64), nullable=False),
    Column("commitment", String(64), nullable=False),
    Column("erased", Boolean, nullable=False),
)

# What people said when they did something: why, in their own words, by the entry of the log.
reason = Table(
    "reason",
    metadata,
    Column("number", Integer, ForeignKey("audit.number"), primary_key=True, autoincrement=False),
    Column("person", String(200), nullable=False),
    Column("salt", String(64), nullable=False),
    Column("content", Text, nullable=False),
    Column("erased", Boolean, nullable=False),
    Index("ix_reason_person", "person"),
)

# The facts that a decision was made on, as its policy could read them.
evidence = Table(
    "evidence",
    metadata,
    Column("seq", Integer, ForeignKey("decision.seq"), primary_key=True, autoincrement=False),
    Column("content", Text, nullable=False),
    Column("erased", Boolean, nullable=False),
)

# The text of each policy version that decided, and the plug-ins that ran with it (JSON).
policy_text = Table(
    "policy_text",
    metadata,
    Column("id", String(80), nullable=False),
    Column("version", String(40), nullable=False),
    Column("content", Text, nullable=False),
    Column("plug_ins", Text, nullable=False),
    PrimaryKeyConstraint("id", "version"),
)

UNLIKE: Final[dict[str, tuple[str, ...]]] = {
    "audit": ("digest",),
    "checkpoint": ("body", "parts", "key", "signature"),
    "words": ("salt", "commitment"),
    "reason": ("salt",),
}
"""Salts, and what is made of them: they differ between stores whose content is the same."""
