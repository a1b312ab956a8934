"""Plans of budgets: every cell that is wrong is told with its place, and then nothing is taken."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_expenses.core.budget import AtLimit, Budget, BudgetScope
from crm_expenses.core.budgetmove import CarryRule
from crm_expenses.core.budgetplan import (
    COLUMNS,
    PlannedBudget,
    is_formula,
    plan_cells,
    sums,
    tamed,
    untamed,
)
from crm_expenses.core.fiscal import FiscalCalendar
from crm_expenses.core.money import Money
from crm_expenses.core.planreading import read_plan
from crm_expenses.errors import ConfigError
from crm_expenses.messages import LANGUAGES

GOOD = {
    "budget": "B-1",
    "name": "East, first quarter",
    "scope": "team",
    "owner": "East",
    "category": "",
    "account": "",
    "period": "",
    "start": "2026-01-01",
    "end": "2026-03-31",
    "amount": "120000.00",
    "currency": "CNY",
    "at_limit": "approve",
    "responsible": "P9",
    "alerts": "75 100",
    "carry_over": "50",
    "carry_limit": "20000.00",
}
BUDGET = Budget(
    "B-1",
    BudgetScope.TEAM,
    date(2026, 1, 1),
    date(2026, 3, 31),
    Money.of("120000", "CNY"),
    owner="East",
    responsible="P9",
    name="East, first quarter",
    at_limit=AtLimit.APPROVE,
)
PLANNED = PlannedBudget(BUDGET, (75, 100), CarryRule(50, Money.of("20000", "CNY")))
YEAR = FiscalCalendar()


def plan(*rows: dict[str, str], calendar: FiscalCalendar = YEAR) -> tuple[PlannedBudget, ...]:
    """Read a plan of rows that differ from the good one."""
    cells = [[{**GOOD, **row}[column] for column in COLUMNS] for row in rows]
    return read_plan("plan.csv", list(enumerate([list(COLUMNS), *cells], 1)), calendar)


def told(*rows: dict[str, str]) -> list[tuple[str, int, str]]:
    """Give what is wrong: code, row, heading of the column."""
    with pytest.raises(ConfigError) as caught:
        plan(*rows)
    names = ["", *COLUMNS]
    for problem in caught.value.problems:
        assert problem.place.file == "plan.csv"
        for language in LANGUAGES:
            assert "{" not in problem.describe(language)
    return [
        (problem.code, problem.place.line, names[problem.place.column])
        for problem in caught.value.problems
    ]


def test_a_good_row() -> None:
    """Every column is read, and the row of what was read is the same row."""
    assert plan({}) == (PLANNED,)
    assert plan_cells(PLANNED) == tuple(GOOD.values())


@pytest.mark.parametrize(
    ("change", "wanted"),
    [
        ({"alerts": ""}, replace(PLANNED, alerts=(80, 100))),
        ({"alerts": "none"}, replace(PLANNED, alerts=())),
        ({"alerts": "100%, 80%"}, replace(PLANNED, alerts=(80, 100))),
        ({"alerts": "80、100"}, replace(PLANNED, alerts=(80, 100))),
        ({"carry_over": "", "carry_limit": ""}, replace(PLANNED, carry=None)),
        ({"carry_over": "0", "carry_limit": ""}, replace(PLANNED, carry=CarryRule(0))),
        ({"carry_over": "50 %"}, PLANNED),
        ({"scope": "团队", "at_limit": "加签"}, PLANNED),
        ({"scope": "Team", "at_limit": "APPROVE", "currency": "cny"}, PLANNED),
        ({"start": "2026/1/1", "end": "2026年3月31日"}, PLANNED),
        ({"period": "FY2026-Q1", "start": "", "end": ""}, PLANNED),
        ({"period": "2026q1", "start": "", "end": ""}, PLANNED),
        ({"at_limit": ""}, replace(PLANNED, budget=replace(BUDGET, at_limit=AtLimit.NOTIFY))),
        ({"name": "'=1"}, replace(PLANNED, budget=replace(BUDGET, name="=1"))),
        ({"name": "'twas"}, replace(PLANNED, budget=replace(BUDGET, name="'twas"))),
        (
            {"scope": "company", "owner": ""},
            replace(PLANNED, budget=replace(BUDGET, scope=BudgetScope.COMPANY, owner="")),
        ),
        (
            {"scope": "客户", "owner": "A-1"},
            replace(PLANNED, budget=replace(BUDGET, scope=BudgetScope.ACCOUNT, owner="A-1")),
        ),
        ({"account": "A-1"}, replace(PLANNED, budget=replace(BUDGET, account="A-1"))),
        # A budget of zero is a budget.
        ({"amount": "0"}, replace(PLANNED, budget=replace(BUDGET, amount=Money(0, "CNY")))),
    ],
)
def test_what_people_write(change: dict[str, str], wanted: PlannedBudget) -> None:
    """Words in both languages, days as spreadsheets write them, periods by name."""
    assert plan(change) == (wanted,)


@pytest.mark.parametrize(
    ("change", "code", "column"),
    [
        ({"budget": ""}, "budgets.plan_empty", "budget"),
        ({"scope": ""}, "budgets.plan_empty", "scope"),
        ({"amount": ""}, "budgets.plan_empty", "amount"),
        ({"currency": ""}, "budgets.plan_empty", "currency"),
        ({"start": ""}, "budgets.plan_empty", "start"),
        ({"end": ""}, "budgets.plan_empty", "end"),
        ({"scope": "group"}, "budgets.plan_choice", "scope"),
        ({"at_limit": "stop"}, "budgets.plan_choice", "at_limit"),
        ({"amount": "1,200"}, "record.amount", "amount"),
        ({"amount": "1e5"}, "record.amount", "amount"),
        ({"amount": "0.001"}, "record.amount_fine", "amount"),
        ({"amount": "99999999999999"}, "record.amount_large", "amount"),
        ({"amount": "-5"}, "budgets.plan_negative", "amount"),
        ({"carry_limit": "-5"}, "budgets.plan_negative", "carry_limit"),
        ({"carry_limit": "x"}, "record.amount", "carry_limit"),
        ({"currency": "RMB"}, "record.currency", "currency"),
        ({"start": "01/02/2026"}, "budgets.plan_day", "start"),
        ({"end": "2026-02-30"}, "budgets.plan_day", "end"),
        ({"end": "2025-12-31"}, "budgets.plan_backwards", "end"),
        ({"period": "FY2026-Q1"}, "budgets.plan_both", "period"),
        ({"period": "spring", "start": "", "end": ""}, "budgets.plan_period", "period"),
        ({"owner": ""}, "budgets.plan_owner", "owner"),
        ({"scope": "account", "account": "A-2"}, "budgets.plan_account", "account"),
        ({"alerts": "eighty"}, "budgets.plan_alerts", "alerts"),
        ({"alerts": "0"}, "budgets.plan_alerts", "alerts"),
        ({"alerts": "80 1001"}, "budgets.plan_alerts", "alerts"),
        ({"alerts": "0.8"}, "budgets.plan_alerts", "alerts"),
        ({"alerts": ","}, "budgets.plan_alerts", "alerts"),
        ({"carry_over": "101"}, "budgets.plan_carry_over", "carry_over"),
        ({"carry_over": "0.5"}, "budgets.plan_carry_over", "carry_over"),
        ({"carry_over": ""}, "budgets.plan_carry_limit", "carry_limit"),
        ({"name": "=1+1"}, "budgets.plan_formula", "name"),
        ({"name": "  @x"}, "budgets.plan_formula", "name"),
        ({"owner": "＝x"}, "budgets.plan_formula", "owner"),
        ({"amount": "=5"}, "budgets.plan_formula", "amount"),
        ({"amount": "+5"}, "budgets.plan_formula", "amount"),
        ({"start": "=TODAY()"}, "budgets.plan_formula", "start"),
        ({"name": "x" * 256}, "budgets.plan_long", "name"),
    ],
)
def test_one_bad_cell(change: dict[str, str], code: str, column: str) -> None:
    """Each mistake is told once, at its row and column, and the good rows around it do not help."""
    good, last = {"budget": "B-0", "owner": "West"}, {"budget": "B-2", "owner": "North"}
    assert told(good, change, last) == [(code, 3, column)]


def test_all_that_is_wrong_is_told() -> None:
    """Mistakes of one row and of several come together, by place."""
    assert told({"scope": "x", "amount": "y"}, {"budget": ""}, {"budget": "B", "end": "z"}) == [
        ("budgets.plan_choice", 2, "scope"),
        ("record.amount", 2, "amount"),
        ("budgets.plan_empty", 3, "budget"),
        ("budgets.plan_day", 4, "end"),
    ]


def test_one_budget_twice() -> None:
    """An id stands once, and two budgets for exactly the same would count everything twice."""
    assert told({}, {"owner": "West"}) == [("budgets.plan_twice", 3, "budget")]
    assert told({}, {"budget": "B-2"}) == [("budgets.plan_same", 3, "budget")]
    other = [{"category": "meal"}, {"owner": "West"}, {"end": "2026-06-30"}, {"currency": "EUR"}]
    for change in other:
        assert len(plan({}, {"budget": "B-2", **change})) == 2


def heads(*names: str) -> list[tuple[str, int, int]]:
    """Give what is wrong with headings: code, row, column."""
    with pytest.raises(ConfigError) as caught:
        read_plan("p", [(4, list(names)), (5, ["x"] * len(names))], YEAR)
    return [(p.code, p.place.line, p.place.column) for p in caught.value.problems]


def test_headings() -> None:
    """Headings that are missing, twice or unknown are told before any row is read."""
    needed = ("budget", "scope", "amount", "currency")
    assert heads(*needed) == [("budgets.plan_column", 4, 0)] * 2
    assert heads("scope", "amount", "currency", "period") == [("budgets.plan_column", 4, 0)]
    assert heads(*needed, "period", "Scope ") == [("budgets.plan_column_twice", 4, 6)]
    assert heads(*needed, "period", "size") == [("budgets.plan_unknown", 4, 6)]


def test_chinese_headings() -> None:
    """A plan may be all Chinese; columns stand in any order, and may be left out."""
    header = ["期间", "预算编号", "范围", "归属", "金额", "币种"]
    row = ["FY2026-Q1", "B-1", "团队", "East", "120000", "CNY"]
    [made] = read_plan("p", [(1, header), (2, row)], YEAR)
    assert made.budget == replace(BUDGET, name="", responsible="", at_limit=AtLimit.NOTIFY)


def test_periods_of_the_companys_own_year() -> None:
    """A period is the one of the calendar that the company keeps."""
    [made] = plan({"period": "FY2027-H1", "start": "", "end": ""}, calendar=FiscalCalendar(7))
    assert (made.budget.start, made.budget.end) == (date(2026, 7, 1), date(2026, 12, 31))


@pytest.mark.parametrize("rows", [[], [(1, ["budget"])]])
def test_a_plan_without_budgets(rows: list[tuple[int, list[str]]]) -> None:
    """Nothing at all, or headings alone, is no plan."""
    with pytest.raises(ConfigError) as caught:
        read_plan("p", rows, YEAR)
    assert caught.value.code == "budgets.plan_none"


def test_a_short_row_and_one_that_is_too_long() -> None:
    """Cells that are not there are empty; a value beside the headings is told."""
    header = ["budget", "scope", "amount", "currency", "period", "owner", ""]
    row = ["B", "company", "5", "CNY", "FY2026"]
    assert len(read_plan("p", [(1, header), (2, row)], YEAR)) == 1
    for longer in ([*row, "", "x"], [*row, "", "", "x"]):
        with pytest.raises(ConfigError) as caught:
            read_plan("p", [(1, header), (2, longer)], YEAR)
        [problem] = caught.value.problems
        assert problem.code == "budgets.plan_beside"
        assert problem.place.column == len(longer)


@given(st.text(max_size=20) | st.from_regex(r"'{0,3}[=+\-@\t]?.{0,3}", fullmatch=True))
def test_taming_loses_nothing(text: str) -> None:
    """What was tamed is given back exactly, and no spreadsheet takes it for a formula."""
    cell = tamed(text)
    assert untamed(cell) == text
    assert cell[:1] not in tuple("=+-@\t\r＝＋－＠")
    assert not is_formula(tamed(text.strip()))


def test_sums() -> None:
    """What a plan allocates, by scope and currency."""
    rows = (
        {},
        {"budget": "B-2", "owner": "West", "amount": "1"},
        {"budget": "B-3", "currency": "EUR", "amount": "2", "carry_limit": ""},
        {"budget": "B-4", "scope": "person"},
    )
    assert [(s.value, str(a), n) for s, a, n in sums(plan(*rows))] == [
        ("person", "120000.00 CNY", 1),
        ("team", "120001.00 CNY", 2),
        ("team", "2.00 EUR", 1),
    ]
