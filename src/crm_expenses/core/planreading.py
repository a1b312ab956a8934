"""A plan of budgets read from rows of text: all of it, or nothing and all that is wrong with it.

Each mistake is told with its row and column, the first of each cell.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from enum import StrEnum
from typing import Final, TypeVar

from crm_expenses.core.budget import AtLimit, Budget, BudgetScope
from crm_expenses.core.budgetalert import THRESHOLD_MAX, THRESHOLDS
from crm_expenses.core.budgetmove import SHARE_ALL, CarryRule
from crm_expenses.core.budgetplan import COLUMNS, NO_ALERTS, PlannedBudget, is_formula, untamed
from crm_expenses.core.fiscal import FiscalCalendar
from crm_expenses.core.money import Money
from crm_expenses.core.period import read_day
from crm_expenses.errors import ConfigError, MappingError, Place, Problem

NEEDED: Final = ("budget", "scope", "amount", "currency")
TEXT_MAX: Final = 255
"""Longest text of a cell, in characters."""

_WORDS: Final[Mapping[StrEnum, tuple[str, ...]]] = {
    BudgetScope.PERSON: ("个人", "客户经理"),
    BudgetScope.TEAM: ("团队", "部门"),
    BudgetScope.COMPANY: ("公司",),
    BudgetScope.ACCOUNT: ("客户",),
    AtLimit.NOTIFY: ("提醒",),
    AtLimit.APPROVE: ("加签",),
    AtLimit.FREEZE: ("冻结",),
}
_Choice = TypeVar("_Choice", bound=StrEnum)


def read_plan(
    file: str, rows: Sequence[tuple[int, Sequence[str]]], calendar: FiscalCalendar
) -> tuple[PlannedBudget, ...]:
    """Read a plan; `rows` come with their numbers in the file, the headings first.

    `calendar` says what a period like FY2026-Q1 is.

    Raises:
        ConfigError: carries everything that is wrong with it, each with row and column; then
            nothing is taken from it.
    """
    if len(rows) < 2:
        raise ConfigError("budgets.plan_none", place=Place(file))
    problems: list[Problem] = []
    places = _places(file, rows[0], problems)
    if problems:
        raise ConfigError.of(problems)
    planned: list[PlannedBudget] = []
    seen: dict[str, int] = {}
    same: dict[tuple[object, ...], str] = {}
    for number, cells in rows[1:]:
        row = _Row(Place(file, number), cells, places, calendar)
        made = row.read()
        problems += row.problems
        if made is None:
            continue
        of = made.budget
        first = seen.setdefault(of.id, number)
        if first != number:
            problems.append(row.problem("budget", "budgets.plan_twice", row=str(first)))
            continue
        key = (of.scope, of.owner, of.category, of.account, of.start, of.end, of.amount.currency)
        other = same.setdefault(key, of.id)
        if other != of.id:
            problems.append(row.problem("budget", "budgets.plan_same", other=other))
        planned.append(made)
    if problems:
        raise ConfigError.of(problems)
    return tuple(planned)


def _places(
    file: str, header: tuple[int, Sequence[str]], problems: list[Problem]
) -> dict[str, int]:
    """Give where each column stands, and say which headings are unknown, twice or not there."""
    headings = {name: column for column, zh in COLUMNS.items() for name in (column, *zh)}
    places: dict[str, int] = {}
    line, names = header
    for index, heading in enumerate(names):
        name = heading.strip().strip("\ufeff").lower()
        place = Place(file, line, index + 1)
        column = headings.get(name)
        if column is None:
            if name:
                known = {"column": heading.strip()[:40], "names": ", ".join(COLUMNS)}
                problems.append(Problem("budgets.plan_unknown", known, place))
        elif column in places:
            problems.append(Problem("budgets.plan_column_twice", {"column": column}, place))
        else:
            places[column] = index
    missing = [column for column in NEEDED if column not in places]
    if "period" not in places:
        missing += [column for column in ("start", "end") if column not in places]
    problems += [
        Problem("budgets.plan_column", {"column": column}, Place(file, line)) for column in missing
    ]
    return places


class _Row:
    """One row while it is read; `problems` grows, and with one of them the row gives nothing."""

    def __init__(
        self,
        place: Place,
        cells: Sequence[str],
        places: Mapping[str, int],
        calendar: FiscalCalendar,
    ) -> None:
        self.problems: list[Problem] = []
        self._place = place
        self._places = places
        self._calendar = calendar
        self._cells: dict[str, str] = {}
        self._told: set[str] = set()
        for column, index in places.items():
            cell = cells[index].strip() if index < len(cells) else ""
            self._cells[column] = untamed(cell)
            if is_formula(cell):
                self._tell(column, "budgets.plan_formula")
            elif len(cell) > TEXT_MAX:
                self._tell(column, "budgets.plan_long", limit=str(TEXT_MAX))
        behind = [n for n, cell in enumerate(cells) if cell.strip() and n not in places.values()]
        if behind:
            place = Place(self._place.file, self._place.line, behind[0] + 1)
            shown = {"value": cells[behind[0]].strip()[:40]}
            self.problems.append(Problem("budgets.plan_beside", shown, place))

    def problem(self, column: str, code: str, **values: str) -> Problem:
        """Make a problem of one cell of this row."""
        index = self._places.get(column)
        place = Place(self._place.file, self._place.line, 0 if index is None else index + 1)
        shown = {"column": column, "value": self._cells.get(column, "")[:40] or "-"}
        return Problem(code, {**shown, **values}, place)

    def read(self) -> PlannedBudget | None:
        """Give what the row says, None where something in it is wrong."""
        for column in NEEDED:
            if not self._cells[column]:
                self._tell(column, "budgets.plan_empty")
        scope = self._choice("scope", BudgetScope)
        at_limit = self._choice("at_limit", AtLimit)
        span = self._span()
        amount = self._money("amount")
        alerts = self._alerts()
        carry = self._carry()
        owner, account = self._cell("owner"), self._cell("account")
        if scope is not None and scope is not BudgetScope.COMPANY and not owner:
            self._tell("owner", "budgets.plan_owner", scope=scope.value)
        if scope is BudgetScope.ACCOUNT and account not in ("", owner):
            self._tell("account", "budgets.plan_account", owner=owner)
        if self.problems or scope is None or span is None or amount is None:
            return None
        budget = Budget(
            self._cell("budget"),
            scope,
            *span,
            amount,
            owner=owner,
            category=self._cell("category"),
            responsible=self._cell("responsible"),
            name=self._cell("name"),
            account=account,
            at_limit=at_limit or AtLimit.NOTIFY,
        )
        return PlannedBudget(budget, alerts, carry, f"{self._place.file}:{self._place.line}")

    def _cell(self, column: str) -> str:
        return self._cells.get(column, "")

    def _tell(self, column: str, code: str, **values: str) -> None:
        if column not in self._told:
            self._told.add(column)
            self.problems.append(self.problem(column, code, **values))

    def _choice(self, column: str, kind: type[_Choice]) -> _Choice | None:
        """Give the word of a closed list, in English or Chinese, None where it is empty."""
        word = self._cell(column).lower()
        if not word:
            return None
        for one in kind:
            if word in (one.value, *_WORDS[one]):
                return one
        self._tell(column, "budgets.plan_choice", names=", ".join(one.value for one in kind))
        return None

    def _money(self, column: str) -> Money | None:
        cell, currency = self._cell(column), self._cell("currency").upper()
        if not cell or not currency:
            return None
        try:
            amount = Money.of(cell, currency)
        except MappingError as error:
            is_code = error.code == "record.currency"
            self._tell("currency" if is_code else column, error.code, **error.problems[0].values)
            return None
        if amount.minor < 0:
            self._tell(column, "budgets.plan_negative")
            return None
        return amount

    def _span(self) -> tuple[date, date] | None:
        """Give the first and last day: as written, or those of the period named."""
        label = self._cell("period")
        written = [column for column in ("start", "end") if self._cell(column)]
        if label and not written:
            found = self._calendar.labelled(label)
            if found is None:
                self._tell("period", "budgets.plan_period")
                return None
            return found.span.start, found.span.end
        if label:
            self._tell("period", "budgets.plan_both")
            return None
        days = []
        for column in ("start", "end"):
            day = read_day(self._cell(column))
            if not self._cell(column):
                self._tell(column, "budgets.plan_empty")
            elif day is None:
                self._tell(column, "budgets.plan_day")
            else:
                days.append(day)
        if len(days) < 2:
            return None
        if days[0] > days[1]:
            self._tell("end", "budgets.plan_backwards", start=days[0].isoformat())
            return None
        return days[0], days[1]

    def _alerts(self) -> tuple[int, ...]:
        cell = self._cell("alerts").lower()
        if not cell:
            return THRESHOLDS
        if cell in (NO_ALERTS, "无"):
            return ()
        parts = re.split(r"[\s,;，；、]+", cell.replace("%", " ").strip())
        found = sorted({int(part) for part in parts if re.fullmatch(r"[0-9]{1,4}", part)})
        is_whole = all(re.fullmatch(r"[0-9]{1,4}", part) for part in parts)
        if not is_whole or not 0 < found[0] <= found[-1] <= THRESHOLD_MAX:
            self._tell("alerts", "budgets.plan_alerts", limit=str(THRESHOLD_MAX))
            return ()
        return tuple(found)

    def _carry(self) -> CarryRule | None:
        share, limit = self._cell("carry_over").replace("%", "").strip(), self._money("carry_limit")
        if not share:
            if self._cell("carry_limit"):
                self._tell("carry_limit", "budgets.plan_carry_limit")
            return None
        if not re.fullmatch(r"[0-9]{1,3}", share, re.ASCII) or int(share) > SHARE_ALL:
            self._tell("carry_over", "budgets.plan_carry_over")
            return None
        return CarryRule(int(share), limit)
