"""The statements of a decision's transaction, made once: making one costs more than running it."""

from collections.abc import Iterable, Iterator
from typing import Final, TypeVar

from sqlalchemy import BindParameter, bindparam, delete, func, literal, select, union_all, update

from crm_expenses.core.budget import EntryKind
from crm_expenses.core.record import Kind
from crm_expenses.store import tables as t

Name = TypeVar("Name", str, tuple[str, str])

AT_ONCE: Final = 500
"""Most names in one statement: SQLite takes 32,766 values, PostgreSQL 65,535."""


def portions(names: Iterable[Name]) -> Iterator[list[Name]]:
    """Give names in portions that one statement can take, in a fixed order."""
    left = sorted(names)
    for start in range(0, len(left), AT_ONCE):
        yield left[start : start + AT_ONCE]


_crm: BindParameter[str] = bindparam("of_crm")
_claim: BindParameter[str] = bindparam("of_claim")
_names: BindParameter[list[str]] = bindparam("of_names", expanding=True)

NEWEST_RECORD = select(func.max(t.record.c.seq))
NEWEST_REFERENCE = select(
    NEWEST_RECORD.scalar_subquery().label("seq"),
    select(func.max(t.gone.c.entry))
    .where(
        (t.gone.c.crm == _crm) & t.gone.c.kind.in_((Kind.ACCOUNT_MANAGER.value, Kind.RATE.value))
    )
    .scalar_subquery()
    .label("gone"),
)
ANY_GONE = select(t.gone.c.id).where(t.gone.c.crm == _crm).limit(1)
GONE_NAMED = select(t.gone.c.kind, t.gone.c.id).where(
    (t.gone.c.crm == _crm) & t.gone.c.id.in_(_names)
)
NEWEST_ENTRY = select(func.max(t.budget_entry.c.seq))
NEWEST_WRITE = select(func.max(t.outbox.c.seq))

IS_PENDING = select(t.todo.c.claim).where((t.todo.c.crm == _crm) & (t.todo.c.claim == _claim))
STILL_PENDING = select(t.todo.c.claim).where((t.todo.c.crm == _crm) & t.todo.c.claim.in_(_names))
NOT_PENDING = delete(t.todo).where((t.todo.c.crm == _crm) & (t.todo.c.claim == _claim))

HELD = select(t.latest.c.id, t.latest.c.digest, t.latest.c.claim, t.latest.c.version).where(
    (t.latest.c.crm == _crm) & (t.latest.c.kind == bindparam("of_kind")) & t.latest.c.id.in_(_names)
)
HELD_BEFORE = select(t.latest.c.id).where(
    (t.latest.c.crm == _crm)
    & (t.latest.c.kind == bindparam("of_kind"))
    & (t.latest.c.seq <= bindparam("of_seq"))
    & t.latest.c.id.in_(_names)
)
NOT_LATEST = delete(t.latest).where(
    (t.latest.c.crm == _crm) & (t.latest.c.kind == bindparam("of_kind")) & t.latest.c.id.in_(_names)
)
BACKED = select(t.latest.c.claim).where(
    (t.latest.c.crm == _crm) & (t.latest.c.kind == Kind.LINE.value) & t.latest.c.voucher.in_(_names)
)
NOT_ASIDE = delete(t.set_aside).where(
    (t.set_aside.c.crm == _crm)
    & (t.set_aside.c.kind == bindparam("of_kind"))
    & t.set_aside.c.place.in_(_names)
)

NO_CURSOR = delete(t.cursor).where(
    (t.cursor.c.crm == _crm) & (t.cursor.c.kind == bindparam("of_kind"))
)
ADD_CURSOR = t.cursor.insert()

_newest = select(t.record.c.content).select_from(
    t.latest.join(t.record, t.latest.c.seq == t.record.c.seq)
)
_kind: BindParameter[str] = bindparam("of_kind")
RECORD = _newest.where(
    (t.latest.c.crm == _crm) & (t.latest.c.kind == _kind) & (t.latest.c.id == _claim)
)
RECORDS = _newest.where(
    (t.latest.c.crm == _crm) & (t.latest.c.kind == _kind) & t.latest.c.id.in_(_names)
).order_by(t.latest.c.id)
LINES = _newest.where(
    (t.latest.c.crm == _crm) & (t.latest.c.kind == _kind) & (t.latest.c.claim == _claim)
).order_by(t.latest.c.id)

