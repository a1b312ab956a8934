"""Alerts of budgets: looked for where entries were added, kept as notices in one transaction.

Which thresholds were crossed when a budget was looked at last is kept beside it, so that each
crossing is told once, and once when the use goes back below it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, select

from crm_expenses.core.approval import Organisation
from crm_expenses.core.budget import Budget, BudgetPosition, BudgetScope
from crm_expenses.core.budgetalert import BudgetAlert, Direction, alerts, crossed
from crm_expenses.core.budgetplan import NO_TERMS, BudgetTerms
from crm_expenses.core.money import Money
from crm_expenses.core.notice import Notice, NoticeCode
from crm_expenses.core.party import Account, AccountManager
from crm_expenses.core.record import Kind, canonical
from crm_expenses.store import statements as s
from crm_expenses.store import tables as t
from crm_expenses.store.codec import read_as, read_record
from crm_expenses.store.life import tell
from crm_expenses.store.terms import read_terms

CODES: Final = {Direction.UP: NoticeCode.BUDGET_UP, Direction.BACK: NoticeCode.BUDGET_BACK}


@dataclass(frozen=True, slots=True)
class AlertRow:
    """One person's notice of one crossing; `values` are those of the text with its code.

    `person` is empty where nobody is known to be told.
    """

    seq: int
    person: str
    code: str
    budget: str
    values: Mapping[str, str]
    at: str


def look(
    connection: Connection,
    crm: str,
    moved: Mapping[str, BudgetPosition],
    *,
    budgets: Mapping[str, Budget],
    people: Mapping[str, AccountManager],
    at: datetime,
) -> tuple[BudgetAlert, ...]:
    """Tell the crossings of budgets that moved, and keep which thresholds are crossed now.

    A budget of which no record is known any more is passed over.
    """
    names = sorted(moved.keys() & budgets.keys())
    if not names:
        return ()
    terms, before = _watched(connection, crm, names)
    now = {n: crossed(moved[n], terms.get(n, NO_TERMS).alerts) for n in names}
    changed = [n for n in names if now[n] != before.get(n, frozenset())]
    if not changed:
        return ()
    owners = {budgets[n].owner for n in changed if budgets[n].scope is BudgetScope.ACCOUNT}
    accounts = _accounts(connection, crm, owners)
    organisation = Organisation(people, {})
    told = tuple(
        alert
        for n in changed
        for alert in alerts(
            budgets[n],
            before.get(n, frozenset()),
            moved[n],
            organisation=organisation,
            accounts=accounts,
            thresholds=terms.get(n, NO_TERMS).alerts,
        )
    )
    _keep_crossed(connection, crm, {n: now[n] for n in changed})
    notices = [_notice(one, person) for one in told for person in one.recipients or ("",)]
    tell(connection, crm, notices, at)
    return told


def alerts_since(connection: Connection, crm: str, seq: int) -> Iterator[AlertRow]:
    """Give the notices of crossings after a number, oldest first."""
    where = (t.notice.c.crm == crm) & t.notice.c.code.in_(CODES.values()) & (t.notice.c.seq > seq)
    for row in connection.execute(select(t.notice).where(where).order_by(t.notice.c.seq)):
        values: dict[str, str] = read_as(dict[str, str], row.content)
        yield AlertRow(row.seq, row.person, row.code, row.subject, values, row.at)


def _watched(
    connection: Connection, crm: str, names: list[str]
) -> tuple[dict[str, BudgetTerms], dict[str, frozenset[int]]]:
    """Give the terms of budgets, and the thresholds that were crossed before."""
    terms: dict[str, BudgetTerms] = {}
    before: dict[str, frozenset[int]] = {}
    for some in s.portions(names):
        for row in connection.execute(s.WATCHED, {"of_crm": crm, "of_names": some}):
            if row.what == "terms":
                terms[row.budget] = read_terms(row.content)
            else:
                before[row.budget] = frozenset(read_as(tuple[int, ...], row.content))
    return terms, before


def _accounts(connection: Connection, crm: str, names: set[str]) -> dict[str, Account]:
    of = {"of_crm": crm, "of_kind": Kind.ACCOUNT.value}
    read = (
        read_record(Kind.ACCOUNT, row.content)
        for some in s.portions(names)
        for row in connection.execute(s.RECORDS, of | {"of_names": some})
    )
    return {one.id: one for one in read if isinstance(one, Account)}


def _keep_crossed(connection: Connection, crm: str, now: Mapping[str, frozenset[int]]) -> None:
    for names in s.portions(now):
        connection.execute(s.NOT_CROSSED, {"of_crm": crm, "of_names": names})
    connection.execute(
        s.ADD_CROSSED,
        [
            {"crm": crm, "budget": name, "content": canonical(sorted(found))}
            for name, found in sorted(now.items())
        ],
    )


def _notice(alert: BudgetAlert, person: str) -> Notice:
    at = alert.position
    used, allocated = (
        Money(minor, at.currency) for minor in (at.committed + at.spent, at.allocated)
    )
    values = (
        ("budget", alert.budget),
        ("threshold", str(alert.crossing.threshold)),
        ("used", f"{used.amount:f}"),
        ("allocated", f"{allocated.amount:f}"),
        ("currency", at.currency),
    )
    return Notice(person, CODES[alert.crossing.direction], alert.budget, values)
