"""What is sold, how content customers are, what people cost, budgets and exchange rates."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Final

from crm_expenses.core.budget import Budget, BudgetScope
from crm_expenses.core.claim import DECIDED_STATUSES, Claim, ExpenseLine
from crm_expenses.core.money import Money
from crm_expenses.core.opportunity import Opportunity, Stage
from crm_expenses.core.party import Account, AccountManager, PersonCost, SatisfactionScore
from crm_expenses.core.period import Period, PeriodKind
from crm_expenses.core.rates import Rate, convert, in_force
from crm_expenses.demo.chance import clamp, log_normal, normal, pick, worked_from
from crm_expenses.demo.company import (
    CURRENCY,
    FINANCE,
    SALES_DIRECTOR,
    TEAM_LEADERS,
    months_until,
)

_PRODUCTS: Final = (
    "光谱仪",
    "HPLC system",
    "环境监测站",
    "Service contract",
    "粒度分析仪",
    "Lab kit",
)
_RATES_FIRST: Final = {"USD": 71_200, "EUR": 77_500, "HKD": 9_120, "JPY": 458}
"""Where each rate begins, in ten-thousandths of a yuan."""

_SALARIES: Final = {
    "junior": 1_250_000,
    "senior": 1_850_000,
    "lead": 2_700_000,
    "director": 4_200_000,
}
"""Middle of the monthly salary by grade, in fen."""


def make_rates(rng: Random, today: date) -> tuple[Rate, ...]:
    """Make one rate a month and currency, from half a year before the first month on."""
    first = months_until(today)[0]
    months = [*(_month_shift(first, -back) for back in range(6, 0, -1)), *months_until(today)]
    rates: list[Rate] = []
    for currency, start in _RATES_FIRST.items():
        # Walked in hundred-millionths of a yuan, and rounded down where a rate is written.
        worth = 10_000 * start
        places = 6 if currency == "JPY" else 4  # 0.0458 would be too coarse for a yen
        for month in months:
            rate = Decimal(worth // 10 ** (8 - places)).scaleb(-places)
            number = f"{currency}-{month:%Y-%m}"
            rates.append(Rate(number, currency, CURRENCY, month, rate, "month opening, demo"))
            worth += int(normal(rng) * worth / 180)
            worth = clamp(worth, 9_600 * start, 10_400 * start)
    return tuple(rates)


def make_opportunities(
    rng: Random, accounts: Sequence[Account], people: Sequence[AccountManager], today: date
) -> tuple[Opportunity, ...]:
    """Make about 1,500 deals over the demo's months: won, lost, and open at the end."""
    first = months_until(today)[0]
    days = (today - first).days
    skills = {person.id: rng.randint(36, 60) for person in people}
    joined = {person.id: person.active_from or first for person in people}
    deals: list[Opportunity] = []
    for account in accounts:
        for _ in range(rng.randint(8, 17)):
            opened = first + timedelta(days=rng.randint(-60, days - 3))
            opened = worked_from(max(opened, joined[account.owner]))
            if opened > today:
                continue
            ended = worked_from(opened + timedelta(days=rng.randint(20, 170)))
            stage = Stage.WON if rng.randrange(100) < skills[account.owner] else Stage.LOST
            if ended > today:
                stage = Stage.OPEN
            worth = log_normal(rng, 13_000_000, "0.95", step=10_000)
            product = rng.choice(_PRODUCTS)
            deals.append(
                Opportunity(
                    "",
                    account.owner,
                    stage,
                    account.id,
                    f"{account.name} {product}",
                    Money(clamp(worth, 500_000, 900_000_000), CURRENCY),
                    opened,
                    None if stage is Stage.OPEN else ended,
                )
            )
    deals.sort(key=lambda deal: (deal.opened or today, deal.account))
    return tuple(replace(deal, id=f"O{n:05d}") for n, deal in enumerate(deals, 1))


def with_first_wins(
    accounts: Iterable[Account], deals: Iterable[Opportunity]
) -> tuple[Account, ...]:
    """Give customers without a first day that of their first deal won; none without a win."""
    wins: dict[str, date] = {}
    for deal in deals:
        if deal.stage is Stage.WON and deal.closed:
            wins[deal.account] = min(deal.closed, wins.get(deal.account, deal.closed))
    return tuple(
        account if account.since else replace(account, since=wins.get(account.id))
        for account in accounts
    )


def make_satisfaction(
    rng: Random, accounts: Iterable[Account], today: date
) -> tuple[SatisfactionScore, ...]:
    """Make about 800 survey answers from 1 to 5, each customer around a level of its own."""
    first = months_until(today)[0]
    scores: list[SatisfactionScore] = []
    for account in accounts:
        level = Decimal(rng.randint(290, 460)) / 100
        drift = Decimal(rng.randint(-60, 70)) / 100
        day = first + timedelta(days=rng.randint(0, 100))
        while day <= today:
            if account.since and day >= account.since:
                share = Decimal((day - first).days) / (today - first).days
                drawn = level + drift * share + normal(rng) * Decimal("0.8")
                score = clamp(int(drawn.to_integral_value()), 1, 5)
                scores.append(SatisfactionScore("", account.id, day, Decimal(score)))
            day += timedelta(days=rng.randint(65, 140))
    scores.sort(key=lambda score: (score.day, score.account))
    return tuple(replace(score, id=f"S{n:05d}") for n, score in enumerate(scores, 1))