NEWEST_OF_KIND = (
    select(t.latest.c.crm, t.record.c.content)
    .select_from(t.latest.join(t.record, t.latest.c.seq == t.record.c.seq))
    .where(t.latest.c.kind == _kind)
    .order_by(t.latest.c.crm, t.latest.c.id)
)

# Links and what follows from them. A line's link is to its trip, a claim's to its person.

LINKS = select(t.link.c.id, t.link.c.role, t.link.c.name).where(
    (t.link.c.crm == _crm) & (t.link.c.kind == _kind) & t.link.c.id.in_(_names)
)
NO_LINKS = delete(t.link).where(
    (t.link.c.crm == _crm) & (t.link.c.kind == _kind) & t.link.c.id.in_(_names)
)
_naming = select(t.link.c.id).where(
    (t.link.c.crm == _crm) & (t.link.c.kind == _kind) & t.link.c.name.in_(_names)
)
LINKED = _newest.where(
    (t.latest.c.crm == _crm) & (t.latest.c.kind == _kind) & t.latest.c.id.in_(_naming)
).order_by(t.latest.c.id)

_person: BindParameter[str] = bindparam("of_person")
_line, _claim_of = t.latest.alias("line"), t.link.alias("claim_of")
_on_trip = t.link.join(
    _line,
    (_line.c.crm == t.link.c.crm) & (_line.c.kind == t.link.c.kind) & (_line.c.id == t.link.c.id),
)
_travelling = _on_trip.join(
    _claim_of,
    (_claim_of.c.crm == _line.c.crm)
    & (_claim_of.c.kind == Kind.CLAIM.value)
    & (_claim_of.c.id == _line.c.claim),
)
_of_lines = (t.link.c.crm == _crm) & (t.link.c.kind == Kind.LINE.value)
CLAIMS_ON = (
    select(_line.c.claim)
    .distinct()
    .select_from(_on_trip)
    .where(_of_lines & t.link.c.name.in_(_names))
)
TRIPS_IN = (
    select(t.link.c.name.label("trip"))
    .distinct()
    .select_from(
        _line.join(
            t.link,
            (t.link.c.crm == _line.c.crm)
            & (t.link.c.kind == _line.c.kind)
            & (t.link.c.id == _line.c.id),
        )
    )
    .where((_line.c.crm == _crm) & (_line.c.kind == Kind.LINE.value) & _line.c.claim.in_(_names))
)
TRAVELLERS = (
    select(_claim_of.c.name.label("person"), t.link.c.name.label("trip"))
    .distinct()
    .select_from(_travelling)
    .where(_of_lines & t.link.c.name.in_(_names))
)
CLAIMS_AWAY = (
    select(_line.c.claim)
    .distinct()
    .select_from(_travelling)
    .where(_of_lines & t.link.c.name.in_(_names) & (_claim_of.c.name == _person))
)
LINES_DECIDED = _newest.where(
    (t.latest.c.crm == _crm)
    & (t.latest.c.kind == Kind.LINE.value)
    & t.latest.c.claim.in_(
        select(t.link.c.id)
        .join(t.decision, (t.decision.c.crm == t.link.c.crm) & (t.decision.c.claim == t.link.c.id))
        .where(
            (t.link.c.crm == _crm)
            & (t.link.c.kind == Kind.CLAIM.value)
            & (t.link.c.name == _person)
            & t.decision.c.live
        )
    )
)
_absent = t.absence.c.crm == _crm
ABSENCES = select(t.absence).where(_absent & t.absence.c.trip.in_(_names))
NO_ABSENCES = delete(t.absence).where(_absent & t.absence.c.trip.in_(_names))
AWAY = select(t.absence).where(
    _absent
    & (t.absence.c.person == _person)
    & (t.absence.c.ends >= bindparam("of_first"))
    & (t.absence.c.starts <= bindparam("of_last"))
)

NEW_VERSION = (
    update(t.latest)
    .where((t.latest.c.crm == _crm) & (t.latest.c.kind == _kind) & (t.latest.c.id == _claim))
    .values(version=bindparam("of_version"))
)

