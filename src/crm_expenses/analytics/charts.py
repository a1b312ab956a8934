"""The four charts of a report, each as rows of bars made from the report's figures."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from crm_expenses.analytics.bars import Bar, BarChart, Segment, steps
from crm_expenses.analytics.figures import (
    BudgetFigure,
    FindingFigure,
    Label,
    ReportFigures,
    ReturnFigure,
)
from crm_expenses.analytics.numerals import (
    amount_text,
    percent_text,
    share_text,
    share_used,
    short_amount_text,
)
from crm_expenses.messages import LANGUAGES, Language, text

BUDGETS_MAX: Final = 40
FINDINGS_MAX: Final = 20
PEOPLE_MAX: Final = 50
MONTHS_MAX: Final = 36
PARTS_MAX: Final = 7
"""Most rows of each chart, and most parts of a bar; the tables have everything."""

MONTHS_FILLED_MAX: Final = 120
"""Longest stretch of months that is shown without a gap."""

NEAR_PERCENT: Final = 80
OVER_PERCENT: Final = 100
"""A budget is marked above, not at, these shares of its allocation."""

_WHOLE: Final = 10_000
_TICKS: Final = 5


def budget_state(budget: BudgetFigure) -> str:
    """Say how far a budget is used: within, near, over, or unallocated.

    >>> from crm_expenses.core.period import Period
    >>> year = Period(date(2026, 1, 1), date(2026, 12, 31))
    >>> budgets = [BudgetFigure("b", "o", year, "CNY", 100, 0, spent) for spent in (80, 81, 101)]
    >>> [budget_state(budget) for budget in budgets]
    ['within', 'near', 'over']
    """
    if budget.used > 0 and budget.used * 100 > budget.allocated * OVER_PERCENT:
        return "over"
    if budget.allocated <= 0:
        return "unallocated"
    return "near" if budget.used * 100 > budget.allocated * NEAR_PERCENT else "within"


def budgets_in_order(figures: ReportFigures) -> list[BudgetFigure]:
    """Give the budgets, the most used share first; those without allocation lead when used."""

    def key(budget: BudgetFigure) -> tuple[int, int, str, str, date, date]:
        if budget.allocated > 0:
            used = budget.used * _WHOLE // budget.allocated
            group = 1
        else:
            used = budget.used
            group = 0 if budget.used > 0 else 2
        period = budget.period
        return (group, -used, budget.name, budget.owner, period.start, period.end)

    return sorted(figures.budgets, key=key)


def budget_chart(figures: ReportFigures, language: Language) -> BarChart:
    """Spent and committed as shares of each budget's allocation."""
    bars: list[Bar] = []
    longest = _WHOLE
    drawn = [budget for budget in budgets_in_order(figures) if budget.allocated > 0]
    for budget in drawn[:BUDGETS_MAX]:
        spent = min(2 * _WHOLE, max(0, budget.spent * _WHOLE // budget.allocated))
        used = min(2 * _WHOLE, max(spent, budget.used * _WHOLE // budget.allocated))
        longest = max(longest, used)
        share = share_used(budget.used, budget.allocated)
        mark = {"near": " ▲", "over": " ■"}.get(budget_state(budget), "")
        short = (share_text(share) if share is not None else "") + mark
        allocated = amount_text(budget.allocated, budget.currency)
        segments = (
            Segment(0, _WHOLE, "allocated"),
            Segment(0, spent, "spent", slim=True),
            Segment(spent, used, "committed", slim=True),
        )
        kept = tuple(part for part in segments if part.end > part.start)
        bars.append(Bar(budget.name, kept, f"{short} / {allocated} {budget.currency}", short))
    ticks = tuple((at, f"{at // 100}%") for at in steps(0, longest, _TICKS))
    return _chart("budgets", language, tuple(bars), ticks, limit=_WHOLE)


@dataclass(frozen=True, slots=True)
class SpendTable:
    """Spend by month and category, in order; `parts` is how many categories have their own number.

    Categories stand with the largest first; months from the first to the last.
    """

    months: tuple[date, ...]
    categories: tuple[tuple[str, Label], ...]
    cells: dict[tuple[date, str], int]
    parts: int

    def month_total(self, month: date) -> int:
        """Sum of one month."""
        return sum(self.cells.get((month, code), 0) for code, _ in self.categories)

    def category_total(self, code: str) -> int:
        """Sum of one category."""
        return sum(self.cells.get((month, code), 0) for month in self.months)

    @property
    def total(self) -> int:
        """Sum of everything."""
        return sum(self.cells.values())

    @property
    def legend(self) -> list[tuple[int, Label]]:
        """The number and the name of each part of a bar."""
        named = [(n, name) for n, (_, name) in enumerate(self.categories[: self.parts], 1)]
        if self.parts == len(self.categories):
            return named
        others = (text("report.spend_others", language) for language in LANGUAGES)
        return [*named, (self.parts + 1, Label(*others))]


def spend_table(figures: ReportFigures) -> SpendTable:
    """Arrange the spend; two entries of one month and category are added."""
    cells: dict[tuple[date, str], int] = defaultdict(int)
    totals: dict[str, int] = defaultdict(int)
    names: dict[str, Label] = {}
    for spend in sorted(figures.spend, key=lambda s: (s.month, s.category, s.name.en, s.name.zh)):
        cells[spend.month.replace(day=1), spend.category] += spend.allowed
        totals[spend.category] += spend.allowed
        names.setdefault(spend.category, spend.name)
    codes = sorted(totals, key=lambda code: (-totals[code], code))
    months = sorted({month for month, _ in cells})
    if months:
        first, last = months[0], months[-1]
        length = (last.year - first.year) * 12 + last.month - first.month + 1
        if length <= MONTHS_FILLED_MAX:
            at = first.year * 12 + first.month - 1
            months = [date(m // 12, m % 12 + 1, 1) for m in range(at, at + length)]
    parts = len(codes) if len(codes) <= PARTS_MAX else PARTS_MAX - 1
    return SpendTable(tuple(months), tuple((c, names[c]) for c in codes), dict(cells), parts)


def spend_chart(figures: ReportFigures, language: Language) -> BarChart:
    """Allowed amounts by month, stacked by category; refunds to the left of zero."""
    table = spend_table(figures)
    bars: list[Bar] = []
    low = high = 0
    for month in table.months[-MONTHS_MAX:]:
        amounts = [table.cells.get((month, code), 0) for code, _ in table.categories]
        parts = [*amounts[: table.parts]]
        if table.parts < len(amounts):
            parts.append(sum(amounts[table.parts :]))
        segments: list[Segment] = []
        below = above = 0
        for number, amount in enumerate(parts, 1):
            start = above if amount > 0 else below
            if amount > 0:
                above += amount
            else:
                below += amount
            if amount:
                segments.append(Segment(start, start + amount, f"part{number}", str(number)))
        low, high = min(low, below), max(high, above)
        total = amount_text(sum(amounts), figures.currency)
        bars.append(
            Bar(month.isoformat()[:7], tuple(segments), f"{total} {figures.currency}", total)
        )
    ticks = tuple((at, short_amount_text(at, figures.currency)) for at in steps(low, high, _TICKS))
    return _chart("spend", language, tuple(bars), ticks)


def findings_in_order(figures: ReportFigures) -> list[FindingFigure]:
    """Give the findings, the most frequent first."""
    return sorted(figures.findings, key=lambda f: (-f.lines, -f.claims, f.code))


def finding_chart(figures: ReportFigures, language: Language) -> BarChart:
    """Lines that each rule spoke on."""
    found = findings_in_order(figures)[:FINDINGS_MAX]
    bars = tuple(
        Bar(
            finding.title.of(language),
            (Segment(0, finding.lines, "count"),) if finding.lines > 0 else (),
            f"{finding.lines:,} · {amount_text(finding.at_stake, figures.currency)} "
            f"{figures.currency}",
            f"{finding.lines:,}",
        )
        for finding in found
    )
    most = max((finding.lines for finding in found), default=0)
    return _chart("findings", language, bars, tuple((n, f"{n:,}") for n in steps(0, most, _TICKS)))


def returns_in_order(figures: ReportFigures) -> list[ReturnFigure]:
    """Give the people, the highest return first, those without one last."""

    def key(row: ReturnFigure) -> tuple[bool, int, str, str]:
        value = row.figures.roi.value
        return (value is None, -int((value or 0) * _WHOLE), row.name, row.figures.person)

    return sorted(figures.returns, key=key)


def return_chart(figures: ReportFigures, language: Language) -> BarChart:
    """Return on the loaded cost of each account manager who has one."""
    bars: list[Bar] = []
    values = [0]
    for row in returns_in_order(figures):
        value = row.figures.roi.value
        if value is None or len(bars) == PEOPLE_MAX:
            break
        size = int(value * _WHOLE)
        values.append(size)
        part = Segment(0, size, "gain") if size > 0 else Segment(size, 0, "loss")
        bars.append(Bar(row.name, (part,) if size else (), percent_text(value)))
    ticks = tuple((at, _tick_percent(at)) for at in steps(min(values), max(values), _TICKS))
    return _chart("returns", language, tuple(bars), ticks)


def _tick_percent(at: int) -> str:
    if at % 100 == 0:
        return f"{at // 100:,}%"
    return percent_text(Decimal(at).scaleb(-4))


def _chart(
    subject: str,
    language: Language,
    bars: tuple[Bar, ...],
    ticks: tuple[tuple[int, str], ...],
    *,
    limit: int | None = None,
) -> BarChart:
    about = f"{text(f'report.{subject}_about', language)} {text('report.chart_table', language)}"
    return BarChart(text(f"report.{subject}", language), about, bars, ticks, limit)
