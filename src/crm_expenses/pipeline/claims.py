"""Claims that are made here: assembled from loose lines, submitted, changed, taken back.

Each function is one transaction: a claim that is submitted is decided in it, or neither happens.
Whether a move is allowed is said by `core.lifecycle` alone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from crm_expenses.api import evaluator_of
from crm_expenses.claimdata import facts_from
from crm_expenses.core.claim import Claim, ClaimStatus, ExpenseLine
from crm_expenses.core.life import UNDECIDED, Life
from crm_expenses.core.lifecycle import Move, Side, State, after
from crm_expenses.core.ownclaim import loose_of
from crm_expenses.core.record import Kind, Record
from crm_expenses.core.voucher import Voucher
from crm_expenses.errors import ConfigError, RefusedError
from crm_expenses.pipeline.decide import decide_one, use_policy
from crm_expenses.pipeline.desk import Desk, Mine, demand_person, mine, without_advances
from crm_expenses.pipeline.lineshape import claim_dict, plain_line, values_of
from crm_expenses.pipeline.loose import chosen_lines, drawer
from crm_expenses.store import Work
from crm_expenses.store.own import claim_of, keep_own, new_number, records_named

_AS_STATED = {State.RETURNED: ClaimStatus.RETURNED, State.REJECTED: ClaimStatus.REJECTED}


@dataclass(frozen=True, slots=True)
class Edit:
    """What a claimant changes of a claim: its title, fields of lines, which lines it has.

    `lines` has, by the line's id, new values by the names of fields (an empty one takes a field
    away); `add` are loose lines, `drop` go back among those.
    """

    title: str | None = None
    lines: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    add: Sequence[str] = ()
    drop: Sequence[str] = ()


def new_claim(
    desk: Desk, *, by: str, at: datetime, lines: Sequence[str] | None = None, title: str = ""
) -> str:
    """Assemble a numbered claim document from loose lines, from all of them where none is named.

    It is a draft: `submit` has it decided. Gives its number.

    Raises:
        RefusedError: there are no loose lines, or one of those named is none.
    """
    with desk.store.work(desk.crm) as work:
        demand_person(work, by)
        found = claim_of(work, loose_of(by))
        held = found[1] if found else ()
        chosen = held if lines is None else chosen_lines(work, lines, by)
        if not chosen:
            raise RefusedError("claims.no_loose", person=by)
        local = at.astimezone(desk.company.zone)
        number = new_number(work, desk.prefix, local.year, by=by, at=at)
        claim = Claim(number, by, local, ClaimStatus.DRAFT, title.strip())
        moved = [replace(line, claim=number) for line in chosen]
        keep_own(work, [claim, *moved], by=by, at=at)
        work.done(number)
        work.done(loose_of(by))
    return number


def submit(desk: Desk, number: str, *, by: str, at: datetime) -> Life:
    """Submit a claim, or submit again what was returned; it is decided in the same transaction.

    Raises:
        RefusedError: it is not theirs, has no line, or cannot be submitted as it stands.
        StoreError: the policy's version was used before with another content.
    """
    with desk.store.work(desk.crm) as work:
        held = mine(work, number, by)
        after(held.state, Move.SUBMIT, Side.CLAIMANT)
        if not held.lines:
            raise RefusedError("claims.no_lines", claim=number)
        now = at.astimezone(desk.company.zone)
        sent = replace(held.claim, status=ClaimStatus.SUBMITTED, submitted=now)
        life = _decided(desk, work, held, [sent], at)
    decide_touched(desk, at)
    return life


def change(desk: Desk, number: str, edit: Edit, *, by: str, at: datetime) -> Life | None:
    """Change a claim; one that is submitted is decided anew in the same transaction.

    Gives its life afterwards, None before it was ever submitted.

    Raises:
        RefusedError: it is not theirs, or cannot be changed as it stands.
        MappingError: a line would not be readable; carries everything that is wrong.
        ConfigError: nothing is to be changed.
    """
    with desk.store.work(desk.crm) as work:
        held = mine(work, number, by)
        is_submitted = held.life is not None and held.state not in UNDECIDED
        if held.life is not None and is_submitted:
            without_advances(work, held.life).moved(Move.CHANGE, Side.CLAIMANT)
        records = _edited(desk, work, held, edit, at)
        if is_submitted:
            kept = len(held.lines) + len(edit.add) - len(edit.drop)
            if not kept:
                raise RefusedError("claims.no_lines", claim=number)
            life: Life | None = _decided(desk, work, held, records, at)
        else:
            life = _put_aside(work, held, records, by=by, at=at)
    decide_touched(desk, at)
    return life


def take_back(desk: Desk, number: str, *, by: str, at: datetime) -> Life | None:
    """Take a submitted claim back: it is a draft again, and holds nothing.

    Raises:
        RefusedError: it is not theirs, or cannot be taken back as it stands.
    """
    return _ended(desk, number, (Move.TAKE_BACK, ClaimStatus.DRAFT), by=by, at=at)


def withdraw(desk: Desk, number: str, *, by: str, at: datetime) -> Life | None:
    """Withdraw a claim; its number stays taken.

    Raises:
        RefusedError: it is not theirs, or cannot be withdrawn as it stands.
    """
    return _ended(desk, number, (Move.WITHDRAW, ClaimStatus.WITHDRAWN), by=by, at=at)


def _ended(
    desk: Desk, number: str, how: tuple[Move, ClaimStatus], *, by: str, at: datetime
) -> Life | None:
    move, status = how
    with desk.store.work(desk.crm) as work:
        held = mine(work, number, by)
        if held.life is not None:
            without_advances(work, held.life).moved(move, Side.CLAIMANT)
        else:
            after(held.state, move, Side.CLAIMANT)
        ended = replace(held.claim, status=status)
        keep_own(work, [ended], by=by, at=at)
        if held.life is not None:
            decide_one(work, number, evaluator_of(desk.company.policy), desk.company, at)
        work.done(number)
        life = work.life(number)
    decide_touched(desk, at)
    return life


def decide_touched(desk: Desk, at: datetime) -> None:
    """Decide other claims of our own that a change touched: those that share a voucher with it."""
    waiting = desk.store.pending(desk.crm)
    for claim in waiting:
        with desk.store.work(desk.crm) as work:
            if claim in work.reference.own and work.is_pending(claim):
                use_policy(work, desk.company.policy, at)
                decide_one(work, claim, evaluator_of(desk.company.policy), desk.company, at)


def _decided(desk: Desk, work: Work, held: Mine, records: Sequence[Record], at: datetime) -> Life:
    """Keep what a claimant said of a submitted claim, and decide it."""
    person, number = held.claim.person, held.claim.id
    keep_own(work, records, by=person, at=at)
    work.done(loose_of(person))
    policy = desk.company.policy
    use_policy(work, policy, at)
    decide_one(work, number, evaluator_of(policy), desk.company, at)
    life = work.life(number)
    if life is None:  # pragma: no cover  a decision writes a life
        raise RefusedError("approvals.no_claim", claim=number)
    return life


def _put_aside(
    work: Work, held: Mine, records: Sequence[Record], *, by: str, at: datetime
) -> Life | None:
    """Keep what a claimant changes before submitting; what was returned stays returned."""
    status = _AS_STATED.get(held.state)
    stated: list[Record] = list(records)
    if status is not None and held.claim.status is not status:
        claims = [one for one in stated if isinstance(one, Claim)] or [held.claim]
        stated = [one for one in stated if not isinstance(one, Claim)]
        stated.append(replace(claims[0], status=status))
    keep_own(work, stated, by=by, at=at)
    work.done(held.claim.id)
    work.done(loose_of(by))
    if status is not None and held.life is not None and work.held(held.claim.id) is not None:
        work.retire(held.claim.id)
    return held.life


def _edited(desk: Desk, work: Work, held: Mine, edit: Edit, at: datetime) -> list[Record]:
    """Give the records that an edit makes."""
    person, number = held.claim.person, held.claim.id
    lines = {line.id: line for line in held.lines}
    records: list[Record] = []
    if edit.title is not None:
        records.append(replace(held.claim, title=edit.title.strip()))
    vouchers = records_named(work, Kind.VOUCHER, [one.voucher for one in lines.values()])
    for name, values in edit.lines.items():
        line = _line(lines, name, person, number)
        records += _changed(desk, line, vouchers.get(line.voucher), values)
    for line in chosen_lines(work, edit.add, person) if edit.add else ():
        records.append(replace(line, claim=number))
    if edit.drop:
        dropped = [_line(lines, name, person, number) for name in dict.fromkeys(edit.drop)]
        records.append(drawer(work, person, at))
        records += [replace(line, claim=loose_of(person)) for line in dropped]
    if not records:
        raise ConfigError("claims.no_change", claim=number)
    return records


def _line(lines: Mapping[str, ExpenseLine], name: str, person: str, number: str) -> ExpenseLine:
    line = lines.get(name) or lines.get(f"{person}/{name}")
    if line is None:
        known = ", ".join(list(lines)[:10]) or "-"
        raise RefusedError("claims.no_line", line=name, claim=number, known=known)
    return line


def _changed(
    desk: Desk, line: ExpenseLine, voucher: Record | None, values: Mapping[str, str]
) -> list[Record]:
    """Give a line with other values, and its voucher."""
    before = values_of(line, voucher if isinstance(voucher, Voucher) else None)
    now = {name: said for name, said in {**before, **values, "line": line.id}.items() if said}
    plain = claim_dict(line.claim, "-", [plain_line(now)])
    facts = facts_from(plain, desk.company.policy.currency)
    made = facts.lines[0]
    records: list[Record] = []
    if facts.vouchers:
        kept = replace(facts.vouchers[0], id=line.voucher or line.id)
        made = replace(made, voucher=kept.id)
        records.append(kept)
    return [made, *records]
