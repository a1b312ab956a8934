"""The four charts: their rows, order, parts and marks."""

from dataclasses import replace
from datetime import date

import pytest

from crm_expenses.analytics.charts import (
    BUDGETS_MAX,
    MONTHS_MAX,
    PARTS_MAX,
    budget_chart,
    budget_state,
    budgets_in_order,
    finding_chart,
    return_chart,
    spend_chart,
    spend_table,
)
from crm_expenses.analytics.figures import BudgetFigure, Label, ReportFigures, SpendFigure
from crm_expenses.core.period import Period

YEAR = Period(date(2026, 1, 1), date(2026, 12, 31))


def budget(allocated: int, committed: int, spent: int, name: str = "b") -> BudgetFigure:
    """A budget of 2026."""
    return BudgetFigure(name, "o", YEAR, "CNY", allocated, committed, spent)


@pytest.mark.parametrize(
    ("allocated", "committed", "spent", "state"),
    [
        (100, 0, 80, "within"),
        (100, 1, 80, "near"),
        (100, 20, 80, "near"),
        (100, 21, 80, "over"),
        (0, 0, 0, "unallocated"),
        (0, 0, 1, "over"),
        (0, 0, -1, "unallocated"),
        (-5, 0, 0, "unallocated"),
    ],
)
def test_budget_state(allocated: int, committed: int, spent: int, state: str) -> None:
    """Marked above, not at, 80 % and 100 %; what is used without allocation is over."""
    assert budget_state(budget(allocated, committed, spent)) == state


def test_budgets_lead_with_the_worst(figures: ReportFigures) -> None:
    """Used without allocation comes first, then by share, and nothing is lost."""
    rows = (
        budget(100, 0, 10, "c"),
        budget(0, 0, 0, "d"),
        budget(100, 0, 90, "b"),
        budget(0, 0, 7, "a"),
    )
    ordered = budgets_in_order(replace(figures, budgets=rows))
    assert [b.name for b in ordered] == ["a", "b", "c", "d"]


def test_budget_chart_bars(figures: ReportFigures) -> None:
    """Spent and committed follow each other; a bar ends at 200 %; refunds draw nothing."""
    rows = (budget(1000, 300, 500, "a"), budget(100, 0, 900, "b"), budget(100, -5, -7, "c"))
    drawn = budget_chart(replace(figures, budgets=rows), "en")
    by_name = {bar.name: {s.shade: (s.start, s.end) for s in bar.segments} for bar in drawn.bars}
    assert by_name["a"] == {"allocated": (0, 10_000), "spent": (0, 5000), "committed": (5000, 8000)}
    assert by_name["b"] == {"allocated": (0, 10_000), "spent": (0, 20_000)}
    assert by_name["c"] == {"allocated": (0, 10_000)}
    assert drawn.limit == 10_000


def test_budget_chart_is_bounded(figures: ReportFigures) -> None:
    """A thousand budgets do not make a chart that nobody can read."""
    rows = tuple(budget(100, 0, i, f"b{i}") for i in range(1000))
    assert len(budget_chart(replace(figures, budgets=rows), "en").bars) == BUDGETS_MAX


def test_spend_adds_up(figures: ReportFigures) -> None:
    """The table's sums and the chart's bars have the same total as the input."""
    table = spend_table(figures)
    whole = sum(s.allowed for s in figures.spend)
    assert table.total == whole
    assert sum(table.month_total(m) for m in table.months) == whole
    assert sum(table.category_total(c) for c, _ in table.categories) == whole
    bars = spend_chart(figures, "en").bars
    assert sum(s.end - s.start for bar in bars for s in bar.segments) == whole
    assert len(table.legend) == PARTS_MAX


def test_spend_refunds_go_left(figures: ReportFigures) -> None:
    """Amounts below zero are stacked to the left of zero, the others to the right."""
    label = Label("x", "x")
    spend = tuple(
        SpendFigure(date(2026, 5, 3), code, label, amount)
        for code, amount in (("a", 70), ("b", -20), ("c", 30), ("d", -5))
    )
    (bar,) = spend_chart(replace(figures, spend=spend), "en").bars
    assert [(s.start, s.end) for s in bar.segments] == [(0, 70), (70, 100), (0, -5), (-5, -25)]


def test_spend_fills_gaps_between_months(figures: ReportFigures) -> None:
    """A month between two others is shown; a wrong year does not make a thousand rows."""
    label = Label("x", "x")

    def months(*days: date) -> tuple[date, ...]:
        spend = tuple(SpendFigure(day, "a", label, 1) for day in days)
        return spend_table(replace(figures, spend=spend)).months

    assert months(date(2026, 1, 31), date(2025, 11, 2)) == (
        date(2025, 11, 1),
        date(2025, 12, 1),
        date(2026, 1, 1),
    )
    assert len(months(date(202, 1, 1), date(2026, 1, 1))) == 2
    long = tuple(SpendFigure(date(2020 + i // 12, i % 12 + 1, 1), "a", label, 1) for i in range(80))
    assert len(spend_chart(replace(figures, spend=long), "zh").bars) == MONTHS_MAX


def test_findings_by_frequency(figures: ReportFigures) -> None:
    """The most frequent rule stands first, in the language asked for."""
    drawn = finding_chart(figures, "zh")
    counts = [bar.segments[0].end for bar in drawn.bars]
    assert counts == sorted((f.lines for f in figures.findings), reverse=True)
    assert {bar.name for bar in drawn.bars} == {f.title.zh for f in figures.findings}


def test_returns_draw_only_what_is_known(figures: ReportFigures) -> None:
    """A person without a return has no bar; the others fall from left to right."""
    drawn = return_chart(figures, "en")
    known = [r.figures.roi.value for r in figures.returns if r.figures.roi.value is not None]
    sizes = [
        sum(s.end if s.shade == "gain" else s.start for s in bar.segments) for bar in drawn.bars
    ]
    assert sizes == sorted((int(value * 10_000) for value in known), reverse=True)
    assert 0 < len(known) < len(figures.returns)
