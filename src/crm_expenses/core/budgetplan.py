"""A plan of budgets as rows of text: its columns, and the row of a budget.

The same rows stand in a CSV file and in a workbook; `planreading` reads them.

A cell that a spreadsheet would run as a formula is refused when it is read. When a text begins with
such a sign, an apostrophe is written before it, and taken off again. Source of the signs: OWASP,
"CSV Injection".
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from crm_expenses.core.budget import Budget, BudgetScope
from crm_expenses.core.budgetalert import THRESHOLDS
from crm_expenses.core.budgetmove import CarryRule
from crm_expenses.core.money import Money

COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "budget": ("预算编号",),
    "name": ("名称",),
    "scope": ("范围",),
    "owner": ("归属",),
    "category": ("类别",),
    "account": ("客户",),
    "period": ("期间",),
    "start": ("开始", "开始日期"),
    "end": ("结束", "结束日期"),
    "amount": ("金额", "预算额"),
    "currency": ("币种",),
    "at_limit": ("达到上限时",),
    "responsible": ("负责人",),
    "alerts": ("预警",),
    "carry_over": ("结转比例",),
    "carry_limit": ("结转上限",),
}
"""The columns of a plan in their order, each with the headings that are understood beside it."""

NO_ALERTS: Final = "none"
_LIVE: Final = re.compile(r"[=+\-@\t\r＝＋－＠]")
_TAMED: Final = re.compile(r"'+[=+\-@\t\r＝＋－＠]")
_NUMBER: Final = re.compile(r"-[0-9]+(\.[0-9]+)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class BudgetTerms:
    """What is kept beside a budget: alerts in per cent, what is carried over, whose budget it is.

    `is_planned` says that a plan brought the budget itself, and not the CRM.
    """

    alerts: tuple[int, ...]
    carry: CarryRule | None = None
    is_planned: bool = False


NO_TERMS: Final = BudgetTerms(THRESHOLDS)
"""Those of a budget of which no plan said anything."""


@dataclass(frozen=True, slots=True)
class PlannedBudget:
    """A budget, the thresholds of its alerts in per cent, and what is carried over at its end.

    `place` is where the plan says so: file and row.
    """

    budget: Budget
    alerts: tuple[int, ...] = THRESHOLDS
    carry: CarryRule | None = None
    place: str = field(default="", compare=False)


def tamed(text: str) -> str:
    """Give a text so that no spreadsheet runs it; `untamed` gives it back, whatever it was.

    >>> tamed("=1+1"), tamed("'=1"), tamed("'twas"), untamed(tamed("'=1"))
    ("'=1+1", "''=1", "'twas", "'=1")
    """
    return f"'{text}" if _LIVE.match(text) or _TAMED.match(text) else text


def untamed(cell: str) -> str:
    """Give the text that a cell stands for."""
    return cell[1:] if _TAMED.match(cell) else cell


def is_formula(cell: str) -> bool:
    """Say whether a spreadsheet could run a cell; an amount below zero is none.

    >>> is_formula("@SUM(A1)"), is_formula(" =1"), is_formula("'=1"), is_formula("-5.00")
    (True, True, False, False)
    """
    bare = cell.lstrip(" \u00a0\u3000\ufeff")
    return bool(_LIVE.match(bare)) and not _NUMBER.fullmatch(bare.strip())


def plan_cells(planned: PlannedBudget) -> tuple[str, ...]:
    """Give the row of a budget, in the order of `COLUMNS`, as text that is not yet tamed.

    >>> from datetime import date
    >>> b = Budget("B", BudgetScope.COMPANY, date(2026, 1, 1), date(2026, 12, 31), Money(5, "CNY"))
    >>> " ".join(cell or "-" for cell in plan_cells(PlannedBudget(b)))
    'B - company - - - - 2026-01-01 2026-12-31 0.05 CNY notify - 80 100 - -'
    """
    of, carry = planned.budget, planned.carry
    limit = carry.limit if carry else None
    cells = {
        "budget": of.id,
        "name": of.name,
        "scope": of.scope.value,
        "owner": of.owner,
        "category": of.category,
        "account": of.account,
        "period": "",
        "start": of.start.isoformat(),
        "end": of.end.isoformat(),
        "amount": f"{of.amount.amount:f}",
        "currency": of.amount.currency,
        "at_limit": of.action.value,
        "responsible": of.responsible,
        "alerts": " ".join(str(one) for one in planned.alerts) or NO_ALERTS,
        "carry_over": "" if carry is None else str(carry.share),
        "carry_limit": "" if limit is None else f"{limit.amount:f}",
    }
    return tuple(cells[column].strip() for column in COLUMNS)


def is_same(one: Budget, other: Budget) -> bool:
    """Say whether a plan would write two budgets alike; how a limit was said makes no difference.

    >>> from dataclasses import replace
    >>> from datetime import date
    >>> b = Budget("B", BudgetScope.COMPANY, date.min, date.max, Money(5, "CNY"), hard=True)
    >>> is_same(b, replace(b, at_limit=b.action)), is_same(b, replace(b, hard=False))
    (True, False)
    """
    return plan_cells(PlannedBudget(one)) == plan_cells(PlannedBudget(other))


def sums(planned: Iterable[PlannedBudget]) -> Iterator[tuple[BudgetScope, Money, int]]:
    """Give what a plan allocates: by scope and currency, with the number of budgets.

    >>> from datetime import date
    >>> b = Budget("B", BudgetScope.COMPANY, date(2026, 1, 1), date(2026, 12, 31), Money(5, "CNY"))
    >>> [(scope.value, str(amount), count) for scope, amount, count in sums([PlannedBudget(b)])]
    [('company', '0.05 CNY', 1)]
    """
    found: dict[tuple[BudgetScope, str], list[int]] = {}
    for one in planned:
        amount = one.budget.amount
        found.setdefault((one.budget.scope, amount.currency), []).append(amount.minor)
    order = list(BudgetScope)
    for scope, currency in sorted(found, key=lambda key: (order.index(key[0]), key[1])):
        minors = found[scope, currency]
        yield scope, Money(sum(minors), currency), len(minors)
