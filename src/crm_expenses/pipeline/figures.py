"""From the store to what a report shows."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from crm_expenses.analytics.figures import (
    BudgetFigure,
    FindingFigure,
    Label,
    ReportFigures,
    ReturnFigure,
    SetAsideFigure,
    SpendFigure,
    Totals,
    UncoveredFigure,
    WaitingFigure,
)
from crm_expenses.core.budget import Budget, BudgetPosition, BudgetScope, NoBudget
from crm_expenses.core.budgetforecast import forecast
from crm_expenses.core.budgetindex import BudgetIndex
from crm_expenses.core.calendar import WorkCalendar
from crm_expenses.core.claim import ExpenseLine
from crm_expenses.core.decision import Decision
from crm_expenses.core.finding import Effect
from crm_expenses.core.lifecycle import UNCOUNTED, State
from crm_expenses.core.party import Account, AccountManager
from crm_expenses.core.period import Period
from crm_expenses.core.record import Kind
from crm_expenses.core.roi import person_return
from crm_expenses.core.viewer import SYSTEM
from crm_expenses.errors import Problem
from crm_expenses.messages import LANGUAGES, text
from crm_expenses.pipeline.job import Job
from crm_expenses.pipeline.joined import joined
from crm_expenses.pipeline.returns import person_totals
from crm_expenses.rules.policy import Policy
from crm_expenses.rules.wording import finding_title
from crm_expenses.store import Store
from crm_expenses.store.codec import read_decision
from crm_expenses.store.queries import LiveDecision, SetAsideRow

WAITING_STATES = frozenset({State.IN_APPROVAL, State.WAITING_FOR_CLAIMANT})
SET_ASIDE_SHOWN = 50


@dataclass(frozen=True)
class _Decided:
    """A live decision with the row that it stands in."""

    row: LiveDecision
    decision: Decision


def look_back(as_of: date, months: int) -> Period:
    """Give the period of so many months that ends on a day; it begins on the first of a month.

    >>> look_back(date(2026, 6, 30), 12).start
    datetime.date(2025, 7, 1)
    """
    index = as_of.year * 12 + as_of.month - months
    return Period(date(index // 12, index % 12 + 1, 1), as_of)


def report_figures(job: Job, at: datetime) -> ReportFigures:
    """Gather everything that the report shows, as of a moment."""
    as_of = at.astimezone(job.settings.zone).date()
    period = look_back(as_of, job.settings.months)
    store, crm, policy = job.store, job.adapter.name, job.policy
    people = people_of(store, crm)
    lines = {
        line.id: line
        for line in store.records(crm, Kind.LINE, viewer=SYSTEM)
        if isinstance(line, ExpenseLine)
    }
    every = [
        _Decided(row, read_decision(row.content))
        for row in store.live_decisions(crm, viewer=SYSTEM)
    ]
    inside = [d for d in every if d.row.submitted.date() in period]
    set_aside = store.set_aside(crm, viewer=SYSTEM)
    return ReportFigures(
        company=job.settings.company,
        as_of=as_of,
        period=period,
        currency=policy.currency,
        policy_id=policy.id,
        policy_version=policy.version,
        totals=_totals(inside, len(set_aside)),
        budgets=tuple(_budgets(store, crm, people, as_of, policy.calendar)),
        spend=tuple(_spend(inside, lines, policy)),
        findings=tuple(_findings(inside, policy)),
        waiting=tuple(_waiting(every, people, store.first_steps(crm, viewer=SYSTEM), as_of)),
        returns=return_figures(job, period, people, inside),
        set_aside=tuple(set_aside_figure(row) for row in set_aside[:SET_ASIDE_SHOWN]),
        uncovered=_uncovered(inside, lines, people, budgets_known(store, crm), policy),
    )


def return_figures(
    job: Job,
    period: Period,
    people: Mapping[str, AccountManager],
    decided: Iterable[_Decided],
) -> tuple[ReturnFigure, ...]:
    """Give the return on spending of every account manager."""
    allowed: Counter[str] = Counter()
    for of in decided:
        if of.row.state not in UNCOUNTED:
            allowed[of.row.person] += of.decision.allowed.minor
    allowed += _allowed_beyond(job, period)
    totals = person_totals(
        job.store, job.adapter.name, period=period, currency=job.policy.currency, allowed=allowed
    )
    made = []
    names = names_of(people)
    for total in totals:
        person = people.get(total.person)
        figures = person_return(total, numerator=job.settings.numerator, margin=job.settings.margin)
        team = person.team if person else ""
        made.append(ReturnFigure(names.get(total.person, total.person), team, figures))
    return tuple(made)


def _allowed_beyond(job: Job, period: Period) -> Counter[str]:
    """Give what claims in other CRMs allow people who are linked to some of this one."""
    both = joined(job.store, job.adapter.name)
    allowed: Counter[str] = Counter()
    for crm in both.crms[1:]:
        for row in job.store.live_decisions(crm, viewer=SYSTEM):
            person = both.person(crm, row.person)
            if person is None or row.submitted.date() not in period or row.state in UNCOUNTED:
                continue
            amount = read_decision(row.content).allowed
            if amount.currency == job.policy.currency:
                allowed[person] += amount.minor
    return allowed


def return_rows(job: Job, at: datetime) -> tuple[ReturnFigure, ...]:
    """Give the return figures alone, as of a moment."""
    period = look_back(at.astimezone(job.settings.zone).date(), job.settings.months)
    return return_rows_of(job, period)


def return_rows_of(job: Job, period: Period) -> tuple[ReturnFigure, ...]:
    """Give the return figures of a period alone."""
    crm = job.adapter.name
    people = people_of(job.store, crm)
    decided = [
        _Decided(row, read_decision(row.content))
        for row in job.store.live_decisions(crm, viewer=SYSTEM)
        if row.submitted.date() in period
    ]
    return return_figures(job, period, people, decided)


def _totals(decided: Sequence[_Decided], set_aside: int) -> Totals:
    return Totals(
        claims=len(decided),
        lines=sum(len(of.decision.lines) for of in decided),
        claimed=sum(of.decision.claimed.minor for of in decided),
        allowed=sum(of.decision.allowed.minor for of in decided if of.row.state not in UNCOUNTED),
        set_aside=set_aside,
    )


def budget_figures(
    store: Store, crm: str, as_of: date, *, calendar: WorkCalendar | None = None
) -> tuple[BudgetFigure, ...]:
    """Give where every budget that is in force on a day stands, and how it goes on.

    With a `calendar`, forecasts count its working days.
    """
    return tuple(_budgets(store, crm, people_of(store, crm), as_of, calendar))


def uncovered_figures(job: Job, as_of: date) -> tuple[UncoveredFigure, ...]:
    """Give what was spent without any budget, in the time that the report looks back on."""
    store, crm = job.store, job.adapter.name
    period = look_back(as_of, job.settings.months)
    decided = [
        _Decided(row, read_decision(row.content))
        for row in store.live_decisions(crm, viewer=SYSTEM)
        if row.submitted.date() in period
    ]
    found = store.records(crm, Kind.LINE, viewer=SYSTEM)
    lines = {line.id: line for line in found if isinstance(line, ExpenseLine)}
    known = budgets_known(store, crm)
    return _uncovered(decided, lines, people_of(store, crm), known, job.policy)


def budgets_known(store: Store, crm: str) -> tuple[Budget, ...]:
    """Give every budget that the CRM has, in force or not."""
    return tuple(b for b in store.records(crm, Kind.BUDGET, viewer=SYSTEM) if isinstance(b, Budget))


def people_of(store: Store, crm: str) -> dict[str, AccountManager]:
    """Give the account managers by id, with those that only other CRMs hold and links name."""
    with store.looking(crm) as work:
        return dict(work.reference.people)


def _budgets(
    store: Store,
    crm: str,
    people: Mapping[str, AccountManager],
    as_of: date,
    calendar: WorkCalendar | None,
) -> Iterator[BudgetFigure]:
    names = names_of(people)
    found = store.records(crm, Kind.ACCOUNT, viewer=SYSTEM)
    accounts = {one.id: one.name for one in found if isinstance(one, Account)}
    positions = store.budget_positions(crm, viewer=SYSTEM)
    for budget in budgets_known(store, crm):
        if not budget.start <= as_of <= budget.end:
            continue
        currency = budget.amount.currency
        held = positions.get(budget.id) or BudgetPosition(
            budget.id, currency, allocated=budget.amount.minor
        )
        period = Period(budget.start, budget.end)
        yield BudgetFigure(
            name=budget.name or budget.id,
            owner=owner_name(budget, names, accounts),
            period=period,
            currency=currency,
            allocated=held.allocated,
            committed=held.committed,
            spent=held.spent,
            hard=budget.hard,
            responsible=names.get(budget.responsible, budget.responsible),
            budget=budget.id,
            forecast=forecast(held, period, as_of, calendar=calendar),
        )


def owner_name(budget: Budget, people: Mapping[str, str], accounts: Mapping[str, str]) -> str:
    """Give the name of the person, team or customer of a budget, empty for the company."""
    match budget.scope:
        case BudgetScope.PERSON:
            return people.get(budget.owner, budget.owner)
        case BudgetScope.ACCOUNT:
            return accounts.get(budget.owner) or budget.owner
        case _:
            return budget.owner


def names_of(people: Mapping[str, AccountManager]) -> dict[str, str]:
    """Give what each person is called: their name, with the id where two have the same.

    >>> two = {i: AccountManager(i, "Li Wei") for i in ("P1", "P2")}
    >>> names_of(two | {"P3": AccountManager("P3", "Ann")})
    {'P1': 'Li Wei (P1)', 'P2': 'Li Wei (P2)', 'P3': 'Ann'}
    """
    count = Counter(person.name for person in people.values())
    return {
        key: f"{person.name} ({key})" if count[person.name] > 1 else person.name or key
        for key, person in people.items()
    }


def _spend(
    decided: Iterable[_Decided], lines: Mapping[str, ExpenseLine], policy: Policy
) -> Iterator[SpendFigure]:
    sums: Counter[tuple[date, str]] = Counter()
    for of in decided:
        if of.row.state in UNCOUNTED:
            continue
        for line in of.decision.lines:
            found = lines.get(line.line)
            if found is not None:
                sums[found.date.replace(day=1), found.category] += line.allowed.minor
    for (month, category), allowed in sorted(sums.items()):
        yield SpendFigure(month, category, Label(*policy.title_of(category)), allowed)


def _uncovered(
    decided: Iterable[_Decided],
    lines: Mapping[str, ExpenseLine],
    people: Mapping[str, AccountManager],
    budgets: Sequence[Budget],
    policy: Policy,
) -> tuple[UncoveredFigure, ...]:
    """Sum what no budget covers, by person, category and why."""
    index = BudgetIndex(budgets)
    names = names_of(people)
    count: Counter[tuple[str, str, NoBudget]] = Counter()
    amount: Counter[tuple[str, str, NoBudget]] = Counter()
    for of in decided:
        if of.row.state in UNCOUNTED:
            continue
        owner = people.get(of.row.person)
        for line in of.decision.lines:
            found = lines.get(line.line)
            if found is None or not line.allowed.minor:
                continue
            reason = index.reason(
                person=of.row.person,
                team=owner.team if owner else "",
                category=found.category,
                day=found.date,
                account=found.account,
            )
            if reason is not None:
                key = (of.row.person, found.category, reason)
                count[key] += 1
                amount[key] += line.allowed.minor
    return tuple(
        UncoveredFigure(
            names.get(person, person),
            category,
            Label(*policy.title_of(category)),
            reason,
            count[person, category, reason],
            amount[person, category, reason],
        )
        for person, category, reason in sorted(count)
    )


def _findings(decided: Iterable[_Decided], policy: Policy) -> Iterator[FindingFigure]:
    effects: dict[str, Effect] = {}
    count: Counter[str] = Counter()
    stake: Counter[str] = Counter()
    claims: defaultdict[str, set[str]] = defaultdict(set)
    for of in decided:
        for finding in of.decision.findings:
            effects[finding.code] = finding.declared or finding.effect
            claims[finding.code].add(of.decision.claim)
            stake[finding.code] += of.decision.claimed.minor
        for line in of.decision.lines:
            for finding in line.findings:
                effects[finding.code] = finding.declared or finding.effect
                claims[finding.code].add(of.decision.claim)
                count[finding.code] += 1
                stake[finding.code] += line.claimed.minor if line.claimed else 0
    for code, effect in sorted(effects.items()):
        title = Label(finding_title(policy, code, "en"), finding_title(policy, code, "zh"))
        yield FindingFigure(code, title, effect, count[code], len(claims[code]), stake[code])


def _waiting(
    decided: Iterable[_Decided],
    people: Mapping[str, AccountManager],
    first_steps: Mapping[str, tuple[str, str]],
    as_of: date,
) -> Iterator[WaitingFigure]:
    names = names_of(people)
    for of in decided:
        if of.row.state not in WAITING_STATES:
            continue
        step, approver = first_steps.get(of.row.claim, ("", ""))
        if of.row.state is State.WAITING_FOR_CLAIMANT:
            step, approver = "", of.row.person
        submitted = of.row.submitted.date()
        yield WaitingFigure(
            claim=of.row.claim,
            claimant=names.get(of.row.person, of.row.person),
            waiting_for=names.get(approver, approver),
            step=step,
            submitted=submitted,
            days_waiting=max(0, (as_of - submitted).days),
            allowed=of.decision.allowed.minor,
            outcome=of.decision.outcome,
        )


def set_aside_figure(row: SetAsideRow) -> SetAsideFigure:
    """Give a row that was set aside with its reasons in both languages."""
    problems = [Problem(p["code"], p["values"]) for p in json.loads(row.problems)]
    en, zh = ("; ".join(text(p.code, side, **p.values) for p in problems) for side in LANGUAGES)
    return SetAsideFigure(row.place or row.record, Label(en, zh))
