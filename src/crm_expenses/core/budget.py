"""Budgets: allocated, committed, spent, released. Entries are added, never edited.

Available = allocated - committed - spent, where committed is what was committed and neither spent
nor released yet. Each commitment is keyed by the claim that made it, and is spent or released
exactly once. A spending counts against every budget that covers it: the person's, the team's, the
customer's, the company's. No budget at all is another thing than a budget of zero (`NoBudget`).
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
    ACCOUNT = "account"


class AtLimit(StrEnum):
    """What a budget does when more is asked of it than it has.

    `NOTIFY` says so and goes below zero; `APPROVE` goes below zero only after one more approval, by
    the person responsible; `FREEZE` gives nothing: it is never overdrawn.
    """

    NOTIFY = "notify"
    APPROVE = "approve"
    FREEZE = "freeze"


@dataclass(frozen=True, slots=True)
class Budget:
    """Money allocated to a person, a team, a customer or the company for a time.

    `owner` is the id of the person, the team or the customer, empty for the company. `category` and
    `account` narrow it to one category and to one customer; empty is every one. So a person's
    budget with an `account` is what that person may spend on that customer. `responsible` is the
    person to ask when it runs out. `hard` is the short form of `at_limit` = freeze; where
    `at_limit` is given, it alone decides, and `hard` follows it.
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
    account: str = ""
    at_limit: AtLimit | None = None

    def __post_init__(self) -> None:
        if self.at_limit is not None:
            object.__setattr__(self, "hard", self.at_limit is AtLimit.FREEZE)

    @property
    def action(self) -> AtLimit:
        """What happens at the limit, whichever way it was said.

        >>> year = (date(2026, 1, 1), date(2026, 12, 31))
        >>> Budget("b", BudgetScope.COMPANY, *year, Money(0, "CNY"), hard=True).action
        <AtLimit.FREEZE: 'freeze'>
        """
        if self.at_limit is not None:
            return self.at_limit
        return AtLimit.FREEZE if self.hard else AtLimit.NOTIFY

    def covers(
        self, *, person: str, team: str, category: str, day: date, account: str = ""
    ) -> bool:
        """Say whether a spending counts against this budget.

        >>> b = Budget("b", BudgetScope.TEAM, date(2026, 1, 1), date(2026, 3, 31),
        ...            Money(100, "CNY"), owner="East")
        >>> b.covers(person="p", team="East", category="meal", day=date(2026, 3, 31))
        True
        """
        return self.start <= day <= self.end and self.is_for(
            person=person, team=team, category=category, account=account
        )

    def is_for(self, *, person: str, team: str, category: str, account: str = "") -> bool:
        """Say whether this budget is for such a spending, whatever its day."""
        if self.category not in ("", category) or self.account not in ("", account):
            return False
        match self.scope:
            case BudgetScope.PERSON:
                return self.owner == person
            case BudgetScope.TEAM:
                return self.owner == team
            case BudgetScope.ACCOUNT:
                return bool(account) and self.owner == account
            case BudgetScope.COMPANY:  # pragma: no branch  every kind stands above
                return True


class NoBudget(StrEnum):
    """Why no budget covers a spending. A budget of zero covers it, and has nothing left."""

    NONE_KNOWN = "none_known"
    NOT_FOR_IT = "not_for_it"
    NOT_THEN = "not_then"


def covering(
    budgets: Iterable[Budget],
    *,
    person: str,
    team: str,
    category: str,
    day: date,
    account: str = "",
) -> "tuple[Budget, ...] | NoBudget":
    """Give every budget that a spending counts against, by id, or why there is none.

    >>> covering([], person="p", team="", category="meal", day=date(2026, 1, 1))
    <NoBudget.NONE_KNOWN: 'none_known'>
    """
    known = sorted(budgets, key=lambda budget: budget.id)
    theirs = [
        budget
        for budget in known
        if budget.is_for(person=person, team=team, category=category, account=account)
    ]
    found = tuple(budget for budget in theirs if budget.start <= day <= budget.end)
    if found:
        return found
    if theirs:
        return NoBudget.NOT_THEN
    return NoBudget.NOT_FOR_IT if known else NoBudget.NONE_KNOWN


class EntryKind(StrEnum):
    """What an entry does to the position of its budget."""

    ALLOCATE = "allocate"
    COMMIT = "commit"
    RELEASE = "release"
    SPEND = "spend"
    UNSPEND = "unspend"
    CARRY_OVER = "carry_over"
    TRANSFER = "transfer"


@dataclass(frozen=True, slots=True)
class BudgetEntry:
    """One movement. `amount` may be below zero: a refund, what is carried out or transferred away.

    `claim` names the claim, empty for an allocation; `move` the carry-over or transfer that the
    entry is one half of.
    """

    budget: str
    kind: EntryKind
    amount: Money
    claim: str = ""
    move: str = ""


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
            case EntryKind.ALLOCATE | EntryKind.CARRY_OVER | EntryKind.TRANSFER:
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
