"""The terms of budgets: when to alert, what is carried over, and whose budget it is.

They are rewritten by each plan. The log holds the digest of all of them after each plan, so that
those that are kept can be compared with the last one.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, delete, select

from crm_expenses.core.budgetplan import BudgetTerms
from crm_expenses.core.record import canonical, digest
from crm_expenses.store import statements as s
from crm_expenses.store import tables as t
from crm_expenses.store.codec import read_as


def terms_of(connection: Connection, crm: str, budgets: Sequence[str]) -> dict[str, BudgetTerms]:
    """Give the terms of some budgets; those of which no plan said anything are left out."""
    return {
        row.budget: read_terms(row.content)
        for names in s.portions(budgets)
        for row in connection.execute(s.TERMS, {"of_crm": crm, "of_names": names})
    }


def all_terms(connection: Connection, crm: str) -> dict[str, BudgetTerms]:
    """Give the terms of every budget of which a plan said something, by id."""
    return {row.budget: read_terms(row.content) for row in _rows(connection, crm)}


def read_terms(content: str) -> BudgetTerms:
    """Read terms as they are kept."""
    read: BudgetTerms = read_as(BudgetTerms, content)
    return read


def keep_terms(connection: Connection, crm: str, terms: Mapping[str, BudgetTerms]) -> None:
    """Put terms in the place of earlier ones."""
    for names in s.portions(terms):
        theirs = (t.budget_terms.c.crm == crm) & t.budget_terms.c.budget.in_(names)
        connection.execute(delete(t.budget_terms).where(theirs))
    rows = [
        {"crm": crm, "budget": budget, "content": canonical(one)}
        for budget, one in sorted(terms.items())
    ]
    if rows:
        connection.execute(t.budget_terms.insert(), rows)


def terms_digest(connection: Connection, crm: str) -> str:
    """Give what the log says of all terms as they are now."""
    return digest([[row.budget, row.content] for row in _rows(connection, crm)])


def crms_with_terms(connection: Connection) -> set[str]:
    """Give the CRMs of whose budgets terms are kept."""
    return set(connection.execute(select(t.budget_terms.c.crm).distinct()).scalars())


def _rows(connection: Connection, crm: str) -> Sequence[Any]:
    of = select(t.budget_terms).where(t.budget_terms.c.crm == crm)
    return connection.execute(of.order_by(t.budget_terms.c.budget)).all()