POSITIONS = (
    select(t.budget_position)
    .where((t.budget_position.c.crm == _crm) & t.budget_position.c.budget.in_(_names))
    .order_by(t.budget_position.c.budget)
)
NO_POSITIONS = delete(t.budget_position).where(
    (t.budget_position.c.crm == _crm) & t.budget_position.c.budget.in_(_names)
)
ENTRIES = (
    select(t.budget_entry)
    .where((t.budget_entry.c.crm == _crm) & (t.budget_entry.c.claim == _claim))
    .order_by(t.budget_entry.c.seq)
)
ENTRIES_AFTER = (
    select(t.budget_entry)
    .where(t.budget_entry.c.seq > bindparam("of_seq"))
    .order_by(t.budget_entry.c.seq)
)
ALLOCATED = (
    select(
        t.budget_entry.c.budget,
        t.budget_entry.c.currency,
        func.sum(t.budget_entry.c.amount).label("amount"),
    )
    .where(
        (t.budget_entry.c.crm == _crm)
        & t.budget_entry.c.budget.in_(_names)
        & (t.budget_entry.c.kind == EntryKind.ALLOCATE.value)
    )
    .group_by(t.budget_entry.c.budget, t.budget_entry.c.currency)
)
MOVES = (
    select(t.budget_entry.c.move)
    .distinct()
    .where((t.budget_entry.c.crm == _crm) & t.budget_entry.c.move.in_(_names))
)
ADD_ENTRIES = t.budget_entry.insert()
ADD_POSITIONS = t.budget_position.insert()

_terms, _crossed = t.budget_terms.c, t.budget_crossed.c
TERMS = select(t.budget_terms).where((_terms.crm == _crm) & _terms.budget.in_(_names))
WATCHED = union_all(
    select(_terms.budget, _terms.content, literal("terms").label("what")).where(
        (_terms.crm == _crm) & _terms.budget.in_(_names)
    ),
    select(_crossed.budget, _crossed.content, literal("crossed").label("what")).where(
        (_crossed.crm == _crm) & _crossed.budget.in_(_names)
    ),
)
NOT_CROSSED = delete(t.budget_crossed).where((_crossed.crm == _crm) & _crossed.budget.in_(_names))
ADD_CROSSED = t.budget_crossed.insert()

WINDOWS = (
    select(t.carry.c.window, func.sum(t.carry.c.amount).label("used"))
    .where((t.carry.c.crm == _crm) & t.carry.c.window.in_(_names) & (t.carry.c.claim != _claim))
    .group_by(t.carry.c.window)
)
ADD_CARRIES = t.carry.insert()
NO_CARRIES = delete(t.carry).where((t.carry.c.crm == _crm) & (t.carry.c.claim == _claim))

_next_decision = select(func.coalesce(func.max(t.decision.c.seq), 0) + 1).scalar_subquery()
ADD_DECISION = t.decision.insert().values(seq=_next_decision)
NEWEST_DECISION = select(func.max(t.decision.c.seq))
RETIRE_DECISION = (
    update(t.decision)
    .where((t.decision.c.crm == _crm) & (t.decision.c.claim == _claim) & t.decision.c.live)
    .values(live=False)
)

ADD_STEPS = t.route_step.insert()
NO_STEPS = delete(t.route_step).where(
    (t.route_step.c.crm == _crm) & (t.route_step.c.claim == _claim)
)

SENT_BEFORE = (
    select(
        t.outbox.c.seq,
        t.outbox.c.key,
        t.outbox.c.kind,
        t.outbox.c.record,
        t.outbox.c.content,
        t.outbox.c.state,
    )
    .where((t.outbox.c.crm == _crm) & t.outbox.c.record.in_(_names))
    .order_by(t.outbox.c.seq)
)
ADD_WRITES = t.outbox.insert()
NO_WRITES = delete(t.outbox).where(t.outbox.c.seq.in_(_names))
OVERTAKEN = update(t.outbox).where(t.outbox.c.seq.in_(_names)).values(state="superseded")

LOG_HEAD = select(t.audit.c.number, t.audit.c.digest).order_by(t.audit.c.number.desc()).limit(1)
ADD_LOG = t.audit.insert()
ADD_REASON = t.reason.insert()
LAST_CHECKPOINT = select(t.checkpoint).order_by(t.checkpoint.c.size.desc()).limit(1)
DIGESTS_AFTER = (
    select(t.audit.c.digest)
    .where(t.audit.c.number > bindparam("of_number"))
    .order_by(t.audit.c.number)
)
ADD_CHECKPOINT = t.checkpoint.insert()
HAS_TEXT = select(t.policy_text.c.id).where(
    (t.policy_text.c.id == bindparam("of_id"))
    & (t.policy_text.c.version == bindparam("of_version"))
)
ERASED = (
    select(t.latest.c.id, t.record.c.content)
    .select_from(
        t.latest.join(t.words, t.words.c.seq == t.latest.c.seq).join(
            t.record, t.record.c.seq == t.latest.c.seq
        )
    )
    .where(
        (t.latest.c.crm == _crm)
        & (t.latest.c.kind == _kind)
        & t.latest.c.id.in_(_names)
        & t.words.c.erased
    )
)
REASONS_OF = (
    select(t.reason.c.number)
    .where((t.reason.c.person == _person) & ~t.reason.c.erased)
    .order_by(t.reason.c.number)
)
ERASE_REASONS = (
    update(t.reason).where(t.reason.c.person == _person).values(salt="", content="", erased=True)
)
DERIVED = (
    select(t.decision, t.evidence.c.content.label("facts"), t.evidence.c.erased)
    .select_from(t.decision.outerjoin(t.evidence, t.evidence.c.seq == t.decision.c.seq))
    .where((t.decision.c.crm == _crm) & (t.decision.c.claim == _claim))
    .order_by(t.decision.c.seq)
)
ADD_EVIDENCE = t.evidence.insert()

