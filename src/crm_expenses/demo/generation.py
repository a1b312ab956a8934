"""The whole made-up company from a seed and a day: a pure function."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from crm_expenses.core.budget import Budget
from crm_expenses.core.claim import Claim, ExpenseLine
from crm_expenses.core.opportunity import Opportunity
from crm_expenses.core.party import Account, AccountManager, PersonCost, SatisfactionScore
from crm_expenses.core.rates import Rate
from crm_expenses.core.voucher import Voucher
from crm_expenses.demo.chance import stream
from crm_expenses.demo.company import SEED, SPENDERS, TODAY, make_accounts, make_people
from crm_expenses.demo.damage import (
    DamagedRow,
    damaged_lines,
    damaged_others,
    with_formula_cells,
    with_unsafe_names,
)
from crm_expenses.demo.deals import (
    make_budgets,
    make_costs,
    make_opportunities,
    make_rates,
    make_satisfaction,
    with_first_wins,
)
from crm_expenses.demo.faults import FaultKind, PlantedFault, plant
from crm_expenses.demo.spending import make_spending


@dataclass(frozen=True, slots=True)
class Company:
    """All records that can be read, the rows that cannot, and the list of what was planted.

    `damaged` rows are written among the good ones; `faults` names theirs too.
    """

    seed: int
    today: date
    people: tuple[AccountManager, ...]
    accounts: tuple[Account, ...]
    opportunities: tuple[Opportunity, ...]
    satisfaction: tuple[SatisfactionScore, ...]
    costs: tuple[PersonCost, ...]
    rates: tuple[Rate, ...]
    budgets: tuple[Budget, ...]
    vouchers: tuple[Voucher, ...]
    claims: tuple[Claim, ...]
    lines: tuple[ExpenseLine, ...]
    damaged: tuple[DamagedRow, ...]
    faults: tuple[PlantedFault, ...]

    def fault_counts(self) -> Mapping[FaultKind, int]:
        """Count the planted faults by kind, in the order in which the kinds are defined."""
        counts = Counter(fault.kind for fault in self.faults)
        return {kind: counts[kind] for kind in FaultKind}


def generate(seed: int = SEED, today: date = TODAY) -> Company:
    """Make the company as it stands on `today`; the same for the same seed, on every machine.

    >>> company = generate()
    >>> len(company.people), len(company.accounts)
    (38, 120)
    """
    people = make_people(stream(seed, "people"), today)
    named = make_accounts(stream(seed, "accounts"), people, today)
    prospects, unsafe = with_unsafe_names(named)
    rates = make_rates(stream(seed, "rates"), today)
    deals = make_opportunities(stream(seed, "opportunities"), prospects, people, today)
    accounts = with_first_wins(prospects, deals)
    scores = make_satisfaction(stream(seed, "satisfaction"), accounts, today)
    costs = make_costs(stream(seed, "costs"), people, today)
    spenders = [person for person in people if person.id in SPENDERS]
    clean = make_spending(stream(seed, "spending"), spenders, accounts, deals, rates, today)
    faulty, faults = plant(stream(seed, "faults"), clean, people, today)
    avoid = frozenset(fault.record for fault in faults)
    spending, formulas = with_formula_cells(stream(seed, "formulas"), faulty, avoid)
    damaged = damaged_lines(stream(seed, "damage"), spending)
    damaged += damaged_others(
        spending=spending,
        account=accounts[40],
        deals=(deals[100], deals[700]),
        score=scores[50],
        rate=rates[20],
        cost=costs[60],
    )
    return Company(
        seed=seed,
        today=today,
        people=people,
        accounts=accounts,
        opportunities=deals,
        satisfaction=scores,
        costs=costs,
        rates=rates,
        budgets=make_budgets(
            stream(seed, "budgets"), people, spending.claims, spending.lines, rates, today
        ),
        vouchers=spending.vouchers,
        claims=spending.claims,
        lines=spending.lines,
        damaged=tuple(damaged),
        faults=(*faults, *unsafe, *formulas, *(row.fault for row in damaged)),
    )
