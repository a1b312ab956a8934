"""What people do with budgets: take a plan, carry over, ask for transfers and decide on them.

Each is one transaction of the store, with what the CRM is told of the budgets that moved.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime

from crm_expenses.core.budget import Budget
from crm_expenses.core.budgetplan import NO_TERMS, PlannedBudget
from crm_expenses.core.money import Money
from crm_expenses.core.planimport import PlanImport
from crm_expenses.core.record import Kind
from crm_expenses.core.viewer import SYSTEM
from crm_expenses.errors import ConfigError, MappingError
from crm_expenses.pipeline.job import Job
from crm_expenses.pipeline.turns import budget_writes
from crm_expenses.store import Store
from crm_expenses.store.alerting import AlertRow
from crm_expenses.store.budgets import BudgetWork, Carried
from crm_expenses.store.transfers import TransferRow, TransferView

__all__ = ["AlertRow", "Carried", "TransferRow", "TransferView"]


def plan_known(store: Store, crm: str) -> tuple[PlannedBudget, ...]:
    """Give every budget of the store as a plan has it, with its alerts and carry-over."""
    terms = store.budget_terms(crm, viewer=SYSTEM)
    made = []
    for budget in store.records(crm, Kind.BUDGET, viewer=SYSTEM):
        if isinstance(budget, Budget):
            of = terms.get(budget.id, NO_TERMS)
            made.append(PlannedBudget(budget, of.alerts, of.carry))
    return tuple(made)


def compare_plan(
    job: Job, planned: Sequence[PlannedBudget], *, take_over: bool, at: datetime
) -> PlanImport:
    """Say what a plan would change, and why it may not."""
    with job.store.budget_work(job.adapter.name, at) as work:
        return work.compare(planned, take_over=take_over)


def take_plan(
    job: Job,
    planned: Sequence[PlannedBudget],
    *,
    take_over: bool,
    actor: str,
    said: str,
    at: datetime,
) -> PlanImport:
    """Write a plan into the store, whole or not at all; one that changes nothing writes nothing.

    Raises:
        ConfigError: it may not be taken; carries all that is wrong.
    """
    with _moving(job, at) as work:
        found = work.compare(planned, take_over=take_over)
        if found.problems:
            raise ConfigError.of(found.problems)
        if found.changes:
            work.take(found, actor=actor, said=said)
        return found


def carry(
    job: Job,
    old: str,
    new: str,
    *,
    day: date,
    actor: str,
    at: datetime,
    only_plan: bool,
) -> tuple[Carried, ...]:
    """Carry what is left of one budget into another; of every one that ended, without names.

    Raises:
        ConfigError: no such budget, no rule, or the two do not fit.
    """
    with _moving(job, at, only_plan=only_plan) as work:
        if not old:
            return work.carry_all(day=day, actor=actor, only_plan=only_plan)
        return (work.carry(old, new, day=day, actor=actor, only_plan=only_plan),)


def ask_transfer(
    job: Job, source: str, target: str, amount: str, *, actor: str, said: str, at: datetime
) -> TransferView:
    """Ask for a transfer; `amount` is in the currency of the budget that gives.

    Raises:
        ConfigError: no such budget, no such amount, or nobody who could approve.
    """

    def ask(work: BudgetWork) -> TransferRow:
        currency = work.budget(source).amount.currency
        try:
            money = Money.of(amount, currency)
        except MappingError as error:
            raise ConfigError.of(error.problems) from error
        return work.ask(source, target, money, actor=actor, said=said)

    return _with_transfer(job, ask, at)


def approve_transfer(job: Job, name: str, *, actor: str, at: datetime) -> TransferView:
    """Say yes to a transfer; the last yes makes it.

    Raises:
        ConfigError: it is closed, not for this person to approve, or not enough is left.
    """
    return _with_transfer(job, lambda work: work.approve(name, actor=actor), at)


def refuse_transfer(job: Job, name: str, *, actor: str, said: str, at: datetime) -> TransferView:
    """Say no to a transfer.

    Raises:
        ConfigError: it is closed, or not for this person to refuse.
    """
    return _with_transfer(job, lambda work: work.refuse(name, actor=actor, said=said), at)


def _with_transfer(
    job: Job, act: Callable[[BudgetWork], TransferRow], at: datetime
) -> TransferView:
    with _moving(job, at) as work:
        return work.view(act(work))


@contextmanager
def _moving(job: Job, at: datetime, *, only_plan: bool = False) -> Iterator[BudgetWork]:
    """Give the transaction; at its end the CRM is told of the budgets that moved."""
    with job.store.budget_work(job.adapter.name, at) as work:
        yield work
        if not only_plan:
            moved = (work.moved[name] for name in sorted(work.moved))
            work.work.send(budget_writes(moved))