_of_life = (t.life.c.crm == _crm) & (t.life.c.claim == _claim)
LIFE = select(t.life.c.content).where(_of_life)
NO_LIFE = delete(t.life).where(_of_life)
ADD_LIFE = t.life.insert()
IN_STATE = (
    select(t.life.c.claim)
    .where((t.life.c.crm == _crm) & (t.life.c.state == bindparam("of_state")))
    .order_by(t.life.c.claim)
)
GIVEN = (
    select(t.approval.c.seq, t.approval.c.entry, t.approval.c.content)
    .select_from(t.approval.outerjoin(t.voiding, t.voiding.c.approval == t.approval.c.seq))
    .where(
        (t.approval.c.crm == _crm) & (t.approval.c.claim == _claim) & t.voiding.c.approval.is_(None)
    )
    .order_by(t.approval.c.seq)
)
SUBSTITUTES = (
    select(t.substitute.c.seq, t.substitute.c.content)
    .where((t.substitute.c.crm == _crm) & (t.substitute.c.ended == 0))
    .order_by(t.substitute.c.seq)
)
LIVE_DECISION = (
    select(t.decision.c.seq, t.decision.c.content, t.evidence.c.content.label("facts"))
    .select_from(t.decision.outerjoin(t.evidence, t.evidence.c.seq == t.decision.c.seq))
    .where((t.decision.c.crm == _crm) & (t.decision.c.claim == _claim) & t.decision.c.live)
)
MOVE_DECISION = (
    update(t.decision)
    .where((t.decision.c.crm == _crm) & (t.decision.c.claim == _claim) & t.decision.c.live)
    .values(state=bindparam("of_state"))
)
NO_CARRIES_OF_LINES = delete(t.carry).where(
    (t.carry.c.crm == _crm) & (t.carry.c.claim == _claim) & t.carry.c.line.in_(_names)
)

SOURCES = select(t.approval.c.source).where(
    (t.approval.c.crm == _crm) & (t.approval.c.claim == _claim) & (t.approval.c.source != "")
)
TOLD = select(t.notice.c.content).where(
    (t.notice.c.crm == _crm)
    & (t.notice.c.person == _person)
    & (t.notice.c.code == bindparam("of_code"))
    & (t.notice.c.subject == _claim)
)
SAID = (
    select(
        *(t.approval.c.seq, t.approval.c.source, t.approval.c.content),
        *(t.voiding.c.content.label("changes"), t.reason.c.content.label("reason")),
        t.reason.c.erased,
    )
    .select_from(
        t.approval.outerjoin(t.voiding, t.voiding.c.approval == t.approval.c.seq).outerjoin(
            t.reason, t.reason.c.number == t.approval.c.entry
        )
    )
    .where((t.approval.c.crm == _crm) & (t.approval.c.claim == _claim))
    .order_by(t.approval.c.seq)
)
LIVES = (
    select(t.life.c.content)
    .where((t.life.c.crm == _crm) & (t.life.c.state == bindparam("of_state")))
    .order_by(t.life.c.claim)
)
OF_KIND = _newest.where((t.latest.c.crm == _crm) & (t.latest.c.kind == _kind)).order_by(
    t.latest.c.id
)
SPOKEN_OF = (
    select(t.life.c.claim)
    .join(t.latest, (t.latest.c.crm == t.life.c.crm) & (t.latest.c.claim == t.life.c.claim))
    .where(
        (t.life.c.crm == _crm)
        & (t.life.c.state == bindparam("of_state"))
        & (t.latest.c.kind == Kind.APPROVAL.value)
    )
    .distinct()
)
