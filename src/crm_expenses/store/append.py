"""Appending a page: new facts become rows, known ones are dropped, the cursor goes with them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import Protocol

from sqlalchemy import Connection, delete

from crm_expenses.core.budget import Budget, BudgetEntry, BudgetPosition, EntryKind
from crm_expenses.core.money import Money
from crm_expenses.core.origin import Origin
from crm_expenses.core.record import Kind, Record, canonical, digest
from crm_expenses.core.words import Texts, texts_of
from crm_expenses.errors import ConfigError, Problem
from crm_expenses.store import statements as s
from crm_expenses.store import tables as t
from crm_expenses.store.alerting import look
from crm_expenses.store.beyond import claims_of_newcomers, mark_todo, touched_beyond
from crm_expenses.store.budgetguard import guarded
from crm_expenses.store.codec import read_record
from crm_expenses.store.ending import end_edits
from crm_expenses.store.factreader import read_reference
from crm_expenses.store.goneaway import GoneRecord, come_back, has_gone, left_out, take_away
from crm_expenses.store.keeping import problems_of
from crm_expenses.store.ledger import add_entries, allocated_of
from crm_expenses.store.links import GRANTS, claims_touched, replace_links
from crm_expenses.store.log import SYNC, write_log
from crm_expenses.store.many import Row, add_absent, add_rows
from crm_expenses.store.mergednames import naming, with_survivors
from crm_expenses.store.merging import Merging
from crm_expenses.store.setaside import keep_set_aside
from crm_expenses.store.sorting import Fact, SortedOut, sort_out
from crm_expenses.store.work import Work, Write


class PulledProblem(Protocol):
    """One record that could not be read."""

    @property
    def origin(self) -> Origin:
        """Where it stands."""

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Everything wrong with it."""


class PulledPage(Protocol):
    """A page as an adapter gives it (`adapters.contract.Page`)."""

    @property
    def kind(self) -> Kind:
        """The kind of all its records."""

    @property
    def facts(self) -> Sequence[Fact]:
        """What was read."""

    @property
    def set_aside(self) -> Sequence[PulledProblem]:
        """What could not be read."""

    @property
    def cursor(self) -> str:
        """Where the next page begins."""

    @property
    def restart(self) -> bool:
        """Whether this page begins a reading of everything."""

    @property
    def gone(self) -> Sequence[GoneRecord]:
        """What is no longer there."""

    @property
    def whole(self) -> Sequence[str]:
        """The claims whose lines stand on the page without exception."""


@dataclass(frozen=True, slots=True)
class AppendCount:
    """What became of a page's rows; `rows` is the sum of the others."""

    new: int = 0
    changed: int = 0
    same: int = 0
    set_aside: int = 0
    gone: int = 0

    @property
    def rows(self) -> int:
        """All rows of the page."""
        return self.new + self.changed + self.same + self.set_aside + self.gone

    def __add__(self, other: "AppendCount") -> "AppendCount":
        return AppendCount(
            self.new + other.new,
            self.changed + other.changed,
            self.same + other.same,
            self.set_aside + other.set_aside,
            self.gone + other.gone,
        )


def append_page(
    connection: Connection,
    crm: str,
    page: PulledPage,
    at: datetime,
    merging: Merging | None = None,
) -> AppendCount:
    """Keep a page inside the transaction of `connection`, with its cursor."""
    count = append_facts(connection, crm, page, at, merging=merging)
    _save_cursor(connection, crm, page.kind, page.cursor)
    return count


def append_facts(
    connection: Connection,
    crm: str,
    page: PulledPage,
    at: datetime,
    *,
    actor: str = SYNC,
    merging: Merging | None = None,
) -> AppendCount:
    """Keep the facts of a page; where the reading of the CRM has got to stays as it is.

    `merging` says how they are brought together with what was changed here.
    """
    kind, stamp = page.kind, at.isoformat()
    if page.restart:
        where = (t.set_aside.c.crm == crm) & (t.set_aside.c.kind == kind.value)
        connection.execute(delete(t.set_aside).where(where))
    went = has_gone(connection, crm)
    kept, refused = _kept(with_survivors(connection, crm, page.facts) if went else page.facts)
    if kind is Kind.BUDGET:
        kept, doubtful = guarded(connection, crm, kept)
        refused += [_Refused(fact.origin, (problem,)) for fact, problem in doubtful]
    if went:
        come_back(connection, crm, kind, [fact.record.id for fact, _ in kept], at)
    sorted_out = sort_out(connection, crm, kind, kept, stamp, merging)
    _keep(connection, crm, kind, sorted_out, at=at, actor=actor)
    keep_set_aside(connection, crm, page, refused, stamp)
    told = [*page.gone, *left_out(connection, crm, page)]
    gone = _take_away(connection, crm, page, told, at, actor) if told else 0
    same = sorted_out.same + max(0, len(page.gone) - gone)
    aside = len(page.set_aside) + len(refused)
    return AppendCount(sorted_out.new, sorted_out.changed, same, aside, gone)