def make_costs(
    rng: Random, people: Iterable[AccountManager], today: date
) -> tuple[PersonCost, ...]:
    """Make what each person cost in each month beside claims."""
    costs: list[PersonCost] = []
    for person in people:
        salary = log_normal(rng, _SALARIES[person.grade], "0.12", step=10_000)
        for month in months_until(today):
            if person.active_from and person.active_from > month:
                continue
            if month.month == 4:  # the yearly raise
                salary += salary * rng.randint(2, 7) // 100 // 10_000 * 10_000
            amounts = {"salary": salary, "communication": rng.randint(80, 160) * 100}
            if rng.random() < 0.12:
                amounts["training"] = log_normal(rng, 240_000, "0.6", step=1000)
            for kind, amount in amounts.items():
                number = f"C-{person.id}-{month:%Y%m}-{kind[0].upper()}"
                costs.append(PersonCost(number, person.id, month, kind, Money(amount, CURRENCY)))
    return tuple(sorted(costs, key=lambda cost: (cost.month, cost.id)))


def make_budgets(
    rng: Random,
    people: Sequence[AccountManager],
    claims: Iterable[Claim],
    lines: Iterable[ExpenseLine],
    rates: tuple[Rate, ...],
    today: date,
) -> tuple[Budget, ...]:
    """Make budgets of each person and team for each quarter, sized by what was really spent.

    Most are used to half or three quarters. In the quarter of `today` four people stand between
    80 and 100 % and two above, one of them hard; past quarters hold some that are nearly used up,
    and a few soft ones that were overrun.
    """
    spent = _spent(people, claims, lines, rates)
    quarters = dict.fromkeys(Period.of(PeriodKind.QUARTER, day) for day in months_until(today))
    spenders = [p for p in people if p.id not in FINANCE]
    tight = rng.sample([p.id for p in spenders if p.id not in TEAM_LEADERS.values()], 6)
    budgets: list[Budget] = []
    for quarter in quarters:
        label = f"{quarter.start.year}Q{quarter.start.month // 3 + 1}"
        is_now = today in quarter
        for person in spenders:
            used = spent.get((person.id, "", quarter), 0)
            share, hard = _share(rng, is_hard=rng.random() < 0.2)
            if is_now and person.id in tight:
                over = tight.index(person.id) >= 4
                share = rng.randint(105, 110) if over else rng.randint(82, 98)
                hard = tight.index(person.id) in (0, 4)
            budgets.append(
                Budget(
                    f"B-{label}-{person.id}",
                    BudgetScope.PERSON,
                    quarter.start,
                    quarter.end,
                    Money(_sized(used, share, 300_000), CURRENCY),
                    person.id,
                    "",
                    hard,
                    person.manager or person.id,
                    f"{label} {person.name}",
                )
            )
        for team, leader in {"Sales": SALES_DIRECTOR, **TEAM_LEADERS}.items():
            for category in ("", "entertainment"):
                used = spent.get((team, category, quarter), 0)
                share, hard = _share(rng, is_hard=bool(category) and team in ("East", "South"))
                if is_now and category and team in ("North", "West"):
                    share, hard = rng.randint(85, 96), False
                budgets.append(
                    Budget(
                        f"B-{label}-{team}{'-ENT' if category else ''}",
                        BudgetScope.TEAM,
                        quarter.start,
                        quarter.end,
                        Money(_sized(used, share, 500_000), CURRENCY),
                        team,
                        category,
                        hard,
                        leader,
                        f"{label} {team} {category}".strip(),
                    )
                )
    return tuple(budgets)


def _share(rng: Random, *, is_hard: bool) -> tuple[int, bool]:
    """Give the used share in per cent; a hard budget of ordinary times is never near its end."""
    if is_hard:
        return rng.randint(50, 88), True
    low, high = pick(rng, ((45, 78), (80, 99), (100, 110)), [88, 9, 3])
    return rng.randint(low, high), False


def _sized(used: int, share: int, least: int) -> int:
    """Give a budget of whole hundreds of yuan of which `used` is about `share` per cent."""
    step = 10_000
    return max(least, used * 100 // share // step * step)


def _spent(
    people: Iterable[AccountManager],
    claims: Iterable[Claim],
    lines: Iterable[ExpenseLine],
    rates: tuple[Rate, ...],
) -> Mapping[tuple[str, str, Period], int]:
    """Sum fen by owner (a person or a team), category ("" for all) and quarter."""
    teams = {person.id: person.team for person in people}
    owners = {c.id: c.person for c in claims if c.status in DECIDED_STATUSES}
    sums: dict[tuple[str, str, Period], int] = {}
    for line in lines:
        owner = owners.get(line.claim)
        if owner is None:
            continue
        amount = line.amount
        if amount.currency != CURRENCY:
            rate = in_force(rates, amount.currency, CURRENCY, line.date)
            if rate is None:
                continue
            amount = convert(amount, rate)
        quarter = Period.of(PeriodKind.QUARTER, line.date)
        for key in ((owner, ""), (teams[owner], ""), (teams[owner], line.category)):
            sums[(*key, quarter)] = sums.get((*key, quarter), 0) + amount.minor
    return sums


def _month_shift(month: date, by: int) -> date:
    number = month.year * 12 + month.month - 1 + by
    return date(number // 12, number % 12 + 1, 1)
