"""The statements of a decision's transaction, made once: making one costs more than running it."""

from sqlalchemy import BindParameter, bindparam, delete, func, select, update

from crm_expenses.store import tables as t

_crm: BindParameter[str] = bindparam("of_crm")
_claim: BindParameter[str] = bindparam("of_claim")
_names: BindParameter[list[str]] = bindparam("of_names", expanding=True)

NEWEST_RECORD = select(t.record.c.seq).order_by(t.record.c.seq.desc()).limit(1)

IS_PENDING = select(t.todo.c.claim).where((t.todo.c.crm == _crm) & (t.todo.c.claim == _claim))
NOT_PENDING = delete(t.todo).where((t.todo.c.crm == _crm) & (t.todo.c.claim == _claim))

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

NEW_VERSION = (
    update(t.latest)
    .where((t.latest.c.crm == _crm) & (t.latest.c.kind == _kind) & (t.latest.c.id == _claim))
    .values(version=bindparam("of_version"))
)

POSITIONS = select(t.budget_position).where(
    (t.budget_position.c.crm == _crm) & t.budget_position.c.budget.in_(_names)
)
NO_POSITIONS = delete(t.budget_position).where(
    (t.budget_position.c.crm == _crm) & t.budget_position.c.budget.in_(_names)
)
ENTRIES = (
    select(t.budget_entry)
    .where((t.budget_entry.c.crm == _crm) & (t.budget_entry.c.claim == _claim))
    .order_by(t.budget_entry.c.seq)
)
ADD_ENTRIES = t.budget_entry.insert()
ADD_POSITIONS = t.budget_position.insert()

WINDOWS = (
    select(t.carry.c.window, func.sum(t.carry.c.amount).label("used"))
    .where((t.carry.c.crm == _crm) & t.carry.c.window.in_(_names) & (t.carry.c.claim != _claim))
    .group_by(t.carry.c.window)
)
ADD_CARRIES = t.carry.insert()
NO_CARRIES = delete(t.carry).where((t.carry.c.crm == _crm) & (t.carry.c.claim == _claim))

ADD_DECISION = t.decision.insert()
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
    select(t.outbox.c.seq, t.outbox.c.kind, t.outbox.c.record, t.outbox.c.content, t.outbox.c.state)
    .where((t.outbox.c.crm == _crm) & t.outbox.c.record.in_(_names))
    .order_by(t.outbox.c.seq)
)
ADD_WRITES = t.outbox.insert()
NO_WRITES = delete(t.outbox).where(t.outbox.c.seq.in_(_names))

LOG_HEAD = select(t.audit.c.number, t.audit.c.digest).order_by(t.audit.c.number.desc()).limit(1)
ADD_LOG = t.audit.insert()