def _take_away(
    connection: Connection,
    crm: str,
    page: PulledPage,
    told: Sequence[GoneRecord],
    at: datetime,
    actor: str,
) -> int:
    """Let go of what is told to be gone; give of how many that was news."""
    there = {fact.record.id for fact in page.facts}
    there |= {aside.origin.record for aside in page.set_aside}
    grants = _held_grants(connection, crm, page.kind, [one.origin.record for one in told])
    beyond = touched_beyond(connection, crm, page.kind, grants=grants)
    away = take_away(connection, crm, page.kind, told, there=there, at=at)
    if away.count:
        for one in told:
            if one.origin.record not in there:
                end_edits(connection, crm, page.kind, one.origin.record, at)
    again = [(Kind.CLAIM, away.withdrawn)] if away.withdrawn else []
    for kind, facts in chain(again, naming(connection, crm, page.kind, away.merged)):
        kept, _ = _kept(facts)
        sorted_out = sort_out(connection, crm, kind, kept, at.isoformat())
        _keep(connection, crm, kind, sorted_out, at=at, actor=actor)
    _mark_todo(connection, crm, set(away.claims))
    for other, touched in beyond.items():
        mark_todo(connection, other, touched)
    return away.count


def demand_kept(facts: Sequence[Fact]) -> list[tuple[Fact, Texts]]:
    """Give facts with the texts that are kept of them.

    Raises:
        ConfigError: some of them cannot be kept; carries all that is wrong.
    """
    kept, refused = _kept(facts)
    if refused:
        raise ConfigError.of([problem for one in refused for problem in one.problems])
    return kept


def append_planned(
    connection: Connection,
    crm: str,
    kept: Sequence[tuple[Fact, Texts]],
    at: datetime,
    *,
    actor: str,
) -> None:
    """Keep the budgets of a plan as records, past the guard that keeps the CRM from changing them.

    `kept` comes from `demand_kept`.
    """
    append_said(connection, crm, Kind.BUDGET, kept, at, actor=actor)


def append_said(
    connection: Connection,
    crm: str,
    kind: Kind,
    kept: Sequence[tuple[Fact, Texts]],
    at: datetime,
    *,
    actor: str,
) -> None:
    """Keep what somebody here says of records, past all guards: they have been asked before."""
    sorted_out = sort_out(connection, crm, kind, kept, at.isoformat())
    _keep(connection, crm, kind, sorted_out, at=at, actor=actor)


def _keep(
    connection: Connection,
    crm: str,
    kind: Kind,
    sorted_out: SortedOut,
    *,
    at: datetime,
    actor: str,
) -> None:
    """Write what is new, and all that follows from it."""
    if sorted_out.rows:
        grants = _grants(connection, crm, kind, sorted_out.fresh)
        add_rows(connection, t.record, sorted_out.rows)
        add_rows(connection, t.words, sorted_out.words)
        held = sorted_out.held
        _replace_latest(connection, crm, kind, sorted_out.latest, held)
        named = replace_links(connection, crm, kind, sorted_out.fresh, held)
        claims = sorted_out.claims | claims_touched(
            connection, crm, kind, named=named, moved=sorted_out.moved, grants=grants
        )
        if kind is Kind.VOUCHER:
            claims |= _claims_backed(connection, crm, sorted_out.latest)
        if kind is Kind.ACCOUNT_MANAGER:
            claims |= claims_of_newcomers(connection, crm, sorted_out.added)
        if kind is not Kind.APPROVAL:  # a word does not change what it is about: `pipeline.hearing`
            _mark_todo(connection, crm, claims)
        beyond = touched_beyond(connection, crm, kind, new=sorted_out.added, grants=grants)
        for other, touched in beyond.items():
            mark_todo(connection, other, touched)
        if kind is Kind.BUDGET:
            _allocate(connection, crm, sorted_out.fresh, at, actor)
        write_log(
            connection,
            at=at,
            actor=actor,
            action="pull",
            subject=f"{crm}/{kind.value}",
            content=digest(sorted_out.marks),
            rows=sorted_out.span,
        )
    if sorted_out.touched:
        connection.execute(s.NEW_VERSION, list(sorted_out.touched.values()))


