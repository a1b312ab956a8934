"""Appending a page: new facts become rows, known ones are dropped, the cursor goes with them."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from sqlalchemy import Connection, delete, select

from crm_expenses.core.budget import Budget, BudgetEntry, EntryKind
from crm_expenses.core.claim import Claim, ExpenseLine
from crm_expenses.core.money import Money
from crm_expenses.core.origin import Origin
from crm_expenses.core.record import Kind, Record, canonical, digest
from crm_expenses.core.voucher import Voucher
from crm_expenses.errors import Problem
from crm_expenses.store import statements as s
from crm_expenses.store import tables as t
from crm_expenses.store.codec import read_record
from crm_expenses.store.erasure import sealed, unsaid
from crm_expenses.store.ledger import add_entries, positions
from crm_expenses.store.links import GRANTS, claims_touched, replace_links
from crm_expenses.store.log import SYNC, write_log


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


@dataclass(frozen=True, slots=True)
class AppendCount:
    """What became of a page's rows; `rows` is the sum of the others."""

    new: int = 0
    changed: int = 0
    same: int = 0
    set_aside: int = 0

    @property
    def rows(self) -> int:
        """All rows of the page."""
        return self.new + self.changed + self.same + self.set_aside

    def __add__(self, other: "AppendCount") -> "AppendCount":
        return AppendCount(
            self.new + other.new,
            self.changed + other.changed,
            self.same + other.same,
            self.set_aside + other.set_aside,
        )


def append_page(connection: Connection, crm: str, page: PulledPage, at: datetime) -> AppendCount:
    """Keep a page inside the transaction of `connection`."""
    kind, stamp = page.kind, at.isoformat()
    if page.restart:
        where = (t.set_aside.c.crm == crm) & (t.set_aside.c.kind == kind.value)
        connection.execute(delete(t.set_aside).where(where))
    sorted_out = _sort_out(connection, crm, page, stamp)
    if sorted_out.rows:
        grants = _grants(connection, crm, kind, sorted_out.fresh)
        connection.execute(t.record.insert(), sorted_out.rows)
        if sorted_out.words:
            connection.execute(s.ADD_WORDS, sorted_out.words)
        _replace_latest(connection, crm, kind, list(sorted_out.newest.values()))
        named = replace_links(connection, crm, kind, sorted_out.fresh)
        claims = sorted_out.claims | _claims_of_vouchers(connection, crm, sorted_out.fresh)
        claims |= claims_touched(
            connection, crm, kind, named=named, owners=sorted_out.owners, grants=grants
        )
        _mark_todo(connection, crm, claims)
        _allocate(connection, crm, sorted_out.fresh, stamp)
        write_log(
            connection,
            at=at,
            actor=SYNC,
            action="pull",
            subject=f"{crm}/{kind.value}",
            content=digest(sorted_out.marks),
            rows=sorted_out.span,
        )
    if sorted_out.touched:
        connection.execute(s.NEW_VERSION, list(sorted_out.touched.values()))
    _keep_set_aside(connection, crm, page, stamp)
    _save_cursor(connection, crm, kind, page.cursor)
    return sorted_out.count


@dataclass
class _SortedOut:
    """The facts of a page, told apart: what is new or changed, and what is held already.

    `owners` has, by record, the claims that it belonged to before and belongs to now; `marks` what
    the log says of the new rows, `words` what is kept of the words in them.
    """

    count: AppendCount
    rows: list[dict[str, object]]
    newest: dict[str, dict[str, object]]
    owners: dict[str, set[str]]
    fresh: list[Record]
    touched: dict[str, dict[str, str]]
    marks: list[str]
    words: list[dict[str, object]]

    @property
    def span(self) -> tuple[int, ...]:
        """The first and the last of the new rows."""
        seqs = [int(str(row["seq"])) for row in self.rows]
        return (seqs[0], seqs[-1]) if seqs else ()

    @property
    def claims(self) -> set[str]:
        """The claims that something of the page belongs to."""
        return {name for names in self.owners.values() for name in names}


def _sort_out(connection: Connection, crm: str, page: PulledPage, stamp: str) -> _SortedOut:
    kind = page.kind
    held = _held(connection, crm, kind, {fact.record.id for fact in page.facts})
    first = connection.execute(s.NEWEST_RECORD).scalar() or 0
    out = _SortedOut(AppendCount(), [], {}, {}, [], {}, [], [])
    new = changed = 0
    for fact in unsaid(connection, crm, kind, page.facts):
        record, version = fact.record, fact.origin.version[:200]
        content = canonical(record)
        mark = digest([kind.value, content])
        before = held.get(record.id)
        if before is not None and before.digest == mark:
            # Equal content is no news; the record's own version may still have moved.
            if before.version != version:
                of = {"of_crm": crm, "of_kind": kind.value, "of_claim": record.id}
                out.touched[record.id] = of | {"of_version": version}
            continue
        out.touched.pop(record.id, None)  # the row that comes now brings its own version
        new, changed = new + (before is None), changed + (before is not None)
        seq = first + len(out.rows) + 1
        place: dict[str, object] = {"crm": crm, "kind": kind.value, "id": record.id, "digest": mark}
        kept = {"seq": seq, "content": content, "origin": canonical(fact.origin)}
        out.rows.append(place | kept | {"received_at": stamp})
        out.newest[record.id] = place | {"seq": seq, "version": version} | _references(record)
        claim = _claim_of(record)
        owners = out.owners.setdefault(record.id, set())
        owners |= {name for name in (claim, before.claim if before else "") if name}
        held[record.id] = _Held(mark, claim, version)
        said, words = sealed(seq, kind, fact, content)
        out.marks.append(said)
        out.words += [words] if words else []
        out.fresh.append(record)
    same = len(page.facts) - new - changed
    out.count = AppendCount(new, changed, same, len(page.set_aside))
    return out


