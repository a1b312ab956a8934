"""Appending a page: new facts become rows, known ones are dropped, the cursor goes with them."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import chain
from typing import NamedTuple, Protocol

from sqlalchemy import Connection, delete

from crm_expenses.core.budget import Budget, BudgetEntry, BudgetPosition, EntryKind
from crm_expenses.core.claim import Claim, ExpenseLine
from crm_expenses.core.given_approval import GivenApproval
from crm_expenses.core.money import Money
from crm_expenses.core.origin import Origin
from crm_expenses.core.record import Kind, Record, canonical, content_digest, digest
from crm_expenses.core.voucher import Voucher
from crm_expenses.errors import ConfigError, Problem
from crm_expenses.store import statements as s
from crm_expenses.store import tables as t
from crm_expenses.store.alerting import look
from crm_expenses.store.beyond import claims_of_newcomers, mark_todo, touched_beyond
from crm_expenses.store.budgetguard import guarded
from crm_expenses.store.codec import read_record
from crm_expenses.store.ending import end_edits
from crm_expenses.store.erasure import sealed, unsaid
from crm_expenses.store.factreader import read_reference
from crm_expenses.store.goneaway import GoneRecord, come_back, has_gone, left_out, take_away
from crm_expenses.store.keeping import NAME_MAX, problems_of, shown
from crm_expenses.store.ledger import add_entries, allocated_of
from crm_expenses.store.links import GRANTS, claims_touched, replace_links
from crm_expenses.store.log import SYNC, new_salts, write_log
from crm_expenses.store.many import add_absent, add_rows, rows_of
from crm_expenses.store.mergednames import naming, with_survivors
from crm_expenses.store.merging import Merging, merged
from crm_expenses.store.setaside import keep_set_aside
from crm_expenses.store.work import Work, Write


class PulledFact(Protocol):
    """One fact with its origin."""

    @property
    def record(self) -> Record:
        """The fact."""

    @property
    def origin(self) -> Origin:
        """Where it came from."""


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
    def facts(self) -> Sequence[PulledFact]:
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
    sorted_out = _sort_out(connection, crm, kind, kept, stamp, merging)
    _keep(connection, crm, kind, sorted_out, at=at, actor=actor)
    keep_set_aside(connection, crm, page, refused, stamp)
    told = [*page.gone, *left_out(connection, crm, page)]
    gone = _take_away(connection, crm, page, told, at, actor) if told else 0
    same = sorted_out.count.same + max(0, len(page.gone) - gone)
    aside = len(page.set_aside) + len(refused)
    return replace(sorted_out.count, same=same, set_aside=aside, gone=gone)


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
        sorted_out = _sort_out(connection, crm, kind, kept, at.isoformat())
        _keep(connection, crm, kind, sorted_out, at=at, actor=actor)
    _mark_todo(connection, crm, set(away.claims))
    for other, touched in beyond.items():
        mark_todo(connection, other, touched)
    return away.count


def demand_kept(facts: Sequence[PulledFact]) -> list[tuple[PulledFact, str]]:
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
    kept: Sequence[tuple[PulledFact, str]],
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
    kept: Sequence[tuple[PulledFact, str]],
    at: datetime,
    *,
    actor: str,
) -> None:
    """Keep what somebody here says of records, past all guards: they have been asked before."""
    sorted_out = _sort_out(connection, crm, kind, kept, at.isoformat())
    _keep(connection, crm, kind, sorted_out, at=at, actor=actor)


def _keep(
    connection: Connection,
    crm: str,
    kind: Kind,
    sorted_out: "_SortedOut",
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
        _replace_latest(connection, crm, kind, list(sorted_out.newest.values()), held)
        named = replace_links(connection, crm, kind, sorted_out.fresh, held)
        claims = sorted_out.claims | _claims_of_vouchers(connection, crm, sorted_out.fresh)
        claims |= claims_touched(
            connection, crm, kind, named=named, owners=sorted_out.owners, grants=grants
        )
        if kind is Kind.ACCOUNT_MANAGER:
            claims |= claims_of_newcomers(connection, crm, sorted_out.added)
        if kind is not Kind.APPROVAL:  # a word does not change what it is about: `pipeline.hearing`
            _mark_todo(connection, crm, claims)
        beyond = touched_beyond(connection, crm, kind, new=sorted_out.added, grants=grants)
        for other, touched in beyond.items():
            mark_todo(connection, other, touched)
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


@dataclass
class _SortedOut:
    """The facts of a page, told apart: what is new or changed, and what is held already.

    `owners` has, by record, the claims that it belonged to before and belongs to now. `marks` is
    what the log says of the new rows, `words` what is kept of the words in them. `held` are the ids
    of which something was held before: only theirs has to be looked up or taken away. `added` are
    the records that were not held before, or are back.
    """

    count: AppendCount
    rows: list[dict[str, object]]
    newest: dict[str, dict[str, object]]
    owners: dict[str, set[str]]
    fresh: list[Record]
    touched: dict[str, dict[str, str]]
    marks: list[str]
    words: list[dict[str, object]]
    held: frozenset[str]
    added: list[str] = field(default_factory=list)

    @property
    def span(self) -> tuple[int, ...]:
        """The first and the last of the new rows."""
        ends = (self.rows[0], self.rows[-1]) if self.rows else ()
        return tuple(int(str(row["seq"])) for row in ends)

    @property
    def claims(self) -> set[str]:
        """The claims that something of the page belongs to."""
        return {name for names in self.owners.values() for name in names}


def _sort_out(
    connection: Connection,
    crm: str,
    kind: Kind,
    readable: Sequence[tuple[PulledFact, str]],
    stamp: str,
    merging: Merging | None = None,
) -> _SortedOut:
    of_kind = kind.value
    held = _held(connection, crm, kind, {fact.record.id for fact, _ in readable})
    facts = _without_erased(connection, crm, kind, readable) if held else readable
    if merging is not None and held:
        facts = merged(connection, crm, kind, facts, merging)
    first, salts = connection.execute(s.NEWEST_RECORD).scalar() or 0, new_salts()
    out = _SortedOut(AppendCount(), [], {}, {}, [], {}, [], [], frozenset(held))
    new = changed = 0
    for fact, content in facts:
        record, version = fact.record, shown(fact.origin.version, NAME_MAX)
        mark = content_digest(of_kind, content)
        before = held.get(record.id)
        if before is not None and before.digest == mark:
            # Equal content is no news; the record's own version may still have moved.
            if before.version != version:
                of = {"of_crm": crm, "of_kind": of_kind, "of_claim": record.id}
                out.touched[record.id] = of | {"of_version": version}
            continue
        out.touched.pop(record.id, None)  # the row that comes now brings its own version
        new, changed = new + (before is None), changed + (before is not None)
        if before is None or not before.digest:
            out.added.append(record.id)
        seq, origin = first + len(out.rows) + 1, _origin(fact.origin)
        place: dict[str, object] = {"crm": crm, "kind": of_kind, "id": record.id}
        place |= {"seq": seq, "digest": mark}
        out.rows.append({**place, "content": content, "origin": origin, "received_at": stamp})
        out.newest[record.id] = {**place, "version": version, **_references(record)}
        claim = _claim_of(record)
        owners = out.owners.setdefault(record.id, set())
        if claim:
            owners.add(claim)
        if before is not None and before.claim:
            owners.add(before.claim)
        held[record.id] = _Held(mark, claim, version)
        said, words = sealed(seq, kind, fact, content, origin, salts)
        out.marks.append(said)
        if words:
            out.words.append(words)
        out.fresh.append(record)
    same = len(facts) - new - changed
    out.count = AppendCount(new, changed, same)
    return out


def _kept(
    facts: Iterable[PulledFact],
) -> tuple[list[tuple[PulledFact, str]], list[_Refused]]:
    """Give the facts that can be kept, each with its canonical text, and those that cannot."""
    kept, refused = [], []
    for fact in facts:
        record = fact.record
        content = canonical(record)
        problems = problems_of(record, content, names_of(record))
        if problems:
            refused.append(_Refused(fact.origin, problems))
        else:
            kept.append((fact, content))
    return kept, refused


def _without_erased(
    connection: Connection, crm: str, kind: Kind, kept: Sequence[tuple[PulledFact, str]]
) -> list[tuple[PulledFact, str]]:
    """Give the same facts, without the words that were erased of them before."""
    left = unsaid(connection, crm, kind, [fact for fact, _ in kept])
    return [
        (now, content if now is fact else canonical(now.record))
        for now, (fact, content) in zip(left, kept, strict=True)
    ]


class _Held(NamedTuple):
    """What is held of a record: the digest of its newest content, its claim, its version."""

    digest: str
    claim: str
    version: str


def _held(connection: Connection, crm: str, kind: Kind, ids: set[str]) -> dict[str, _Held]:
    rows = rows_of(connection, s.HELD, {"of_crm": crm, "of_kind": kind.value}, ids)
    return {row.id: _Held(row.digest, row.claim, row.version) for row in rows}


def _claim_of(record: Record) -> str:
    if isinstance(record, ExpenseLine | GivenApproval):
        return record.claim
    return record.id if isinstance(record, Claim) else ""


def names_of(record: Record) -> dict[str, str]:
    """Give the names by which a record is found again, beside its links."""
    if isinstance(record, ExpenseLine):
        return {"id": record.id, "claim": record.claim, "voucher": record.voucher}
    if isinstance(record, GivenApproval):
        return {"id": record.id, "claim": record.claim, "approver": record.approver}
    return {"id": record.id}


def _references(record: Record) -> dict[str, object]:
    if isinstance(record, ExpenseLine):
        return {"claim": record.claim, "voucher": record.voucher, "submitted": ""}
    submitted = ""
    if isinstance(record, Claim):
        submitted = record.submitted.astimezone(UTC).isoformat(timespec="microseconds")
    return {"claim": _claim_of(record), "voucher": "", "submitted": submitted}


def _replace_latest(
    connection: Connection,
    crm: str,
    kind: Kind,
    rows: list[dict[str, object]],
    held: Collection[str],
) -> None:
    of = {"of_crm": crm, "of_kind": kind.value}
    for names in s.portions(str(row["id"]) for row in rows if row["id"] in held):
        connection.execute(s.NOT_LATEST, of | {"of_names": names})
    add_rows(connection, t.latest, rows)


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


def _claims_of_vouchers(connection: Connection, crm: str, records: Iterable[Record]) -> set[str]:
    """Give the claims with a line that one of these vouchers backs."""
    vouchers = {r.id for r in records if isinstance(r, Voucher)}
    return {
        row.claim
        for names in s.portions(vouchers)
        for row in connection.execute(s.BACKED, {"of_crm": crm, "of_names": names})
    }


def _mark_todo(connection: Connection, crm: str, claims: set[str]) -> None:
    add_absent(connection, t.todo, [{"crm": crm, "claim": name} for name in sorted(claims)])


def _allocate(
    connection: Connection, crm: str, records: Sequence[Record], at: datetime, actor: str
) -> None:
    """Write what a new or changed budget adds to what was allocated before, moves left aside.

    The CRM is told where it stands now, if it was told so before.
    """
    newest = {record.id: record for record in records if isinstance(record, Budget)}
    if not newest:
        return
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


def _origin(origin: Origin) -> str:
    text = canonical(origin)
    return text if text.isascii() else shown(text, len(text))


def _save_cursor(connection: Connection, crm: str, kind: Kind, value: str) -> None:
    of = {"of_crm": crm, "of_kind": kind.value}
    connection.execute(s.NO_CURSOR, of)
    connection.execute(s.ADD_CURSOR, {"crm": crm, "kind": kind.value, "value": value})