@dataclass(frozen=True, slots=True)
class _Refused:
    """A record that was read but cannot be kept."""

    origin: Origin
    problems: tuple[Problem, ...]


def _kept(
    facts: Iterable[Fact],
) -> tuple[list[tuple[Fact, Texts]], list[_Refused]]:
    """Give the facts that can be kept, each with its canonical texts, and those that cannot."""
    kept, refused = [], []
    for fact in facts:
        record = fact.record
        texts = texts_of(record)
        problems = problems_of(record, texts[0])
        if problems:
            refused.append(_Refused(fact.origin, problems))
        else:
            kept.append((fact, texts))
    return kept, refused


def _replace_latest(
    connection: Connection, crm: str, kind: Kind, rows: Mapping[str, Row], held: frozenset[str]
) -> None:
    of = {"of_crm": crm, "of_kind": kind.value}
    for names in s.portions(rows.keys() & held):
        connection.execute(s.NOT_LATEST, of | {"of_names": names})
    add_rows(connection, t.latest, list(rows.values()))


def _grants(
    connection: Connection, crm: str, kind: Kind, fresh: Sequence[Record]
) -> Sequence[Record]:
    """Give the waivers or pre-approvals of a page, as they are now and as they were before it."""
    if kind not in GRANTS or not fresh:
        return ()
    return (*fresh, *_held_grants(connection, crm, kind, [record.id for record in fresh]))


def _held_grants(
    connection: Connection, crm: str, kind: Kind, ids: Iterable[str]
) -> Sequence[Record]:
    """Give waivers or pre-approvals as they are held."""
    if kind not in GRANTS:
        return ()
    of = {"of_crm": crm, "of_kind": kind.value}
    return [
        read_record(kind, row.content)
        for names in s.portions(set(ids))
        for row in connection.execute(s.RECORDS, of | {"of_names": names})
    ]


def _claims_backed(connection: Connection, crm: str, vouchers: Iterable[str]) -> set[str]:
    """Give the claims with a line that one of these vouchers backs."""
    return {
        row.claim
        for names in s.portions(set(vouchers))
        for row in connection.execute(s.BACKED, {"of_crm": crm, "of_names": names})
    }


def _mark_todo(connection: Connection, crm: str, claims: set[str]) -> None:
    add_absent(connection, t.todo, [(crm, name) for name in sorted(claims)])


def _allocate(
    connection: Connection, crm: str, records: Sequence[Record], at: datetime, actor: str
) -> None:
    """Write what a new or changed budget adds to what was allocated before, moves left aside.

    The CRM is told where it stands now, if it was told so before.
    """
    newest = {record.id: record for record in records if isinstance(record, Budget)}
    before = allocated_of(connection, crm, list(newest))
    entries = []
    for budget in newest.values():
        held, _ = before.get(budget.id, (None, ""))
        change = budget.amount.minor - (held or 0)
        if change or held is None:
            amount = Money(change, budget.amount.currency)
            entries.append(BudgetEntry(budget.id, EntryKind.ALLOCATE, amount))
    moved = add_entries(connection, crm, entries, at.isoformat(), actor=actor)
    if moved:
        known = read_reference(connection, crm, None)
        look(connection, crm, moved, budgets=known.budgets, people=known.people, at=at)
        Work(connection, crm, known).send_again([told_of(moved[name]) for name in sorted(moved)])


def told_of(position: BudgetPosition) -> Write:
    """Give what the CRM is told of where a budget stands (`adapters.contract.BudgetResult`)."""
    amounts = {
        "allocated": position.allocated,
        "committed": position.committed,
        "spent": position.spent,
        "available": position.available,
    }
    money = {name: Money(minor, position.currency) for name, minor in amounts.items()}
    return Write("budget_result", position.budget, canonical({"budget": position.budget, **money}))


def _save_cursor(connection: Connection, crm: str, kind: Kind, value: str) -> None:
    of = {"of_crm": crm, "of_kind": kind.value}
    connection.execute(s.NO_CURSOR, of)
    connection.execute(s.ADD_CURSOR, {"crm": crm, "kind": kind.value, "value": value})
