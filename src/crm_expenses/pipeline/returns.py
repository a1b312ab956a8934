"""Sums for the return on spending: whole numbers by account manager; `core.roi` makes the ratios.

Definitions. A deal counts in the period in which it closed. A customer is active at a day when a
deal of theirs was won in the length of the period up to that day; kept when one was won in the
period itself; new when their first deal ever was won in it. Costs of a month count when the month
begins in the period. Claims count by the day of submission, with what is allowed.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from crm_expenses.core.money import Money
from crm_expenses.core.opportunity import Opportunity, Stage
from crm_expenses.core.period import Period
from crm_expenses.core.rates import Rate, convert, in_force
from crm_expenses.core.roi import PersonTotals
from crm_expenses.pipeline.joined import joined
from crm_expenses.store import Store


@dataclass
class _Sums:
    """What is summed for one person."""

    other_costs: int = 0
    won: int = 0
    won_count: int = 0
    lost_count: int = 0
    won_before: int = 0
    won_before_accounts: set[str] = field(default_factory=set)
    won_accounts: set[str] = field(default_factory=set)
    first_won: dict[str, date] = field(default_factory=dict)
    scores: list[int] = field(default_factory=list)


def months_between(period: Period) -> int:
    """Give the number of months that a period touches.

    >>> months_between(Period(date(2025, 7, 1), date(2026, 6, 30)))
    12
    """
    start, end = period.start, period.end
    return (end.year - start.year) * 12 + end.month - start.month + 1


def person_totals(
    store: Store,
    crm: str,
    *,
    period: Period,
    currency: str,
    allowed: Mapping[str, int],
) -> tuple[PersonTotals, ...]:
    """Sum what `core.roi` needs, for everybody who owns a deal or a customer, or has spent.

    `allowed` is what claims of the period allow, by person, in minor units of `currency`. What
    other CRMs hold of the same people counts, too (`pipeline.joined`).
    """
    both = joined(store, crm)
    rates, people = both.rates(), both.people
    owners = dict(both.accounts())
    sums: defaultdict[str, _Sums] = defaultdict(_Sums)
    for person in (*owners.values(), *allowed):
        # Who owns a customer or has spent counts, even where nothing was sold.
        _ = sums[person]
    before = Period(period.start - timedelta(days=period.days), period.start - timedelta(days=1))
    for place, deal in both.deals():
        _add_deal(sums[deal.owner], deal, period, before, currency, rates[place])
    for score in both.scores():
        if score.day in period and score.account in owners:
            sums[owners[score.account]].scores.append(int(score.score.scaleb(3)))
    for place, cost in both.costs():
        if cost.month.replace(day=1) in period and cost.person in sums:
            amount = _in(cost.amount, cost.month, currency, rates[place])
            sums[cost.person].other_costs += amount.minor if amount else 0
    return tuple(
        _totals(person, held, allowed.get(person, 0), currency, period)
        for person, held in sorted(sums.items())
        if person in people or not people
    )


def _add_deal(
    held: _Sums,
    deal: Opportunity,
    period: Period,
    before: Period,
    currency: str,
    rates: tuple[Rate, ...],
) -> None:
    if deal.closed is None or deal.stage is Stage.OPEN:
        return
    if deal.stage is Stage.LOST:
        held.lost_count += deal.closed in period
        return
    amount = _in(deal.amount, deal.closed, currency, rates) if deal.amount else None
    minor = amount.minor if amount else 0
    if deal.closed in period:
        held.won += minor
        held.won_count += 1
    if deal.closed in before:
        held.won_before += minor
    if deal.account:
        first = held.first_won.get(deal.account, deal.closed)
        held.first_won[deal.account] = min(first, deal.closed)
        if deal.closed in period:
            held.won_accounts.add(deal.account)
        if deal.closed in before:
            held.won_before_accounts.add(deal.account)


def _in(amount: Money, day: date, currency: str, rates: tuple[Rate, ...]) -> Money | None:
    if amount.currency == currency:
        return amount
    rate = in_force(rates, amount.currency, currency, day)
    return None if rate is None else convert(amount, rate)


def _totals(person: str, held: _Sums, allowed: int, currency: str, period: Period) -> PersonTotals:
    return PersonTotals(
        person=person,
        currency=currency,
        claims_allowed=allowed,
        other_costs=held.other_costs,
        won_amount=held.won,
        won_count=held.won_count,
        lost_count=held.lost_count,
        won_amount_before=held.won_before,
        accounts_at_start=len(held.won_before_accounts),
        accounts_kept=len(held.won_before_accounts & held.won_accounts),
        accounts_new=sum(1 for first in held.first_won.values() if first in period),
        scores_count=len(held.scores),
        scores_sum=sum(held.scores),
        scores_square_sum=sum(score * score for score in held.scores),
        months=months_between(period),
    )
