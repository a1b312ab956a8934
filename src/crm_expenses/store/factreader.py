"""What a decision reads: the snapshot of one claim, and what it is made of."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import Connection, select

from crm_expenses.core.budget import Budget, BudgetEntry, BudgetPosition, BudgetScope
from crm_expenses.core.claim import Claim, ExpenseLine
from crm_expenses.core.facts import Facts
from crm_expenses.core.party import AccountManager
from crm_expenses.core.rates import KeptRate, Rate, in_force, kept
from crm_expenses.core.record import Kind
from crm_expenses.core.trip import Trip
from crm_expenses.core.voucher import Voucher
from crm_expenses.errors import StoreError
from crm_expenses.store import statements as s
from crm_expenses.store import tables as t
from crm_expenses.store.beyond import Beyond
from crm_expenses.store.codec import read_as, read_record
from crm_expenses.store.groups import newest_link
from crm_expenses.store.keeping import window_kept
from crm_expenses.store.ledger import entries_of, positions
from crm_expenses.store.links import (
    absences,
    pre_approvals_of,
    span_of,
    trips_named,
    waivers_for,
)

REFERENCE_KINDS = (Kind.ACCOUNT_MANAGER, Kind.RATE, Kind.BUDGET)

KEYS_AT_ONCE = 5_000
"""Most keys of windows in one statement; a spell asks for one a day."""


@dataclass(frozen=True)
class Reference:
    """People, rates and budgets, as of the newest row of any of them; read once, then kept.

    `own` are the claims that were made here: none comes without a row. `gone` is the newest entry
    that says that one of the people or rates is gone. People that only another CRM holds are among
    them, by the names that this one links to them (`beyond`, None where nothing is linked); `links`
    tells when that changed.
    """

    seq: int
    people: Mapping[str, AccountManager]
    rates: tuple[Rate, ...]
    budgets: Mapping[str, Budget]
    by_owner: Mapping[tuple[BudgetScope, str], tuple[Budget, ...]]
    own: frozenset[str] = frozenset()
    gone: int = 0
    links: tuple[int, int, int] = (0, 0, 0)
    beyond: Beyond | None = None

    def budgets_for(
        self, person: str, team: str, accounts: Iterable[str] = ()
    ) -> tuple[Budget, ...]:
        """Give the budgets of a person, their team, customers and the company, by id."""
        owners = (
            (BudgetScope.PERSON, person),
            (BudgetScope.TEAM, team),
            (BudgetScope.COMPANY, ""),
            *((BudgetScope.ACCOUNT, account) for account in accounts),
        )
        found = [budget for owner in owners for budget in self.by_owner.get(owner, ())]
        return tuple(sorted(found, key=lambda budget: budget.id))


def read_reference(connection: Connection, crm: str, before: Reference | None) -> Reference:
    """Read people, rates and budgets, unless nothing came or went since `before`."""
    newest = connection.execute(s.NEWEST_REFERENCE, {"of_crm": crm}).one()
    seq, gone, links = newest.seq or 0, newest.gone or 0, newest_link(connection)
    if before is not None and (before.seq, before.gone, before.links) == (seq, gone, links):
        return before
    kinds = [kind.value for kind in REFERENCE_KINDS]
    where = (t.latest.c.crm == crm) & t.latest.c.kind.in_(kinds)
    joined = t.latest.join(t.record, t.latest.c.seq == t.record.c.seq)
    rows = connection.execute(
        select(t.record.c.kind, t.record.c.content)
        .select_from(joined)
        .where(where)
        .order_by(t.latest.c.kind, t.latest.c.id)
    )
    found = [read_record(Kind(row.kind), row.content) for row in rows]
    budgets = {r.id: r for r in found if isinstance(r, Budget)}
    own = select(t.own_claim.c.claim)
    by_owner: dict[tuple[BudgetScope, str], tuple[Budget, ...]] = {}
    for budget in budgets.values():
        owner = (budget.scope, "" if budget.scope is BudgetScope.COMPANY else budget.owner)
        by_owner[owner] = (*by_owner.get(owner, ()), budget)
    people = {r.id: r for r in found if isinstance(r, AccountManager)}
    beyond = Beyond(connection, crm) if links[1] else None
    return Reference(
        seq,
        people | beyond.people(connection, people) if beyond else people,
        tuple(r for r in found if isinstance(r, Rate)),
        budgets,
        by_owner,
        frozenset(connection.execute(own.where(t.own_claim.c.crm == crm)).scalars()),
        gone,
        links,
        beyond,
    )


class FactReader:
    """Reads what decisions are made on, in a transaction of the store, for one CRM."""

    def __init__(self, connection: Connection, crm: str, reference: Reference) -> None:
        self._connection = connection
        self._crm = crm
        self._held: dict[str, tuple[BudgetEntry, ...]] = {}
        self.reference = reference

    @property
    def connection(self) -> Connection:
        """The transaction's own connection, for the other modules of the store."""
        return self._connection

    @property
    def crm(self) -> str:
        """The name of the CRM in the settings."""
        return self._crm

    def facts(
        self, claim: str, currency: str, windows_of: Callable[[Facts], Sequence[str]]
    ) -> Facts:
        """Build the snapshot that a decision on the claim may read.

        `windows_of` names the windows that the policy needs for these lines. What the claim itself
        used and holds is left out, so that deciding it again gives the same.
        """
        row = self._connection.execute(s.RECORD, self._of(claim, Kind.CLAIM)).one()
        found = read_record(Kind.CLAIM, row.content)
        if not isinstance(found, Claim):
            raise StoreError("store.kind", name=claim)
        rows = self._connection.execute(s.LINES, self._of(claim, Kind.LINE))
        read = (read_record(Kind.LINE, row.content) for row in rows)
        lines = tuple(r for r in read if isinstance(r, ExpenseLine))
        person = self.reference.people.get(found.person)
        budgets = self._covering(found, lines, person)
        approvals = pre_approvals_of(self._connection, self._crm, found.person)
        if self.reference.beyond is not None:
            approvals += self.reference.beyond.pre_approvals(self._connection, found.person)
        currencies = {line.amount.currency for line in lines} | {b.amount.currency for b in budgets}
        currencies |= {one.amount.currency for one in approvals if one.amount is not None}
        bare = Facts(
            claim=found,
            lines=lines,
            person=person,
            vouchers=self._vouchers(sorted({line.voucher for line in lines if line.voucher})),
            rates=self._rates(currencies - {currency}, lines, found),
            budgets=budgets,
            positions=self.positions_without(claim, budgets),
            trips=self._trips(found, lines),
            waivers=waivers_for(
                self._connection, self._crm, found.person, claim, [line.id for line in lines]
            ),
            pre_approvals=approvals,
            kept_rates=self._kept_rates(found, lines, currency),
        )
        return replace(bare, windows=self._windows(claim, windows_of(bare)))

    def held_by(self, claim: str) -> tuple[BudgetEntry, ...]:
        """Give the budget entries that the claim has made so far."""
        if claim not in self._held:
            self._held[claim] = entries_of(self._connection, self._crm, claim)
        return self._held[claim]

    def positions(self, budgets: Sequence[str]) -> tuple[BudgetPosition, ...]:
        """Give where budgets stand now."""
        held = positions(self._connection, self._crm, budgets)
        return tuple(held[name] for name in sorted(held))

    def _of(self, claim: str, kind: Kind | None = None) -> dict[str, str]:
        """Give the parameters of a statement about one claim."""
        of = {"of_crm": self._crm, "of_claim": claim}
        return of | {"of_kind": kind.value} if kind is not None else of

    def _vouchers(self, ids: Sequence[str]) -> tuple[Voucher, ...]:
        of = {"of_crm": self._crm, "of_kind": Kind.VOUCHER.value}
        read = (
            read_record(Kind.VOUCHER, row.content)
            for names in s.portions(ids)
            for row in self._connection.execute(s.RECORDS, of | {"of_names": names})
        )
        return tuple(v for v in read if isinstance(v, Voucher))

    def _trips(self, claim: Claim, lines: Sequence[ExpenseLine]) -> tuple[Trip, ...]:
        """Give the trips of the lines, and the person's others on the same days."""
        names = {line.trip for line in lines if line.trip}
        if not names:
            return ()
        own = trips_named(self._connection, self._crm, names)
        spans = {span_of(trip) for trip in own}
        away = absences(self._connection, self._crm, claim.person, spans)
        others = trips_named(self._connection, self._crm, away.keys() - names)
        return tuple(sorted((*own, *others), key=lambda trip: trip.id))

    def _covering(
        self, claim: Claim, lines: Sequence[ExpenseLine], person: AccountManager | None
    ) -> tuple[Budget, ...]:
        team = person.team if person else ""
        accounts = {line.account for line in lines if line.account}
        return tuple(
            budget
            for budget in self.reference.budgets_for(claim.person, team, accounts)
            if any(
                budget.covers(
                    person=claim.person,
                    team=team,
                    category=line.category,
                    day=line.date,
                    account=line.account,
                )
                for line in lines
            )
        )

    def positions_without(
        self, claim: str, budgets: Sequence[Budget]
    ) -> tuple[BudgetPosition, ...]:
        """Give where budgets stand without what a claim itself holds of them."""
        held = positions(self._connection, self._crm, [budget.id for budget in budgets])
        for entry in self.held_by(claim):
            if entry.budget in held:
                p = held[entry.budget]
                mine = BudgetPosition(p.budget, p.currency).after(entry)
                held[entry.budget] = BudgetPosition(
                    p.budget,
                    p.currency,
                    p.allocated,
                    p.committed - mine.committed,
                    p.spent - mine.spent,
                )
        return tuple(held[name] for name in sorted(held))

    def _rates(
        self, currencies: set[str], lines: Sequence[ExpenseLine], claim: Claim
    ) -> tuple[Rate, ...]:
        """Give the rates that can be in force on a day of the claim, and no others."""
        if not currencies:
            return ()
        days = {line.date for line in lines} | {claim.submitted.date()}
        chosen: dict[str, Rate] = {}
        for day in days:
            best: dict[tuple[str, str], Rate] = {}
            for rate in self.reference.rates:
                pair = (rate.currency, rate.into)
                if not currencies & set(pair) or rate.day > day:
                    continue
                if pair not in best or rate.day > best[pair].day:
                    best[pair] = rate
            chosen |= {rate.id: rate for rate in best.values()}
        return tuple(chosen[name] for name in sorted(chosen))

    def _kept_rates(
        self, claim: Claim, lines: Sequence[ExpenseLine], currency: str
    ) -> tuple[KeptRate, ...]:
        """Give the rates by which lines that are still of their day and currency were converted."""
        foreign = {
            line.id: (line.amount.currency, line.date)
            for line in lines
            if line.amount.currency != currency
        }
        row = (
            self._connection.execute(s.LIVE_DECISION, self._of(claim.id)).first()
            if foreign
            else None
        )
        if row is None or row.facts is None:
            return ()
        before: Facts = read_as(Facts, row.facts)
        found: dict[tuple[str, date], KeptRate] = {}
        for line in before.lines:
            pair = (line.amount.currency, line.date)
            if foreign.get(line.id) == pair and pair not in found:
                rate = in_force(before.all_rates, line.amount.currency, currency, line.date)
                if rate is not None:
                    found[pair] = kept(rate, line.date)
        return tuple(found[pair] for pair in sorted(found))

    def _windows(self, claim: str, keys: Sequence[str]) -> dict[str, int]:
        used: dict[str, int] = {}
        asked = {window_kept(key): key for key in keys}
        kept = list(asked)
        for start in range(0, len(kept), KEYS_AT_ONCE):
            of = self._of(claim) | {"of_names": kept[start : start + KEYS_AT_ONCE]}
            rows = self._connection.execute(s.WINDOWS, of)
            used |= {asked[row.window]: int(row.used) for row in rows}
        return used
