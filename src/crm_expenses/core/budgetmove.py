"""Money that moves between budgets: what is left is carried over, and transfers that are approved.

Both are a pair of entries that sums to zero, so that no move makes money or loses any. A move has a
name of its own; entries that bear the name say that it was made, and it is not made again.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from crm_expenses.core.approval import Organisation
from crm_expenses.core.budget import Budget, BudgetEntry, BudgetPosition, BudgetScope, EntryKind
from crm_expenses.core.money import Money
from crm_expenses.core.record import digest
from crm_expenses.errors import ConfigError, Problem

SHARE_ALL: Final = 100


@dataclass(frozen=True, slots=True)
class CarryRule:
    """How much of what is left goes into the next period: `share` per cent, at most `limit`."""

    share: int = SHARE_ALL
    limit: Money | None = None

    def amount_of(self, available: int) -> int:
        """Give what is carried, in minor units, rounded down; nothing where nothing is left.

        >>> CarryRule(50, Money(300, "CNY")).amount_of(501), CarryRule().amount_of(-7)
        (250, 0)
        """
        part = max(0, available) * self.share // SHARE_ALL
        return part if self.limit is None else min(part, self.limit.minor)


def carry_name(old: str) -> str:
    """Give the name of the one move out of a budget that ended.

    >>> carry_name("B-2025")
    'carry_over:B-2025'
    """
    return f"carry_over:{old}"


def successors(old: Budget, budgets: Iterable[Budget]) -> tuple[Budget, ...]:
    """Give the budgets of the next period, by id: for the same, in the same currency, after `old`.

    Those that begin first of all that begin after its end. More than one means that a person says
    which; a month may be followed by a month and by a quarter on the same day.

    >>> year = lambda n: (date(n, 1, 1), date(n, 12, 31))
    >>> made = [Budget(str(n), BudgetScope.COMPANY, *year(n), Money(9, "CNY"))
    ...         for n in (2025, 2026, 2027)]
    >>> [budget.id for budget in successors(made[0], made)]
    ['2026']
    """
    alike = [one for one in budgets if one.start > old.end and _kept_for(one) == _kept_for(old)]
    first = min((one.start for one in alike), default=None)
    found = (one for one in alike if one.start == first)
    return tuple(sorted(found, key=lambda budget: budget.id))


def carry_problems(old: Budget, new: Budget, rule: CarryRule, day: date) -> tuple[Problem, ...]:
    """Say why nothing may be carried from one budget into another on a day."""
    of = {"old": old.id, "new": new.id}
    found = []
    if day <= old.end:
        values = {"budget": old.id, "end": old.end.isoformat(), "day": day.isoformat()}
        found.append(Problem("budgets.carry_early", values))
    if new.start <= old.end:
        found.append(Problem("budgets.carry_order", of))
    currencies = {old.amount.currency, new.amount.currency}
    if rule.limit is not None:
        currencies.add(rule.limit.currency)
    if len(currencies) > 1:
        found.append(Problem("budgets.mixed", {**of, "list": ", ".join(sorted(currencies))}))
    if not 0 <= rule.share <= SHARE_ALL or (rule.limit is not None and rule.limit.minor < 0):
        limit = "-" if rule.limit is None else str(rule.limit)
        values = {"budget": old.id, "share": str(rule.share), "limit": limit}
        found.append(Problem("budgets.carry_rule", values))
    return tuple(found)


def carry_over(
    old: Budget,
    new: Budget,
    position: BudgetPosition,
    rule: CarryRule,
    *,
    day: date,
    done: Iterable[str] = (),
) -> tuple[BudgetEntry, ...]:
    """Give the pair of entries that carries what is left of `old` into `new`; once.

    `position` is where the old budget stands on `day`; what is committed there stays there, and is
    spent or released there. `done` are the names of moves made before.

    Raises:
        ConfigError: the old budget has not ended, or the two do not fit (`carry_problems`).

    >>> year = lambda n: (date(n, 1, 1), date(n, 12, 31))
    >>> old, new = (Budget(str(n), BudgetScope.COMPANY, *year(n), Money(9, "CNY"))
    ...             for n in (2025, 2026))
    >>> held = BudgetPosition("2025", "CNY", allocated=9, spent=4)
    >>> [(e.budget, e.amount.minor)
    ...  for e in carry_over(old, new, held, CarryRule(), day=date(2026, 1, 5))]
    [('2025', -5), ('2026', 5)]
    """
    problems = carry_problems(old, new, rule, day)
    if problems:
        raise ConfigError.of(problems)
    _demand_of(old, position)
    amount = rule.amount_of(position.available)
    name = carry_name(old.id)
    if not amount or name in set(done):
        return ()
    return _pair(old.id, new.id, Money(amount, position.currency), EntryKind.CARRY_OVER, name)


@dataclass(frozen=True, slots=True)
class Transfer:
    """Somebody asks that money goes from one budget into another, and says why."""

    id: str
    source: str
    target: str
    amount: Money
    requested_by: str
    reason: str = ""

    @property
    def content(self) -> str:
        """The digest that approvals name: of everything that was asked for.

        >>> one = Transfer("T", "a", "b", Money(5, "CNY"), "p")
        >>> one.content == Transfer("T", "a", "b", Money(6, "CNY"), "p").content
        False
        """
        return digest(self)


@dataclass(frozen=True, slots=True)
class TransferApproval:
    """`approver` said yes to the content with this digest, and to no other."""

    transfer: str
    content: str
    approver: str


def approver_of(budget: Budget, organisation: Organisation, requested_by: str) -> str:
    """Give who approves that a budget gives or takes money; empty where nobody is found.

    A person's budget: that person's manager. Any other: the person responsible for it. Nobody
    approves what they asked for: then it goes up the line of managers.

    >>> from crm_expenses.core.party import AccountManager
    >>> boss = Organisation({"p": AccountManager("p", "P", manager="m")}, {})
    >>> own = Budget("b", BudgetScope.PERSON, date.min, date.max, Money(1, "CNY"), "p")
    >>> approver_of(own, boss, "p"), approver_of(own, boss, "m")
    ('m', '')
    """
    is_person = budget.scope is BudgetScope.PERSON
    found = organisation.manager_of(budget.owner) if is_person else budget.responsible
    if found != requested_by:
        return found
    return next((one for one in organisation.above(found) if one != requested_by), "")


def approvers_of(
    transfer: Transfer, budgets: Mapping[str, Budget], organisation: Organisation
) -> tuple[str, ...]:
    """Give who must say yes to a transfer, the giver's first; nobody for a budget that is gone.

    >>> approvers_of(Transfer("T", "a", "b", Money(5, "CNY"), "p"), {}, Organisation({}, {}))
    ()
    """
    found = (
        approver_of(budgets[name], organisation, transfer.requested_by)
        for name in (transfer.source, transfer.target)
        if name in budgets
    )
    return tuple(dict.fromkeys(one for one in found if one))


@dataclass(frozen=True, slots=True)
class TransferCase:
    """A transfer with all that decides on it. `position` is where the source stands."""

    transfer: Transfer
    source: Budget
    target: Budget
    position: BudgetPosition
    approvals: Sequence[TransferApproval]
    organisation: Organisation


def transfer_problems(case: TransferCase) -> tuple[Problem, ...]:
    """Say why a transfer may not be made; nothing means that it may.

    Only what is available moves, of a soft budget too. Both budgets' approvers must have said yes
    to exactly this content.
    """
    transfer, source, target, position = case.transfer, case.source, case.target, case.position
    amount = transfer.amount
    named = {"transfer": transfer.id}
    found = []
    if (transfer.source, transfer.target) != (source.id, target.id) or source.id == target.id:
        values = {"source": transfer.source, "target": transfer.target}
        found.append(Problem("budgets.transfer_ends", {**named, **values}))
    currencies = {amount.currency, source.amount.currency, target.amount.currency}
    if len(currencies) > 1:
        values = {"old": source.id, "new": target.id, "list": ", ".join(sorted(currencies))}
        found.append(Problem("budgets.mixed", values))
    elif not 0 < amount.minor <= position.available:
        left = Money(position.available, amount.currency)
        values = {"amount": str(amount), "budget": source.id, "available": str(left)}
        found.append(Problem("budgets.transfer_amount", {**named, **values}))
    given = {
        one.approver
        for one in case.approvals
        if one.transfer == transfer.id and one.content == transfer.content
    }
    for budget in (source, target):
        approver = approver_of(budget, case.organisation, transfer.requested_by)
        if not approver:
            found.append(Problem("budgets.transfer_nobody", {**named, "budget": budget.id}))
        elif approver not in given:
            values = {"budget": budget.id, "approver": approver}
            found.append(Problem("budgets.transfer_open", {**named, **values}))
    return tuple(found)


def transfer_name(transfer: str) -> str:
    """Give the name of a transfer's move.

    >>> transfer_name("T-1")
    'transfer:T-1'
    """
    return f"transfer:{transfer}"


def transferred(case: TransferCase, *, done: Iterable[str] = ()) -> tuple[BudgetEntry, ...]:
    """Give the pair of entries of a transfer; once. `done` are the names of moves made before.

    Raises:
        ConfigError: it may not be made: not approved, not enough left (`transfer_problems`).
    """
    transfer = case.transfer
    name = transfer_name(transfer.id)
    if name in set(done):
        return ()
    _demand_of(case.source, case.position)
    problems = transfer_problems(case)
    if problems:
        raise ConfigError.of(problems)
    return _pair(transfer.source, transfer.target, transfer.amount, EntryKind.TRANSFER, name)


def _kept_for(budget: Budget) -> tuple[str, ...]:
    currency = budget.amount.currency
    return (budget.scope, budget.owner, budget.category, budget.account, currency)


def _demand_of(budget: Budget, position: BudgetPosition) -> None:
    if (position.budget, position.currency) != (budget.id, budget.amount.currency):
        raise ValueError(f"the position is of {position.budget}, and not of {budget.id}")


def _pair(
    source: str, target: str, amount: Money, kind: EntryKind, name: str
) -> tuple[BudgetEntry, ...]:
    return (
        BudgetEntry(source, kind, -amount, move=name),
        BudgetEntry(target, kind, amount, move=name),
    )
