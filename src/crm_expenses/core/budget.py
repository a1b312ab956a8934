"""Budgets: allocated, committed, spent, released. Entries are added, never edited.

Available = allocated - committed - spent, where committed is what was committed and neither spent
nor released yet. Each commitment is keyed by the claim that made it, and is spent or released
exactly once.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from crm_expenses.core.claim import ClaimStatus
from crm_expenses.core.money import Money


class BudgetScope(StrEnum):
    """Whom a budget is for."""

    PERSON = "person"
    TEAM = "team"
    COMPANY = "company"


@dataclass(frozen=True, slots=True)
class Budget:
    """Money allocated to a person, a team or the company for a time, maybe for one category.

    `owner` is the person's or the team's id, empty for the company. An empty `category` is every
    category. A hard budget is never overdrawn; a soft one says so and goes on. `responsible` is the
    person to ask when it runs out.
    """

    id: str
    scope: BudgetScope
    start: date
    end: date
    amount: Money
    owner: str = ""
    category: str = ""
    hard: bool = False
    responsible: str = ""
    name: str = ""

    def covers(self, *, person: str, team: str, category: str, day: date) -> bool:
        """Say whether a spending counts against this budget.

        >>> b = Budget("b", BudgetScope.TEAM, date(2026, 1, 1), date(2026, 3, 31),
        ...            Money(100, "CNY"), owner="East")
        >>> b.covers(person="p", team="East", category="meal", day=date(2026, 3, 31))
        True
        """
        if not self.start <= day <= self.end or self.category not in ("", category):
            return False
        match self.scope:
            case BudgetScope.PERSON:
                return self.owner == person
            case BudgetScope.TEAM:
                return self.owner == team
            case BudgetScope.COMPANY:  # pragma: no branch  every kind stands above
                return True


class EntryKind(StrEnum):
    """What an entry does to the position of its budget."""

    ALLOCATE = "allocate"
    COMMIT = "commit"
    RELEASE = "release"
    SPEND = "spend"
    UNSPEND = "unspend"


@dataclass(frozen=True, slots=True)
class BudgetEntry:
    """One movement. `claim` is empty for an allocation; `amount` may be below zero for a refund."""

    budget: str
    kind: EntryKind
    amount: Money
    claim: str = ""


@dataclass(frozen=True, slots=True)
class BudgetPosition:
    """Where a budget stands; all amounts in minor units of `currency`.

    >>> BudgetPosition("b", "CNY", allocated=100, committed=30, spent=20).available
    50
    """

    budget: str
    currency: str
    allocated: int = 0
    committed: int = 0
    spent: int = 0

    @property
    def available(self) -> int:
        """What is left, in minor units; below zero when a soft budget is overdrawn."""
        return self.allocated - self.committed - self.spent

    def after(self, entry: BudgetEntry) -> "BudgetPosition":
        """Give the position after one more entry."""
        minor = entry.amount.minor
        allocated, committed, spent = self.allocated, self.committed, self.spent
        match entry.kind:
            case EntryKind.ALLOCATE:
                allocated += minor
            case EntryKind.COMMIT:
                committed += minor
            case EntryKind.RELEASE:
                committed -= minor
            case EntryKind.SPEND:
                committed -= minor
                spent += minor
            case EntryKind.UNSPEND:  # pragma: no branch  every kind stands above
                spent -= minor
        return BudgetPosition(self.budget, self.currency, allocated, committed, spent)


@dataclass(frozen=True, slots=True)
class Held:
    """What one claim holds of one budget at the moment: committed or spent, in minor units."""

    committed: int = 0
    spent: int = 0


def held_after(entries: Iterable[BudgetEntry]) -> dict[str, Held]:
    """Sum one claim's entries by budget.

    >>> held_after([BudgetEntry("b", EntryKind.COMMIT, Money(5, "CNY"), "C")])
    {'b': Held(committed=5, spent=0)}
    """
    held: dict[str, BudgetPosition] = {}
    for entry in entries:
        before = held.get(entry.budget) or BudgetPosition(entry.budget, entry.amount.currency)
        held[entry.budget] = before.after(entry)
    return {budget: Held(p.committed, p.spent) for budget, p in held.items()}


def settle(
    claim: str,
    held: Mapping[str, Held],
    wanted: Mapping[str, int],
    *,
    status: ClaimStatus,
    currencies: Mapping[str, str],
) -> tuple[BudgetEntry, ...]:
    """Give the entries that bring a claim from what it holds to what it should hold.

    `wanted` is the amount by budget in minor units: spent when the claim is paid, else committed.
    What is right already gives no entry, so settling twice adds nothing. An amount that changed is
    released (or taken back) whole and made anew, so that each commitment ends exactly once.

    >>> settle("C", {}, {"b": 5}, status=ClaimStatus.SUBMITTED, currencies={"b": "CNY"})[0].kind
    <EntryKind.COMMIT: 'commit'>
    """
    entries: list[BudgetEntry] = []
    paid = status is ClaimStatus.PAID
    for budget in sorted(held.keys() | wanted.keys()):
        now, target = held.get(budget, Held()), wanted.get(budget, 0)
        spent_right = paid and now.spent == target
        to_commit = bool(target) and not spent_right
        kept = to_commit and now.committed == target
        moves = (
            (EntryKind.UNSPEND, now.spent if not spent_right else 0),
            (EntryKind.RELEASE, now.committed if not kept else 0),
            (EntryKind.COMMIT, target if to_commit and not kept else 0),
            (EntryKind.SPEND, target if to_commit and paid else 0),
        )
        entries += [
            BudgetEntry(budget, kind, Money(minor, currencies[budget]), claim)
            for kind, minor in moves
            if minor
        ]
    return tuple(entries)
