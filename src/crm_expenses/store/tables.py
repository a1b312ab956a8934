"""The tables, for SQLite and PostgreSQL alike.

Money is whole minor units beside its currency. Facts and decisions are canonical JSON beside the
columns that are searched. Nothing here is random but the salts of people's words (`UNLIKE`), and no
clock is read, so an interrupted run ends in the same rows as an undisturbed one; rows are numbered
by us, because a sequence of PostgreSQL leaves a gap where a transaction was undone.

The lengths are those that SQLite is told, which does not mind them; PostgreSQL, which would refuse
what is longer, is told none. What may not be long is looked at where it comes in: `store.keeping`.
Texts sort by code point on both, whatever the database's own order is.
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
from sqlalchemy.dialects.postgresql import TEXT

_BY_CODE_POINT = TEXT(collation="C")


def _name(length: int) -> String:
    """Give the type of a text that is searched or sorted by."""
    return String(length).with_variant(_BY_CODE_POINT, "postgresql")


_BODY = Text().with_variant(_BY_CODE_POINT, "postgresql")
_NUMBER = BigInteger().with_variant(Integer, "sqlite")  # there, only INTEGER is the row's own

SCHEMA_VERSION = 5
"""1: the first. 2: with `link` and `absence`, which are made from the records of version 1. 3: the
log as bytes, with checkpoints, words that can be erased, and what decisions are derived from. 4:
the lives of claims: approvals, payments, advances; transfers and alerts of budgets; notices. 5:
what went there and what changed on both sides: `gone`, `edit`, `clash`; files; links; who runs."""

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
    Column("name", _name(60), primary_key=True),
    Column("value", _BODY, nullable=False),
)

# Every version of every fact, in the order received. Never edited, but that words are erased.
record = Table(
    "record",
    metadata,
    Column("seq", _NUMBER, primary_key=True, autoincrement=False),
    Column("crm", _name(80), nullable=False),
    Column("kind", _name(40), nullable=False),
    Column("id", _name(200), nullable=False),
    Column("digest", _name(64), nullable=False),
    Column("content", _BODY, nullable=False),
    Column("origin", _BODY, nullable=False),
    Column("received_at", _name(40), nullable=False),
    Index("ix_record_of", "crm", "kind", "id"),
)

# Which version is the newest, and the references that are searched.
latest = Table(
    "latest",
    metadata,
    Column("crm", _name(80), nullable=False),
    Column("kind", _name(40), nullable=False),
    Column("id", _name(200), nullable=False),
    Column("seq", _NUMBER, ForeignKey("record.seq"), nullable=False),
    Column("digest", _name(64), nullable=False),
    Column("version", _name(200), nullable=False, default=""),
    Column("claim", _name(200), nullable=False, default=""),
    Column("voucher", _name(200), nullable=False, default=""),
    Column("submitted", _name(40), nullable=False, default=""),
    PrimaryKeyConstraint("crm", "kind", "id"),
    Index("ix_latest_claim", "crm", "kind", "claim"),
    Index("ix_latest_voucher", "crm", "kind", "voucher"),
)

# What the newest version of a record names, where it is searched by that: see `store.links`.
link = Table(
    "link",
    metadata,
    Column("crm", _name(80), nullable=False),
    Column("kind", _name(40), nullable=False),
    Column("id", _name(200), nullable=False),
    Column("role", _name(20), nullable=False),
    Column("name", _name(200), nullable=False),
    PrimaryKeyConstraint("crm", "kind", "id", "role"),
    Index("ix_link_name", "crm", "kind", "name"),
)

# Who was away on which trip, from the first day to the last, by the claims that count.
absence = Table(
    "absence",
    metadata,
    Column("crm", _name(80), nullable=False),
    Column("person", _name(200), nullable=False),
    Column("trip", _name(200), nullable=False),
    Column("starts", _name(10), nullable=False),
    Column("ends", _name(10), nullable=False),
    PrimaryKeyConstraint("crm", "person", "trip"),
    Index("ix_absence_trip", "crm", "trip"),
    Index("ix_absence_ends", "crm", "person", "ends"),
)

cursor = Table(
    "cursor",
    metadata,
    Column("crm", _name(80), nullable=False),
    Column("kind", _name(40), nullable=False),
    Column("value", _BODY, nullable=False),
    PrimaryKeyConstraint("crm", "kind"),
)

# Records that could not be read: one row a place, with every reason.
set_aside = Table(
    "set_aside",
    metadata,
    Column("crm", _name(80), nullable=False),
    Column("kind", _name(40), nullable=False),
    Column("id", _name(200), nullable=False),
    Column("place", _name(400), nullable=False),
    Column("problems", _BODY, nullable=False),
    Column("received_at", _name(40), nullable=False),
    PrimaryKeyConstraint("crm", "kind", "place", "id"),
)

# Claims that changed and are not decided yet.
todo = Table(
    "todo",
    metadata,
    Column("crm", _name(80), nullable=False),
    Column("claim", _name(200), nullable=False),
    PrimaryKeyConstraint("crm", "claim"),
)

policy = Table(
    "policy",
    metadata,
    Column("id", _name(80), nullable=False),
    Column("version", _name(40), nullable=False),
    Column("digest", _name(64), nullable=False),
    Column("first_used_at", _name(40), nullable=False),
    PrimaryKeyConstraint("id", "version"),
)

# Every decision ever made; `live` marks the one that counts.
decision = Table(
    "decision",
    metadata,
    Column("seq", _NUMBER, primary_key=True, autoincrement=False),
    Column("crm", _name(80), nullable=False),
    Column("claim", _name(200), nullable=False),
    Column("person", _name(200), nullable=False),
    Column("digest", _name(64), nullable=False),
    Column("content", _BODY, nullable=False),
    Column("outcome", _name(20), nullable=False),
    Column("state", _name(40), nullable=False),
    Column("currency", _name(3), nullable=False),
    Column("claimed", BigInteger, nullable=False),
    Column("allowed", BigInteger, nullable=False),
    Column("submitted", _name(40), nullable=False),
    Column("decided_at", _name(40), nullable=False),
    Column("live", Boolean, nullable=False),
    Index("ix_decision_claim", "crm", "claim"),
)

# What a live decision counts in each window.
carry = Table(
    "carry",
    metadata,
    Column("crm", _name(80), nullable=False),
    Column("claim", _name(200), nullable=False),
    Column("line", _name(200), nullable=False),
    Column("window", _name(600), nullable=False),
    Column("amount", BigInteger, nullable=False),
    PrimaryKeyConstraint("crm", "claim", "line", "window"),
    Index("ix_carry_window", "crm", "window"),
)

budget_entry = Table(
    "budget_entry",
    metadata,
    Column("seq", _NUMBER, primary_key=True, autoincrement=False),
    Column("crm", _name(80), nullable=False),
    Column("budget", _name(200), nullable=False),
    Column("kind", _name(20), nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("currency", _name(3), nullable=False),
    Column("claim", _name(200), nullable=False),
    Column("at", _name(40), nullable=False),
    Column("move", _name(200), nullable=False, server_default=""),
    Index("ix_budget_entry_budget", "crm", "budget"),
    Index("ix_budget_entry_claim", "crm", "claim"),
)

# The sum of the entries, kept beside them and written in the same transaction.
budget_position = Table(
    "budget_position",
    metadata,
    Column("crm", _name(80), nullable=False),
    Column("budget", _name(200), nullable=False),
    Column("currency", _name(3), nullable=False),
    Column("allocated", BigInteger, nullable=False),
    Column("committed", BigInteger, nullable=False),
    Column("spent", BigInteger, nullable=False),
    PrimaryKeyConstraint("crm", "budget"),
)

route_step = Table(
    "route_step",
    metadata,
    Column("crm", _name(80), nullable=False),
    Column("claim", _name(200), nullable=False),
    Column("position", Integer, nullable=False),
    Column("code", _name(80), nullable=False),
    Column("approver", _name(200), nullable=False),
    PrimaryKeyConstraint("crm", "claim", "position"),
)

# What is to be written to the CRM. `state`: waiting, sending, done, refused, stuck, superseded.
# `since` is when it was refused or got stuck, `tries` how often it conflicted or stayed unknown.
outbox = Table(
    "outbox",
    metadata,
    Column("seq", _NUMBER, primary_key=True, autoincrement=False),
    Column("crm", _name(80), nullable=False),
    Column("key", _name(64), nullable=False),
    Column("kind", _name(40), nullable=False),
    Column("record", _name(200), nullable=False),
    Column("content", _BODY, nullable=False),
    Column("state", _name(20), nullable=False),
    Column("reason", _BODY, nullable=False, default=""),
    Column("tries", Integer, nullable=False, server_default="0"),
    Column("since", _name(40), nullable=False, server_default=""),
    UniqueConstraint("crm", "key"),
    Index("ix_outbox_state", "crm", "state", "seq"),
    Index("ix_outbox_record", "crm", "record"),
)

# The log: each entry as the bytes that are hashed (`core.audit`), and its digest. Never edited.
audit = Table(
    "audit",
    metadata,
    Column("number", _NUMBER, primary_key=True, autoincrement=False),
    Column("body", LargeBinary, nullable=False),
    Column("digest", LargeBinary, nullable=False),
)

# Heads of the log at a size; `parts` is the tree there, so that the next one goes on from it.
checkpoint = Table(
    "checkpoint",
    metadata,
    Column("size", _NUMBER, primary_key=True, autoincrement=False),
    Column("body", LargeBinary, nullable=False),
    Column("parts", _BODY, nullable=False),
    Column("key", LargeBinary, nullable=False),
    Column("signature", LargeBinary, nullable=False),
)

# What the log holds of the words in a version of a record. Erasing takes the words and the salt.
words = Table(
    "words",
    metadata,
    Column("seq", _NUMBER, ForeignKey("record.seq"), primary_key=True, autoincrement=False),
    Column("salt", _name(64), nullable=False),
    Column("commitment", _name(64), nullable=False),
    Column("erased", Boolean, nullable=False),
)

# What people said when they did something: why, in their own words, by the entry of the log.
reason = Table(
    "reason",
    metadata,
    Column("number", _NUMBER, ForeignKey("audit.number"), primary_key=True, autoincrement=False),
    Column("person", _name(200), nullable=False),
    Column("salt", _name(64), nullable=False),
    Column("content", _BODY, nullable=False),
    Column("erased", Boolean, nullable=False),
    Index("ix_reason_person", "person"),
)

# The facts that a decision was made on, as its policy could read them.
evidence = Table(
    "evidence",
    metadata,
    Column("seq", _NUMBER, ForeignKey("decision.seq"), primary_key=True, autoincrement=False),
    Column("content", _BODY, nullable=False),
    Column("erased", Boolean, nullable=False),
)

# The text of each policy version that decided, and the plug-ins that ran with it (JSON).
policy_text = Table(
    "policy_text",
    metadata,
    Column("id", _name(80), nullable=False),
    Column("version", _name(40), nullable=False),
    Column("content", _BODY, nullable=False),
    Column("plug_ins", _BODY, nullable=False),
    PrimaryKeyConstraint("id", "version"),
)

# Where each claim stands: what was approved of it, its route, what is due (`core.life`).
life = Table(
    "life",
    metadata,
    Column("crm", _name(80), nullable=False),
    Column("claim", _name(200), nullable=False),
    Column("person", _name(200), nullable=False),
    Column("state", _name(40), nullable=False),
    Column("due_on", _name(10), nullable=False),
    Column("content", _BODY, nullable=False),
    PrimaryKeyConstraint("crm", "claim"),
    Index("ix_life_state", "crm", "state"),
)

# What people said of claims. Never edited; `entry` is the log's, which has the reason beside it.
approval = Table(
    "approval",
    metadata,
    Column("seq", _NUMBER, primary_key=True, autoincrement=False),
    Column("crm", _name(80), nullable=False),
    Column("claim", _name(200), nullable=False),
    Column("entry", _NUMBER, nullable=False),
    Column("source", _name(200), nullable=False),
    Column("content", _BODY, nullable=False),
    Index("ix_approval_claim", "crm", "claim"),
)

# Approvals that no longer count, each with the changes that voided it.
voiding = Table(
    "voiding",
    metadata,
    Column("seq", _NUMBER, primary_key=True, autoincrement=False),
    Column("crm", _name(80), nullable=False),
    Column("claim", _name(200), nullable=False),
    Column("approval", _NUMBER, ForeignKey("approval.seq"), nullable=False),
    Column("content", _BODY, nullable=False),
    UniqueConstraint("approval"),
    Index("ix_voiding_claim", "crm", "claim"),
)

# Who acts for whom, by our own command; `ended` is the log's entry that ended it, 0 before.
substitute = Table(
    "substitute",
    metadata,
    Column("seq", _NUMBER, primary_key=True, autoincrement=False),
    Column("crm", _name(80), nullable=False),
    Column("instead_of", _name(200), nullable=False),
    Column("content", _BODY, nullable=False),
    Column("ended", _NUMBER, nullable=False),
    Index("ix_substitute_ended", "crm", "ended"),
)

payment = Table(
    "payment",
    metadata,
    Column("seq", _NUMBER, primary_key=True, autoincrement=False),
    Column("crm", _name(80), nullable=False),
    Column("claim", _name(200), nullable=False),
    Column("content", _BODY, nullable=False),
    Index("ix_payment_claim", "crm", "claim"),
)

advance_entry = Table(
    "advance_entry",
    metadata,
    Column("seq", _NUMBER, primary_key=True, autoincrement=False),
    Column("crm", _name(80), nullable=False),
    Column("advance", _name(200), nullable=False),
    Column("person", _name(200), nullable=False),
    Column("claim", _name(200), nullable=False),
    Column("content", _BODY, nullable=False),
    Index("ix_advance_entry_advance", "crm", "advance"),
    Index("ix_advance_entry_person", "crm", "person"),
)

# Claims that were made here and not in a CRM; numbered without a gap within a year.
own_claim = Table(
    "own_claim",
    metadata,
    Column("crm", _name(80), nullable=False),
    Column("claim", _name(200), nullable=False),
    Column("year", Integer, nullable=False),
    Column("number", Integer, nullable=False),
    PrimaryKeyConstraint("crm", "claim"),
    UniqueConstraint("crm", "year", "number"),
)

# What people are told, once each: who, of what, with the values of the text (JSON).
notice = Table(
    "notice",
    metadata,
    Column("seq", _NUMBER, primary_key=True, autoincrement=False),
    Column("crm", _name(80), nullable=False),
    Column("person", _name(200), nullable=False),
    Column("code", _name(80), nullable=False),
    Column("subject", _name(200), nullable=False),
    Column("content", _BODY, nullable=False),
    Column("at", _name(40), nullable=False),
    Index("ix_notice_person", "crm", "person", "seq"),
)

# What a plan says of a budget beside the budget itself: when to alert, what is carried over.
budget_terms = Table(
    "budget_terms",
    metadata,
    Column("crm", _name(80), nullable=False),
    Column("budget", _name(200), nullable=False),
    Column("content", _BODY, nullable=False),
    PrimaryKeyConstraint("crm", "budget"),
)

# Which thresholds a budget's use has crossed, as it was told last (JSON).
budget_crossed = Table(
    "budget_crossed",
    metadata,
    Column("crm", _name(80), nullable=False),
    Column("budget", _name(200), nullable=False),
    Column("content", _BODY, nullable=False),
    PrimaryKeyConstraint("crm", "budget"),
)

# Money that somebody asked to move between budgets; `entry` is the log's, with the reason.
transfer = Table(
    "transfer",
    metadata,
    Column("seq", _NUMBER, primary_key=True, autoincrement=False),
    Column("crm", _name(80), nullable=False),
    Column("id", _name(200), nullable=False),
    Column("state", _name(20), nullable=False),
    Column("entry", _NUMBER, nullable=False),
    Column("content", _BODY, nullable=False),
    UniqueConstraint("crm", "id"),
)

transfer_approval = Table(
    "transfer_approval",
    metadata,
    Column("seq", _NUMBER, primary_key=True, autoincrement=False),
    Column("crm", _name(80), nullable=False),
    Column("transfer", _name(200), nullable=False),
    Column("content", _BODY, nullable=False),
    Index("ix_transfer_approval_transfer", "crm", "transfer"),
)

# Records that are no longer in the CRM; `into` is what they were merged into, empty if deleted.
gone = Table(
    "gone",
    metadata,
    Column("crm", _name(80), nullable=False),
    Column("kind", _name(40), nullable=False),
    Column("id", _name(200), nullable=False),
    Column("into", _name(200), nullable=False),
    Column("seq", _NUMBER, nullable=False),
    Column("entry", _NUMBER, nullable=False),
    PrimaryKeyConstraint("crm", "kind", "id"),
    Index("ix_gone_into", "crm", "kind", "into"),
)

# The reading of all records of a kind: under way, or the last that ended. `way` is whose cursor it
# goes by (`store.readings`); `before` is the newest row when it began: what came later is not
# missing. `held` and `missing` count where it was not believed, and are 0 where it was.
reading = Table(
    "reading",
    metadata,
    Column("crm", _name(80), nullable=False),
    Column("kind", _name(40), nullable=False),
    Column("way", _name(20), nullable=False),
    Column("started_at", _name(40), nullable=False),
    Column("ended_at", _name(40), nullable=False, server_default=""),
    Column("cursor", _BODY, nullable=False),
    Column("before", _NUMBER, nullable=False),
    Column("held", _NUMBER, nullable=False),
    Column("missing", _NUMBER, nullable=False),
    PrimaryKeyConstraint("crm", "kind"),
)
# Which records the reading has met; `missed` are those that the one before did not.
sighting = Table(
    "sighting",
    metadata,
    Column("crm", _name(80), nullable=False),
    Column("kind", _name(40), nullable=False),
    Column("id", _name(200), nullable=False),
    Column("missed", Boolean, nullable=False),
    PrimaryKeyConstraint("crm", "kind", "missed", "id"),
)

# Fields of records that were changed here. `base` and `ours` are JSON: what both sides agreed on
# last, and what it shall be. `state`: waiting, done, lost (the CRM's value won), asked, again (ours
# won, or a person said so: a later row waits on top of it), overtaken, ended, erased. Only the
# state changes.
edit = Table(
    "edit",
    metadata,
    Column("seq", _NUMBER, primary_key=True, autoincrement=False),
    Column("crm", _name(80), nullable=False),
    Column("kind", _name(40), nullable=False),
    Column("id", _name(200), nullable=False),
    Column("field", _name(80), nullable=False),
    Column("base", _BODY, nullable=False),
    Column("ours", _BODY, nullable=False),
    Column("state", _name(20), nullable=False),
    Column("entry", _NUMBER, nullable=False),
    Column("at", _name(40), nullable=False),
    Index("ix_edit_of", "crm", "kind", "id"),
    Index("ix_edit_state", "crm", "state"),
)

# Fields that both sides changed. `winner`: empty while a person is asked, else crm, ours, third (a
# person gave another value), gone (the record went) or erased.
clash = Table(
    "clash",
    metadata,
    Column("seq", _NUMBER, primary_key=True, autoincrement=False),
    Column("crm", _name(80), nullable=False),
    Column("kind", _name(40), nullable=False),
    Column("id", _name(200), nullable=False),
    Column("field", _name(80), nullable=False),
    Column("edit", _NUMBER, ForeignKey("edit.seq"), nullable=False),
    Column("base", _BODY, nullable=False),
    Column("theirs", _BODY, nullable=False),
    Column("ours", _BODY, nullable=False),
    Column("winner", _name(20), nullable=False),
    Column("entry", _NUMBER, nullable=False),
    Column("settled", _NUMBER, nullable=False),
    Column("at", _name(40), nullable=False),
    Index("ix_clash_winner", "crm", "winner"),
    Index("ix_clash_of", "crm", "kind", "id"),
)

# Files of vouchers: where each stands there, and the digest of its bytes, which names our copy; it
# is empty before there is one. `state`: held, failed, refused, gone; ours: to_send, sending, sent.
file = Table(
    "file",
    metadata,
    Column("crm", _name(80), nullable=False),
    Column("voucher", _name(200), nullable=False),
    Column("id", _name(200), nullable=False),
    Column("name", _name(400), nullable=False),
    Column("type", _name(200), nullable=False),
    Column("size", _NUMBER, nullable=False),
    Column("version", _name(200), nullable=False),
    Column("digest", _name(64), nullable=False),
    Column("state", _name(20), nullable=False),
    Column("reason", _BODY, nullable=False),
    Column("tries", Integer, nullable=False, server_default="0"),
    PrimaryKeyConstraint("crm", "voucher", "id"),
    Index("ix_file_digest", "digest"),
    Index("ix_file_state", "crm", "state"),
)

# At which version of a voucher its files were listed; any other is to be listed.
listed = Table(
    "listed",
    metadata,
    Column("crm", _name(80), nullable=False),
    Column("voucher", _name(200), nullable=False),
    Column("seq", _NUMBER, nullable=False),
    Column("version", _name(200), nullable=False),
    PrimaryKeyConstraint("crm", "voucher"),
)

# Records of several CRMs that are one and the same thing: those that share a name here.
same = Table(
    "same",
    metadata,
    Column("kind", _name(40), nullable=False),
    Column("crm", _name(80), nullable=False),
    Column("id", _name(200), nullable=False),
    Column("name", _name(200), nullable=False),
    Column("how", _name(40), nullable=False),
    Column("entry", _NUMBER, nullable=False),
    PrimaryKeyConstraint("kind", "crm", "id"),
    Index("ix_same_name", "kind", "name"),
)

# Who runs what, until when: a process that dies loses it.
lease = Table(
    "lease",
    metadata,
    Column("name", _name(200), primary_key=True),
    Column("holder", _name(200), nullable=False),
    Column("since", _name(40), nullable=False),
    Column("until", _name(40), nullable=False),
    Column("number", _NUMBER, nullable=False),
)

# That a pull is due, because a CRM said so; and which of its messages were seen.
due = Table(
    "due",
    metadata,
    Column("crm", _name(80), primary_key=True),
    Column("since", _name(40), nullable=False),
    Column("number", _NUMBER, nullable=False),
)
message = Table(
    "message",
    metadata,
    Column("crm", _name(80), nullable=False),
    Column("digest", _name(64), nullable=False),
    Column("at", _name(40), nullable=False),
    PrimaryKeyConstraint("crm", "digest"),
    Index("ix_message_at", "crm", "at"),
)

# Calls to a CRM on its own day, and when the next one may be made by anybody.
allowance = Table(
    "allowance",
    metadata,
    Column("crm", _name(80), nullable=False),
    Column("day", _name(10), nullable=False),
    Column("calls", _NUMBER, nullable=False),
    PrimaryKeyConstraint("crm", "day"),
)
pace = Table(
    "pace",
    metadata,
    Column("crm", _name(80), primary_key=True),
    Column("next_at", _name(40), nullable=False),
    Column("closed_until", _name(40), nullable=False, server_default=""),
)

# The last run of a CRM: when, when one last succeeded (empty for never), its figures (JSON).
last_run = Table(
    "last_run",
    metadata,
    Column("crm", _name(80), primary_key=True),
    Column("at", _name(40), nullable=False),
    Column("succeeded_at", _name(40), nullable=False, server_default=""),
    Column("content", _BODY, nullable=False),
)

PASSING: Final = frozenset(
    {
        *("lease", "due", "message", "allowance", "pace", "last_run"),
        *("reading", "sighting", "listed"),
    }
)
"""Tables of what is under way: who runs, how far, how it went. None says what is known."""

UNLIKE: Final[dict[str, tuple[str, ...]]] = {
    "audit": ("digest",),
    "checkpoint": ("body", "parts", "key", "signature"),
    "words": ("salt", "commitment"),
    "reason": ("salt",),
}
"""Salts, and what is made of them: they differ between stores whose content is the same."""
