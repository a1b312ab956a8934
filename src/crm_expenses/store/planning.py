"""A plan of budgets written into the store: its budgets, their terms, and an entry in the log.

All in the caller's transaction. The budgets come through the same door as those of the CRM, with
the plan's file and row as their origin, so that allocations and alerts follow alike.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from crm_expenses.core.budget import Budget
from crm_expenses.core.origin import Origin
from crm_expenses.core.planimport import PlanImport
from crm_expenses.core.record import Kind, Record
from crm_expenses.errors import ConfigError
from crm_expenses.store import statements as s
from crm_expenses.store.alerting import look
from crm_expenses.store.append import append_planned, demand_kept
from crm_expenses.store.factreader import Reference, read_reference
from crm_expenses.store.keeping import SAID_MAX, shown
from crm_expenses.store.ledger import positions
from crm_expenses.store.log import write_log
from crm_expenses.store.terms import keep_terms, terms_digest

PLAN = "plan"
"""What is done in the log when terms are written."""


@dataclass(frozen=True, slots=True)
class _Planned:
    record: Record
    origin: Origin


def write_plan(
    connection: Connection,
    crm: str,
    found: PlanImport,
    *,
    actor: str,
    said: str,
    at: datetime,
) -> Reference:
    """Write what a plan changes; give the budgets as they are then.

    Raises:
        ConfigError: it may not be taken, or some of it cannot be kept; then nothing is written.
    """
    if found.problems:
        raise ConfigError.of(found.problems)
    budgets = [change.after.budget for change in found.changes]
    held = [change.after.budget.id for change in found.changes if change.before is not None]
    versions = _versions(connection, crm, held)
    kept = demand_kept(
        [
            _Planned(of, Origin(crm, of.id, change.after.place, versions.get(of.id, "")))
            for of, change in zip(budgets, found.changes, strict=True)
        ]
    )
    # Terms first, so that an amount that changes with them is looked at once, by the new ones.
    keep_terms(connection, crm, {c.after.budget.id: c.terms for c in found.changes})
    append_planned(connection, crm, kept, at, actor=actor)
    write_log(
        connection,
        at=at,
        actor=actor,
        action=PLAN,
        subject=f"{crm}/{PLAN}",
        content=terms_digest(connection, crm),
        said=shown(said, SAID_MAX),
    )
    known = read_reference(connection, crm, None)
    _look_again(connection, crm, known, [budget.id for budget in budgets], at)
    return known


def _look_again(
    connection: Connection, crm: str, known: Reference, names: list[str], at: datetime
) -> None:
    """Tell what crosses the new thresholds, or no longer crosses one that is not asked for."""
    held: Mapping[str, Budget] = known.budgets
    moved = {
        name: position
        for some in s.portions(names)
        for name, position in positions(connection, crm, some).items()
    }
    look(connection, crm, moved, budgets=held, people=known.people, at=at)


def _versions(connection: Connection, crm: str, names: list[str]) -> dict[str, str]:
    """Give the CRM's own marks of the records, which a plan leaves as they are."""
    of = {"of_crm": crm, "of_kind": Kind.BUDGET.value}
    return {
        row.id: row.version
        for some in s.portions(names)
        for row in connection.execute(s.HELD, of | {"of_names": some})
    }
