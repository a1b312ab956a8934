"""Figures of an invented company, large enough to look at."""

import random
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from crm_expenses.analytics.figures import (
    BudgetFigure,
    FindingFigure,
    Label,
    ReportFigures,
    ReturnFigure,
    SetAsideFigure,
    SpendFigure,
    Totals,
    WaitingFigure,
)
from crm_expenses.core.decision import Outcome
from crm_expenses.core.finding import Effect
from crm_expenses.core.period import Period
from crm_expenses.core.roi import Numerator, PersonTotals, person_return

NAMES = (
    "赵晓岚",
    "Ada Sample",
    "欧阳明月",
    "Maximiliana Featherstonehaugh-Examplesworth",
    "钱一",
    "Bo Test",
)
CATEGORIES = (
    ("lodging", Label("Lodging", "住宿费")),
    ("meal", Label("Meals", "餐费")),
    ("flight", Label("Flights", "机票")),
    ("rail", Label("Rail", "火车票")),
    ("taxi", Label("Taxi and local transport", "市内交通费")),
    ("entertainment", Label("Customer entertainment", "客户招待费")),
    ("gift", Label("Gifts", "礼品费")),
    ("phone", Label("Telephone", "通讯费")),
    ("training", Label("Training and conferences", "培训与会议费")),
    ("office", Label("Office supplies", "办公用品费")),
    ("fuel", Label("Fuel and parking", "油费与停车费")),
    ("other", Label("Other", "其他费用")),
)
RULES = (
    ("lodging.cap", Label("Lodging above the limit of the city", "住宿超过城市限额"), Effect.CAP),
    ("meal.cap", Label("Meals above the daily limit", "餐费超过每日限额"), Effect.CAP),
    ("voucher.missing", Label("No fapiao from 200 up", "200 元以上没有发票"), Effect.REVIEW),
    ("gift.reason", Label("A gift without a reason", "礼品未说明原因"), Effect.JUSTIFY),
    ("alcohol", Label("Alcohol", "酒类"), Effect.REJECT),
    (
        "entertainment.weekend",
        Label(
            "Customer entertainment at a weekend or on a public holiday, without pre-approval",
            "周末或法定节假日的客户招待且没有事先审批的情况需要复核",
        ),
        Effect.REVIEW,
    ),
    ("round", Label("A round amount", "金额为整数"), Effect.NOTE),
)
YEAR = Period(date(2026, 1, 1), date(2026, 12, 31))


def person_figures(index: int, rng: random.Random) -> ReturnFigure:
    """One account manager; every tenth has no cost, every seventh nothing else to go by."""
    scores = [rng.randint(2, 5) * 1000 for _ in range(0 if index % 7 == 0 else rng.randint(1, 40))]
    totals = PersonTotals(
        person=f"P{index:02}",
        currency="CNY",
        claims_allowed=0 if index % 10 == 9 else rng.randint(2_000_000, 9_000_000),
        other_costs=0 if index % 10 == 9 else rng.randint(10_000_000, 30_000_000),
        won_amount=rng.randint(0, 200_000_000),
        won_count=0 if index % 7 == 0 else rng.randint(1, 30),
        lost_count=0 if index % 7 == 0 else rng.randint(0, 30),
        won_amount_before=0 if index % 7 == 0 else rng.randint(1, 150_000_000),
        accounts_at_start=10 if index % 7 else 0,
        accounts_kept=rng.randint(0, 10) if index % 7 else 0,
        accounts_new=rng.randint(0, 6),
        scores_count=len(scores),
        scores_sum=sum(scores),
        scores_square_sum=sum(score * score for score in scores),
        months=12,
    )
    made = person_return(totals, numerator=Numerator.MARGIN, margin=Decimal("0.30"))
    return ReturnFigure(f"{NAMES[index % 6]} {index}", f"{'East 华东'} {index % 4}", made)


def build_figures(people: int = 30, budgets: int = 40, waiting: int = 200) -> ReportFigures:
    """Make a year of figures, the same every time."""
    rng = random.Random(7)
    as_of = date(2026, 11, 23)
    spend = tuple(
        SpendFigure(date(2026, month, 1), code, label, rng.randint(1_000_00, 90_000_00))
        for month in range(1, 12)
        for code, label in CATEGORIES
        if rng.random() < 0.95
    )
    allowed = sum(s.allowed for s in spend)
    lines = [rng.randint(1, 900) for _ in RULES]
    kinds = ("", "招待费 entertainment", "差旅 travel and lodging of the whole eastern region")
    return ReportFigures(
        company="示例贸易 Example Trading",
        as_of=as_of,
        period=YEAR,
        currency="CNY",
        policy_id="sales-expenses",
        policy_version="2026.2",
        totals=Totals(3214, 11873, allowed + 123_456_78, allowed, 63),
        budgets=tuple(
            BudgetFigure(
                name=f"{NAMES[i % 6]} {kinds[i % 3]} {i}",
                owner=NAMES[i % 6],
                period=YEAR,
                currency="USD" if i == 5 else "CNY",
                allocated=0 if i == 39 else rng.randint(20_000_00, 900_000_00),
                committed=rng.randint(0, 90_000_00),
                spent=rng.randint(0, 400_000_00),
                hard=i % 2 == 0,
                responsible=NAMES[(i + 1) % 6],
            )
            for i in range(budgets)
        ),
        spend=spend,
        findings=tuple(
            FindingFigure(code, label, effect, count, count // 2 + 1, count * 312_45)
            for (code, label, effect), count in zip(RULES, lines, strict=True)
        ),
        waiting=tuple(
            WaitingFigure(
                claim=f"BX-2026-{i:05}",
                claimant=NAMES[i % 6],
                waiting_for="" if i % 50 == 49 else f"{NAMES[i % 5]}",
                step="" if i % 9 == 0 else "manager",
                submitted=as_of - timedelta(days=i % 61),
                days_waiting=i % 61,
                allowed=rng.randint(10_00, 20_000_00),
                outcome=Outcome.JUSTIFY if i % 9 == 0 else Outcome.REVIEW,
            )
            for i in range(waiting)
        ),
        returns=tuple(person_figures(i, rng) for i in range(people)),
        set_aside=tuple(
            SetAsideFigure(
                f"claims-2026.csv:{i + 2}",
                Label(f"1,234.5{i}x is not an amount", f"1,234.5{i}x 不是金额"),
            )
            for i in range(60)
        ),
    )


@pytest.fixture(scope="session")
def figures() -> ReportFigures:
    """Thirty people, forty budgets, two hundred claims that wait."""
    return build_figures()


@pytest.fixture(scope="session")
def nothing(figures: ReportFigures) -> ReportFigures:
    """A company that has done nothing yet."""
    return replace(
        figures,
        totals=Totals(0, 0, 0, 0, 0),
        budgets=(),
        spend=(),
        findings=(),
        waiting=(),
        returns=(),
        set_aside=(),
    )