@dataclass(frozen=True, slots=True)
class _Held:
    """What is held of a record: the digest of its newest content, its claim, its version."""

    digest: str
    claim: str
    version: str


def _held(connection: Connection, crm: str, kind: Kind, ids: set[str]) -> dict[str, _Held]:
    found = connection.execute(
        select(t.latest.c.id, t.latest.c.digest, t.latest.c.claim, t.latest.c.version).where(
            (t.latest.c.crm == crm) & (t.latest.c.kind == kind.value) & t.latest.c.id.in_(ids)
        )
    )
    return {row.id: _Held(row.digest, row.claim, row.version) for row in found}


def _claim_of(record: Record) -> str:
    match record:
        case ExpenseLine():
            return record.claim
        case Claim():
            return record.id
        case _:
            return ""


def _references(record: Record) -> dict[str, object]:
    submitted = voucher = ""
    if isinstance(record, Claim):
        submitted = record.submitted.astimezone(UTC).isoformat(timespec="microseconds")
    if isinstance(record, ExpenseLine):
        voucher = record.voucher
    return {"claim": _claim_of(record), "voucher": voucher, "submitted": submitted}


def _replace_latest(
    connection: Connection, crm: str, kind: Kind, rows: list[dict[str, object]]
) -> None:
    connection.execute(
        delete(t.latest).where(
            (t.latest.c.crm == crm)
            & (t.latest.c.kind == kind.value)
            & t.latest.c.id.in_([row["id"] for row in rows])
        )
    )
    connection.execute(t.latest.insert(), rows)


def _grants(
    connection: Connection, crm: str, kind: Kind, fresh: Sequence[Record]
) -> Sequence[Record]:
    """Give the waivers or pre-approvals of a page, as they are now and as they were before it."""
    if kind not in GRANTS or not fresh:
        return ()
    names = sorted({record.id for record in fresh})
    of = {"of_crm": crm, "of_kind": kind.value, "of_names": names}
    rows = connection.execute(s.RECORDS, of)
    return (*fresh, *(read_record(kind, row.content) for row in rows))


def _claims_of_vouchers(connection: Connection, crm: str, records: Iterable[Record]) -> set[str]:
    """Give the claims with a line that one of these vouchers backs."""
    vouchers = [r.id for r in records if isinstance(r, Voucher)]
    if not vouchers:
        return set()
    found = connection.execute(
        select(t.latest.c.claim).where(
            (t.latest.c.crm == crm)
            & (t.latest.c.kind == Kind.LINE.value)
            & t.latest.c.voucher.in_(vouchers)
        )
    )
    return {row.claim for row in found}


def _mark_todo(connection: Connection, crm: str, claims: set[str]) -> None:
    if not claims:
        return
    where = (t.todo.c.crm == crm) & t.todo.c.claim.in_(claims)
    connection.execute(delete(t.todo).where(where))
    connection.execute(t.todo.insert(), [{"crm": crm, "claim": name} for name in sorted(claims)])


def _allocate(connection: Connection, crm: str, records: Sequence[Record], stamp: str) -> None:
    """Write what a new or changed budget adds to what was allocated before."""
    newest = {record.id: record for record in records if isinstance(record, Budget)}
    if not newest:
        return
    before = positions(connection, crm, list(newest))
    entries = []
    for budget in newest.values():
        held = before.get(budget.id)
        change = budget.amount.minor - (held.allocated if held else 0)
        if change or held is None:
            amount = Money(change, budget.amount.currency)
            entries.append(BudgetEntry(budget.id, EntryKind.ALLOCATE, amount))
    add_entries(connection, crm, entries, stamp)


def _keep_set_aside(connection: Connection, crm: str, page: PulledPage, stamp: str) -> None:
    kind = page.kind.value
    places = [fact.origin.place for fact in page.facts if fact.origin.place]
    if places:
        connection.execute(
            delete(t.set_aside).where(
                (t.set_aside.c.crm == crm)
                & (t.set_aside.c.kind == kind)
                & t.set_aside.c.place.in_(places)
            )
        )
    rows = {
        (found.origin.place[:400], found.origin.record[:200]): {
            "crm": crm,
            "kind": kind,
            "id": found.origin.record[:200],
            "place": found.origin.place[:400],
            "problems": _problems_json(found.problems),
            "received_at": stamp,
        }
        for found in page.set_aside
    }
    for place, record in rows:
        connection.execute(
            delete(t.set_aside).where(
                (t.set_aside.c.crm == crm)
                & (t.set_aside.c.kind == kind)
                & (t.set_aside.c.place == place)
                & (t.set_aside.c.id == record)
            )
        )
    if rows:
        connection.execute(t.set_aside.insert(), list(rows.values()))


def _problems_json(problems: Sequence[Problem]) -> str:
    return json.dumps(
        [{"code": p.code, "values": dict(p.values)} for p in problems],
        ensure_ascii=False,
        sort_keys=True,
    )


def _save_cursor(connection: Connection, crm: str, kind: Kind, value: str) -> None:
    where = (t.cursor.c.crm == crm) & (t.cursor.c.kind == kind.value)
    connection.execute(delete(t.cursor).where(where))
    connection.execute(t.cursor.insert(), {"crm": crm, "kind": kind.value, "value": value})
